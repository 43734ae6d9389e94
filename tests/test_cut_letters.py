"""Letters that have lost pages or lines: none is `ok`, except where they read as a whole shorter letter."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from imrllm.documents import Document, read_documents
from imrllm.letter import read_letter
from imrllm.pipeline.results import read_without_model

EVALS = Path(__file__).parent.parent / "evals"
# Public letters are not shipped: they are read where they are at hand.
PUBLIC = Path(__file__).parent.parent.parent / "shared" / "determinations" / "dwc"
GAP = re.compile(r"\n[^\S\n]*\n\s*")


@cache
def ten_letters(name: str) -> tuple[Document, ...]:
    folder = PUBLIC if name == "public" else EVALS / name / "letters"
    if not folder.is_dir():
        pytest.skip(f"the letters of {folder.name} are not at hand")
    found = [each for each in read_documents(folder) if isinstance(each, Document)]
    # Every fourth letter, from those with most items: they have most places to be cut at.
    return tuple(sorted(found, key=lambda each: (-each.text.count("Decision rationale"), each.id)))[::4][:10]


def status(text: str) -> str:
    return read_without_model(Document.from_text(text, "cut")).status


@pytest.mark.parametrize("name", ["written", "wordings", "public"])
def test_no_prefix_is_ok_unless_it_is_a_shorter_letter(name: str) -> None:
    between: list[bool] = []
    for letter in ten_letters(name):
        whole = read_letter(letter.text)
        starts = [whole.folded.source_offset(item.heading[0]) for item in whole.items[1:] if item.heading]
        cuts = {found.end() for found in GAP.finditer(letter.text)} | set(starts)
        for cut in sorted(cuts):
            if not letter.text[:cut].strip() or not letter.text[cut:].strip():
                continue
            is_ok = status(letter.text[:cut]) == "ok"
            if any(cut <= start <= cut + 3 for start in starts):
                between.append(is_ok)
            else:
                assert not is_ok, (letter.id, cut)
    # Cut exactly between two items, a letter reads as a whole one; only a summary that names the rest can tell.
    assert between
    assert sum(between) / len(between) <= SHARE[name]


# The share of cuts between items that nothing tells, as measured: it may only fall.
SHARE = {"written": 6 / 23, "wordings": 23 / 29, "public": 17 / 26}


@pytest.mark.parametrize("name", ["written", "wordings", "public"])
def test_no_suffix_is_ok_unless_it_lacks_the_header_alone(name: str) -> None:
    for letter in ten_letters(name)[:5]:
        for found in GAP.finditer(letter.text):
            rest = letter.text[found.end() :]
            if rest.strip() and letter.text[: found.end()].strip() and status(rest) == "ok":
                assert rest.startswith("HOW THE IMR FINAL DETERMINATION WAS MADE"), (letter.id, found.end())
