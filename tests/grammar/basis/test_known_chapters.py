"""Facts on chapters: every name has its subject and its years, however it is printed, and nothing else has."""

from __future__ import annotations

import pytest

from imrllm.grammar.basis.basis import read_basis
from imrllm.grammar.basis.chapters import is_known
from imrllm.grammar.basis.known_chapters import KNOWN_CHAPTERS, KnownChapter, known_years, subject_of
from tests.grammar.folded import part


@pytest.mark.parametrize("chapter", KNOWN_CHAPTERS, ids=lambda chapter: chapter.name)
def test_every_chapter_is_read_with_each_of_its_years(chapter: KnownChapter) -> None:
    assert subject_of(chapter.name) == chapter.subject
    assert chapter.years <= known_years(chapter.name)
    for year in sorted(chapter.years) or (2018,):
        assert is_known(chapter.name, year)
        text = f"Decision based on MTUS {chapter.name} {year}, Section(s): Ice, Heat, and {chapter.name} {year}."
        cited = read_basis(part(text)).basis.value.citations
        assert [(each.chapter, each.year, each.sections) for each in cited] == [
            (chapter.name, year, ("Ice", "Heat")),
            (chapter.name, year, ()),
        ]


@pytest.mark.parametrize("first", KNOWN_CHAPTERS, ids=lambda chapter: chapter.name)
def test_two_chapters_do_not_mix(first: KnownChapter) -> None:
    for second in KNOWN_CHAPTERS:
        text = f"Decision based on MTUS {first.name} 2019, Section(s): Ice; {second.name} 2020, Section(s): Heat."
        cited = read_basis(part(text)).basis.value.citations
        assert [(each.chapter, each.year, each.sections) for each in cited] == [
            (first.name, 2019, ("Ice",)),
            (second.name, 2020, ("Heat",)),
        ]


@pytest.mark.parametrize(
    ("printed", "subject", "reason"),
    [
        ("Low Back Complaints", "low back", "of the old MTUS"),
        ("Low Back Disorders", "low back", "of 2017: the same subject"),
        ("Low Back", "low back", "a lost word"),
        ("Low Back Compliants", "low back", "two letters swapped"),
        ("ACOEM Practice Guidelines, Chapter 12: Low Back Complaints", "low back", "with ACOEM's name and its number"),
        ("Neck and Upper Back Complaints", "cervical and thoracic spine", "renamed"),
        ("Thoracic & Cervical Spine Disorder", "cervical and thoracic spine", "order, ampersand and singular"),
        ("Hand/Wrist/Forearm Disorders", "hand wrist and forearm", "slashes"),
        ("Stress-Related Conditions", "workplace mental health", "renamed"),
        ("Workplace Mental Health - Depressive Disorders", "workplace mental health", "a dash"),
        ("Initial Approaches to Treatment", "general approaches", "one section of the regulation"),
        ("Opioid Treatment", "opioids", "of 2016"),
        ("Post-surgical Treatment Guidelines", "postsurgical treatment", "a hyphen"),
        ("MTUS Drug List", "drug formulary", "with the schedule's name"),
        ("Drug Test", None, "two letters from Drug List"),
        ("Tooth Disorders", None, "no chapter"),
        ("Neck Disorders", None, "three letters from Knee Disorders"),
        ("Low Back Complaints and Others", None, "more than a name"),
        ("Pain", None, "a chapter of ODG"),
        ("Treatment", None, "a word of many names"),
        ("", None, "nothing"),
        ("Opioids " * 40, None, "no name is as long"),
    ],
)
def test_subject_of(printed: str, subject: str | None, reason: str) -> None:
    assert subject_of(printed) == subject, reason


def test_known_years() -> None:
    assert known_years("Low Back Disorders") == {2016, 2019, 2020}
    assert known_years("Low Back") == {2004, 2016, 2019, 2020}, "either chapter may be meant"
    assert known_years("Drug Formulary") == frozenset(), "any may be"
    assert known_years("Tooth Disorders") == frozenset(), "no chapter"
