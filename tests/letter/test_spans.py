"""Every span of a letter indexes its source exactly, whatever stands in the parts and however they are laid out."""

from __future__ import annotations

import contextlib
import itertools
import re
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imrllm.documents import fold
from imrllm.errors import NotALetterError
from imrllm.letter import read_letter
from imrllm.spans import FoldedSpan
from tests.letters import LAYOUTS, NORCO_PLAIN, SUMMARY, THREE, Item, Period, letter

WORDS = [
    "the",
    "pain",
    "10/325mg",
    "#30",
    "L5-S1",
    "“plain”",
    "isn’t",
    "(right)",
    "x 6",
    "Norco",
    "—",
    "2.5%",
    "§",
    "é",
]
# A rationale's words, ended as sentences are; a heading has no sentence of its own.
phrases = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join)
sentences = st.lists(phrases.map(lambda words: f"It was said that {words} did."), min_size=1, max_size=4).map(" ".join)
items = st.builds(
    Item,
    heading=phrases.map(lambda words: f"Treatment {words} end"),
    outcome=st.sampled_from(["Upheld", "Overturned"]),
    administrator=st.none() | sentences,
    maximus=st.none() | sentences,
    rationale=sentences,
)


@settings(max_examples=60)
@given(
    # Items that share one heading are taken for an outcome's label: such a letter is refused.
    items=st.lists(items, min_size=1, max_size=5, unique_by=lambda item: item.heading),
    summary=sentences,
    period=st.sampled_from(["2014", "2016"]),
    layout=st.sampled_from([name for name in LAYOUTS if name != "one line"]),
)
def test_every_part_is_found_at_its_source_span(items: list[Item], summary: str, period: Period, layout: str) -> None:
    text = letter(*items, period=period, summary=summary, layout=LAYOUTS[layout])
    parts = read_letter(text)

    def source(span: FoldedSpan | None) -> str | None:
        if span is None:
            return None
        start, end = parts.folded.source_span(span)
        return re.sub(r"\s+", " ", text[start:end])

    assert source(parts.summary) == summary
    assert len(parts.items) == len(items)
    for found, written in zip(parts.items, items, strict=True):
        assert source(found.heading) == written.heading
        assert source(found.outcome) == written.outcome
        assert source(found.claims_administrator) == written.administrator
        assert source(found.reviewer_basis) == written.maximus
        assert source(found.rationale) == written.rationale


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("period", ["2013", "2014", "2016"])
def test_parts_stand_in_order_and_do_not_overlap(period: Period, layout: str) -> None:
    parts = read_letter(letter(*THREE, period=period, layout=layout))  # type: ignore[arg-type]
    spans: list[FoldedSpan] = [span for span in (parts.credentials, parts.summary) if span]
    for item in parts.items:
        if period != "2013":  # its headings stand on the first page
            spans += [item.heading, item.outcome]
        spans += [span for span in (item.claims_administrator, item.reviewer_basis, item.rationale) if span]
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(spans))
    assert all(0 <= start < end <= len(parts.folded.text) for start, end in spans)


def test_the_folded_text_is_that_of_the_source() -> None:
    text = letter(*THREE)
    assert read_letter(text).folded == fold(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" " * 1_000_000, "a run of spaces: each tried as the start of a break"),
        (" \n" * 300_000, "nothing but breaks"),
        (": Upheld " * 50_000, "outcomes without labels"),
        ("1) the request for " * 5_000, "2013's sentence begun again and again"),
        (f"1) the request for {'a' * 390} " * 1_000, "and of the length that it may have"),
        ("CLINICAL CASE SUMMARY " * 20_000, "section headings"),
        ("Claims Administrator guideline: " * 20_000, "labels"),
        (letter(replace(NORCO_PLAIN, rationale="It is so. " * 40_000)), "a rationale of sentences"),
        (letter(NORCO_PLAIN, summary=SUMMARY.replace(". ", "." + "\n\n" * 100_000)), "a summary of breaks"),
        (letter(NORCO_PLAIN).replace("No gain", "No" + " " * 1_000_000 + "gain"), "spaces inside a letter"),
    ],
)
def test_time_is_linear_in_the_text(text: str, reason: str) -> None:
    started = time.monotonic()
    with contextlib.suppress(NotALetterError):
        read_letter(text)
    assert time.monotonic() - started < 5, reason
