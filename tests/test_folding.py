"""Folding: what it changes, and that every offset leads back to the character it stands for."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imrllm.documents import fold
from imrllm.folding import caseless, lowered
from imrllm.spans import FoldedSpan

LAYOUT = " \t\n\r\x0b\x0c\x1c\x85\u00a0\u2003\u2028\u2029\u3000"
INVISIBLE = "".join(
    chr(code)
    for first, last in [
        (0x00, 0x08), (0x0E, 0x1B), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E),
        (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2064), (0x2066, 0x206F), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
        (0xFFF9, 0xFFFB), (0xE0000, 0xE007F), (0xE0100, 0xE01EF),
    ]
    for code in range(first, last + 1)
)  # fmt: skip
PRINTED_OTHERWISE = "\u2018\u2019\u201c\u201d\u00ab\u00bb\u2010\u2013\u2014\u2212\u00d7\uff1a"
# Letters as pypdf prints them are plain; what is dense here are the characters that folding touches.
texts = st.text(st.one_of(st.sampled_from(LAYOUT + INVISIBLE + PRINTED_OTHERWISE + "-ab1."), st.characters()))


@pytest.mark.parametrize(
    ("text", "folded", "reason"),
    [
        ("Norco 10/325mg #45", "Norco 10/325mg #45", "plain text stays"),
        ("Claims\n\nAdministrator  guideline:", "Claims Administrator guideline:", "line ends and runs of spaces"),
        ("Electro-\ndiagnostic", "Electro-diagnostic", "a hyphen at a line's end joins its halves"),
        ("Electro- \r\n  diagnostic", "Electro-diagnostic", "also with spaces and a carriage return around the end"),
        ("Electro-\n\x0cdiagnostic", "Electro-diagnostic", "also over a page break"),
        ("shoulder -\nleft", "shoulder - left", "a dash set off by a space is no hyphen"),
        ("pain \u2013\nchronic", "pain - chronic", "a long dash joins nothing"),
        ("as follows:\n- one\n- two", "as follows: - one - two", "a list's dash joins nothing"),
        ("Medi\u00adcation", "Medication", "a soft hyphen prints nothing"),
        ("a\u200b\n b", "a b", "nothing invisible is left in a run"),
        ("a\x1b\x07\x9bb", "ab", "a control character steers a terminal and prints nothing"),
        ("a\u061c\u202eb\u2069", "ab", "nor does a mark of the writing direction"),
        ("a\U000e0041\U000e0042\ufe0fb", "ab", "tags and selectors hide text that a model reads"),
        ("a\u00a0b", "a b", "a no-break space is a space"),
        ("\u201cUpheld\u201d isn\u2019t 2\u00d73", '"Upheld" isn\'t 2x3', "plain quotes and signs"),
        ("", "", "nothing"),
        (" \n ", " ", "white space alone"),
    ],
)
def test_folded_text(text: str, folded: str, reason: str) -> None:
    assert fold(text).text == folded, reason


def test_printed_keeps_the_characters() -> None:
    folded = fold("\u201cUp\u2013held\u201d\n isn\u2019t")
    assert folded.printed == "\u201cUp\u2013held\u201d isn\u2019t"
    assert folded.text == '"Up-held" isn\'t'


@given(texts)
def test_one_line_without_double_spaces_or_invisible_characters(text: str) -> None:
    folded = fold(text)
    for line in (folded.text, folded.printed):
        assert len(line.splitlines()) <= 1
        assert not line.endswith(tuple("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))
        assert "  " not in line
        assert all(character == " " or not character.isspace() for character in line)
        assert not set(line) & set(INVISIBLE)


@given(texts)
def test_both_texts_have_one_offset(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.printed)


@given(texts)
def test_every_character_maps_back_to_itself(text: str) -> None:
    folded = fold(text)
    offsets = [folded.source_offset(offset) for offset in range(len(folded.printed))]
    assert offsets == sorted(set(offsets)), "offsets rise strictly"
    for character, offset in zip(folded.printed, offsets, strict=True):
        if character == " ":
            # The space stands for a run, which may begin with a character that prints nothing.
            assert re.match(rf"[\s{INVISIBLE}]", text[offset])
        else:
            assert text[offset] == character


@given(texts, st.data())
def test_a_span_maps_to_the_source_that_folds_to_it(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    visible = [offset for offset, character in enumerate(folded.printed) if character != " "]
    if not visible:
        return
    start, last = sorted((data.draw(st.sampled_from(visible)), data.draw(st.sampled_from(visible))))
    source_start, source_end = folded.source_span(FoldedSpan((start, last + 1)))
    assert 0 <= source_start < source_end <= len(text)
    assert text[source_start] == folded.printed[start]
    assert text[source_end - 1] == folded.printed[last]
    assert fold(text[source_start:source_end]).printed == folded.printed[start : last + 1]


@given(texts)
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once.text).text == once.text
    assert fold(once.printed).printed == once.printed


@given(st.lists(st.text("abcdefgh123.#/", min_size=1), min_size=3), st.data())
def test_a_planted_word_is_found_where_it_stands(words: list[str], data: st.DataObject) -> None:
    # Words of a letter, with any layout between them: the offset map is exact for each.
    gaps = st.text(LAYOUT, min_size=1, max_size=4)
    text, spans = "", []
    for word in words:
        text += data.draw(gaps)
        spans.append((len(text), len(text) + len(word)))
        text += word
    folded = fold(text)
    at = 1
    for word, span in zip(words, spans, strict=True):
        assert folded.text[at : at + len(word)] == word
        assert folded.source_span(FoldedSpan((at, at + len(word)))) == span
        at += len(word) + 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(" " * 300_000 + "x", id="one run of spaces"),
        pytest.param("-" + "\t" * 300_000, id="a hyphen and a run that no line end follows"),
        pytest.param("a- " * 100_000, id="hyphens that no line end follows"),
        pytest.param("a-" + " \n" * 150_000, id="a hyphen and line ends that no word follows"),
        pytest.param("a-\n " * 100_000, id="hyphens and line ends in turn"),
        pytest.param("\u200b\u00ad" * 150_000, id="nothing visible"),
    ],
)
def test_folding_takes_time_in_proportion_to_its_text(text: str) -> None:
    start = time.perf_counter()
    fold(text)
    assert time.perf_counter() - start < 2, "quadratic folding of these takes minutes"


@pytest.mark.parametrize(
    ("source", "text", "reason"),
    [
        (r"\bUR\b|non-?certif\w*", "UR: Non-Certified by ur", "capitals of the pattern and of the text"),
        (r"\SAB\B", "xABc xab", "an escape in capitals stays"),
        (r"(?P<name>[A-Z]{2})\s?X", "mr x, MRX", "a class, and a group's name"),
        (r"caf\w", "CAFÉ and café", "letters of other alphabets"),
    ],
)
def test_a_caseless_pattern_finds_what_one_that_ignores_case_finds(source: str, text: str, reason: str) -> None:
    expected = [found.span() for found in re.finditer(source, text, re.IGNORECASE)]
    assert [found.span() for found in caseless(source).finditer(lowered(text))] == expected != [], reason


@pytest.mark.parametrize("source", ["a(?-i:May)", "(?i)a", "(?si:a)"])
def test_a_caseless_pattern_has_no_part_in_its_own_case(source: str) -> None:
    with pytest.raises(ValueError, match="own case"):
        caseless(source)
