"""Tests of results on their way to the file."""

from __future__ import annotations

import pickle

from imrllm import Document, Extractor
from imrllm.running.rows import Row
from imrllm.running.summary import RunSummary
from tests.letters import THREE, letter


def test_a_row_has_the_result_and_its_counts_in_another_process_too() -> None:
    texts = {"a": letter(*THREE), "b": "No letter."}
    results = [Extractor("none").extract(Document.from_text(text, name)) for name, text in texts.items()]
    added, included = RunSummary(), RunSummary()
    for result in results:
        row = pickle.loads(pickle.dumps(Row.of(result)))
        assert row.document_id == result.document_id
        assert row.json.decode() == result.model_dump_json()
        assert row.result == result
        added.add(result)
        included.include(row.counts)
    assert added.documents.total() == 2
    assert included == added
