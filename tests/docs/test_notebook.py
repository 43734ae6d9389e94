"""The notebook page, cell by cell as a kernel runs them: inside a running event loop, against a stand-in model."""

from __future__ import annotations

import ast
import asyncio
from typing import Any

import pytest
from pydantic import BaseModel

from imrllm import Result
from imrllm.answer_models import GroundsAnswer, VerifyAnswer
from imrllm.records import CaseAnswer, ClinicalSummary, InjuredWorker, Reviewer
from tests.docs.shown import REPOSITORY, blocks
from tests.letters import RIGHT_ITEMS
from tests.llm.standin import Reply, StandIn, completion

ANSWERS: dict[str, BaseModel] = {
    "CaseAnswer": CaseAnswer(reviewer=Reviewer(), injured_worker=InjuredWorker(), clinical_summary=ClinicalSummary()),
    "ItemAnswer": RIGHT_ITEMS[0],
    "GroundsAnswer": GroundsAnswer(reasons=()),
    "VerifyAnswer": VerifyAnswer(given=True),
}


def answer(body: Any) -> Reply:
    """An answer that fits any letter's schema, right or not."""
    name = body["response_format"]["json_schema"]["name"]
    return completion(ANSWERS[name].model_dump_json())


def run_cell(source: str, names: dict[str, Any]) -> Any:
    """Run a cell; like a kernel, return the value of an expression on its last line."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if isinstance(last, ast.Expr) else None


def test_its_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = blocks(REPOSITORY / "docs" / "notebook.md", "python")
    monkeypatch.chdir(REPOSITORY)
    names: dict[str, Any] = {}

    async def kernel() -> list[Any]:
        asyncio.get_running_loop()
        return [run_cell(cell, names) for cell in cells]

    with StandIn(answer) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        documents, first, heading, frame, checked = asyncio.run(kernel())
        assert server.connections == 1
    assert len(documents) == 5
    assert isinstance(first, Result)
    assert first.status != "failed"
    assert heading in documents[0].text
    assert set(frame["document_id"]) == {document.id for document in documents}
    assert [row[0] for row in checked] == [result.document_id for result in names["results"]]
