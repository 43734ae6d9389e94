"""A thousand texts that are no determination letter: none gives a record."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from imrllm.documents import Document
from imrllm.errors import DocumentError
from imrllm.pipeline.results import read_without_model
from tests.texts_that_are_no_letters import MADE, PLACES, absent_places, texts

COUNT = 1200


def test_no_text_gives_a_record() -> None:
    read: Counter[str] = Counter()
    wrong: list[tuple[str, str, int]] = []
    for index, (group, text) in enumerate(islice(texts(), COUNT)):
        try:
            document = Document.from_text(text, str(index))
        except DocumentError:
            # Empty or binary: refused before it is read.
            continue
        result = read_without_model(document)
        read[group] += 1
        if result.record is not None:
            wrong.append((group, result.status, index))
        else:
            assert result.error
            assert result.error.type in ("NotALetterError", "DocumentError")
    assert wrong == []
    assert read.total() >= 1000
    assert all(read[name] >= 50 for name, _ in MADE)


@pytest.mark.parametrize("name", [name for name, _, _ in PLACES])
def test_what_this_machine_lacks_is_skipped_by_name(name: str) -> None:
    if name in absent_places():
        pytest.skip(f"this machine has no {name}")
    assert any(group == name for group, _ in islice(texts(), len(PLACES) + len(MADE)))
