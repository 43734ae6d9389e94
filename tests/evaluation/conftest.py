"""A suite of two short letters in a temporary folder, recorded from a stand-in for the model."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from imrllm import prompts
from imrllm.documents import Document, read_documents
from imrllm.evaluation import record_suite
from imrllm.llm import ModelTarget, resolve_model
from tests.llm.standin import Reply, StandIn, completion

# Stands in both letters' rationales, and in no answer.
CANARY = "A heron stood on the fourth rung all morning."

LETTER = """\
The Expert Reviewer has the following credentials:
State(s) of Licensure: Illinois
Certification(s)/Specialty: Preventive Medicine

CLINICAL CASE SUMMARY
The expert reviewer developed the following clinical case summary based on a review of the case file, including all
medical records:

The applicant is a {age} year old male whose neck was injured on 10-14-2014. He has been diagnosed with cervical strain.

IMR ISSUES, DECISIONS AND RATIONALES
The Final Determination was based on decisions for the disputed items/services set forth below:

Tizanidine 4mg #60: Upheld

Claims Administrator guideline: Decision based on MTUS Chronic Pain Treatment Guidelines Muscle relaxants (for pain).

MAXIMUS guideline: Decision based on MTUS Chronic Pain Treatment Guidelines Muscle relaxants (for pain) Page(s): 63, 66.

Decision rationale: {canary} A further sixty tablets are not medically necessary.
"""

BASIS = {
    "stance": "cited",
    "citations": [
        {
            "guideline": "MTUS",
            "within_mtus": True,
            "chapter": "Chronic Pain Treatment Guidelines",
            "year": None,
            "sections": ["Muscle relaxants (for pain)"],
            "pages": ["63", "66"],
        }
    ],
}
CASE: dict[str, Any] = {
    "reviewer": {"licensed_states": ["Illinois"], "specialties": ["Preventive Medicine"]},
    "injured_worker": {"age": 29, "sex": "male", "injury_date": "2014-10-14"},
    "clinical_summary": {"diagnoses": ["cervical strain"], "treatments_to_date": [], "ur_decision_date": None},
}
ITEM: dict[str, Any] = {
    "treatment": "Tizanidine",
    "category": "medication",
    "ingredients": ["tizanidine"],
    "strengths": ["4 mg"],
    "quantity": 60,
    "quantity_unit": None,
    "refills": None,
    "frequency": None,
    "duration": None,
    "total_visits": None,
    "body_parts": [],
    "retrospective": False,
    "date_of_service": None,
    "claims_administrator": BASIS,
    "reviewer_basis": BASIS,
    "medically_necessary": False,
    "grounds": [],
}
WHOLE: dict[str, Any] = {**CASE, "disputed_items": [{"item": 1, **ITEM}]}


def answers(*contents: dict[str, Any]) -> list[Reply]:
    return [completion(json.dumps(content)) for content in contents]


@dataclass(frozen=True)
class Suite:
    """The suite `small` and its cassettes."""

    evals: Path
    cassettes: Path

    def letter(self, name: str) -> Document:
        document = next(iter(read_documents([self.evals / "small" / "letters" / f"{name}.txt"])))
        assert isinstance(document, Document)
        return document

    def cassette(self, name: str, prompt: str = "v2", model: str = "local") -> Path:
        return self.cassettes / "small" / prompt / model / f"{name}.yaml"

    def record(self, *replies: Reply, prompt: str = "v2", model: str = "local") -> tuple[int, StandIn]:
        """Record what is missing from a stand-in that answers with these replies; by default with two letters'."""
        with StandIn(*(replies or answers(CASE, ITEM, CASE, ITEM))) as server:
            target = served(server, model)
            written = record_suite("small", [prompt], model, evals=self.evals, cassettes=self.cassettes, target=target)
        return written, server


def served(server: StandIn, model: str = "local") -> ModelTarget:
    return resolve_model(model).at(server.base_url)


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """Two letters, `ada` and `bea`, of one disputed item each; nothing is recorded."""
    return _suite(tmp_path)


def _suite(tmp_path: Path) -> Suite:
    folder = tmp_path / "evals" / "small" / "letters"
    folder.mkdir(parents=True)
    for name, age in (("ada", 29), ("bea", 31)):
        (folder / f"{name}.txt").write_text(LETTER.format(age=age, canary=CANARY))
    return Suite(tmp_path / "evals", tmp_path / "cassettes")


@pytest.fixture(scope="session")
def _tapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cassettes of both letters, recorded once: they are the same for every test."""
    suite = _suite(tmp_path_factory.mktemp("tapes"))
    assert suite.record()[0] == 2
    return suite.cassettes


@pytest.fixture
def recorded(suite: Suite, _tapes: Path) -> Suite:
    """The suite with both letters recorded."""
    shutil.copytree(_tapes, suite.cassettes)
    return suite


@pytest.fixture
def no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail at any attempt to connect, to this machine too."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was attempted")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


@pytest.fixture
def own_prompts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the prompt versions, to be changed."""
    folder = tmp_path / "prompts"
    folder.mkdir()
    for name in prompts.prompt_names():
        (folder / f"{name}.md").write_text(prompts.load_prompt(name).source, encoding="utf-8")
    monkeypatch.setattr(prompts, "prompts_folder", lambda: folder)
    prompts.load_prompt.cache_clear()
    yield folder
    prompts.load_prompt.cache_clear()


def change_prompt(folder: Path, name: str, old: str, new: str) -> None:
    """Change a prompt version's file, once."""
    file = folder / f"{name}.md"
    source = file.read_text(encoding="utf-8")
    assert old in source
    file.write_text(source.replace(old, new, 1), encoding="utf-8")
    prompts.load_prompt.cache_clear()
