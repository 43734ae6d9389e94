"""Several letters in one file: cut where one begins, and nowhere else."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from imrllm.documents import Document, Shard, Unreadable, read_documents
from imrllm.letter import letter_starts
from tests.letters import HEADER, LAYOUTS, NORCO_PLAIN, THREE, letter

FORMS = {"2016": letter(*THREE), "2014": letter(NORCO_PLAIN, period="2014"), "2013": letter(*THREE, period="2013")}
OTHER = letter(NORCO_PLAIN).replace("CM16-9900123", "CM17-9900456")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("forms", [(a, b) for a in FORMS for b in FORMS], ids="-".join)
def test_two_letters_are_cut_at_the_second(forms: tuple[str, str], layout: str) -> None:
    first, second = (letter(*THREE, period=form, layout=LAYOUTS[layout]) for form in forms)
    assert letter_starts(first + second) == (len(first),)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("form", FORMS)
def test_one_letter_is_never_cut(form: str, layout: str) -> None:
    assert letter_starts(letter(*THREE, period=form, layout=LAYOUTS[layout])) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no letter"),
        (HEADER + "\n\n" + FORMS["2016"], "its header twice, as where a cover page has it too"),
        (FORMS["2016"] + "\n" + HEADER, "a header alone after it"),
        (FORMS["2016"] + "\nHOW THE IMR FINAL DETERMINATION WAS MADE is told above.", "the heading quoted"),
        (FORMS["2016"].partition("CLINICAL")[0] + FORMS["2016"], "a first page twice: nothing is decided between"),
        (FORMS["2013"].partition("Medical Qual")[0] + FORMS["2013"], "the same, of 2013"),
    ],
)
def test_in_doubt_it_is_one(text: str, reason: str) -> None:
    assert letter_starts(text) == (), reason


def test_a_letterhead_belongs_to_the_letter_below_it() -> None:
    first = FORMS["2016"]
    text = f"{first}A letterhead\nof nobody's\n\n{OTHER}"
    assert letter_starts(text, (len(first),)) == (len(first),)
    goes_on = f"{first}and ends on the next page.\n\n{OTHER}"
    assert letter_starts(goes_on, (len(first),)) == (goes_on.rindex("Case Number"),)


def test_the_written_letters(repository: Path) -> None:
    letters = [each for each in read_documents([repository / "evals/written/letters"]) if isinstance(each, Document)]
    assert [each.id for each in letters if letter_starts(each.text)] == []
    for first, second in permutations(letters[::5], 2):
        (start,) = letter_starts(f"{first.text}\n{second.text}")
        assert start == len(first.text) + 1 or not f"{first.text}\n{second.text}"[len(first.text) : start].strip()


def test_letters_of_one_file_are_documents_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "both.txt"
    path.write_text(FORMS["2016"] + OTHER)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "both.txt").write_text(OTHER)
    inputs = [path, tmp_path / "one", path]
    documents = list(read_documents(inputs, letter_starts=letter_starts))
    assert [each.id for each in documents] == ["both#1", "both#2", "both~2", "both~3#1", "both~3#2"]
    assert not any(isinstance(each, Unreadable) for each in documents)
    assert [each.text for each in documents if isinstance(each, Document)][:2] == [FORMS["2016"], OTHER]
    assert documents[1].source == f"{path}#2"
    assert documents[0].sha256 != documents[1].sha256
    parts = [
        each for part in (1, 2, 3) for each in read_documents(inputs, letter_starts=letter_starts, shard=Shard(part, 3))
    ]
    assert sorted(each.id for each in parts) == sorted(each.id for each in documents)
