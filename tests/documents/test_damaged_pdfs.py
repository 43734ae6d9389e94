"""A corpus of damaged PDFs, made anew for each run from a seed: none is read as another text."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from imrllm.documents.pdf import intact_text, pdf_text
from imrllm.errors import DocumentError
from tests.documents.conftest import MakePdf
from tests.documents.damage import DAMAGES
from tests.documents.published import published

PAGES = (
    """Case Number: CM16-9900123
Date Assigned: 01/02/2016

Each of these lines is a line of a letter that was made
for the tests; it ends with a full stop, or with a well-
known word.

DECISION
Not medically necessary.""",
    """The second page says that 12 visits are 12 visits.
It has (brackets), a back\\slash, and an end.""",
)
EACH = 100


@pytest.fixture(scope="module")
def files(make_pdf: MakePdf) -> dict[str, bytes]:
    """The structure that is known, encrypted and not; and that of another program, which pypdf judges."""
    return {
        "published": published(PAGES),
        "decrypted": published(PAGES, encrypted=False),
        "other": make_pdf(PAGES),
    }


@pytest.mark.parametrize("kind", DAMAGES)
@pytest.mark.parametrize("made", ["published", "decrypted"])
def test_no_damage_passes_as_intact_with_another_text(files: dict[str, bytes], made: str, kind: str) -> None:
    data = files[made]
    whole = intact_text(data)
    for number in range(EACH):
        text = intact_text(DAMAGES[kind](data, random.Random(f"{kind} {number}")))
        assert text is None or text == whole, number


def outcomes(data: bytes, kind: str, count: int) -> Counter[str]:
    words = pdf_text(data, name="a.pdf").text.split()
    counted = Counter[str]()
    for number in range(count):
        damaged = DAMAGES[kind](data, random.Random(f"{kind} {number}"))
        try:
            counted["same" if pdf_text(damaged, name="a.pdf").text.split() == words else "changed"] += 1
        except DocumentError:
            counted["refused"] += 1
    return counted


@pytest.mark.parametrize("kind", DAMAGES)
@pytest.mark.parametrize("made", ["published", "decrypted"])
def test_no_damage_is_read_as_another_text(files: dict[str, bytes], made: str, kind: str) -> None:
    counted = outcomes(files[made], kind, EACH // 2)
    assert not counted["changed"]
    assert counted["refused"]


def test_few_damages_of_other_files_are_not_found(files: dict[str, bytes]) -> None:
    """Where pages and fonts stand outside of streams, nothing tells a page without contents from a damaged one."""
    counted = sum((outcomes(files["other"], kind, EACH // 5) for kind in DAMAGES), Counter[str]())
    assert counted["changed"] <= 0.01 * counted.total()
    assert counted["refused"] > counted["same"]
