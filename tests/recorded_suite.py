"""A suite of two short letters in a temporary folder, recorded from a stand-in for the model."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from imrllm import prompts
from imrllm.cassettes import record, unrecorded
from imrllm.documents import Document, read_documents
from imrllm.llm import ModelTarget, resolve_model
from imrllm.records import CaseAnswer, ItemAnswer
from tests.letters import FULL_PROMPT, WHOLE_PROMPT, read
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
}
# The answers to a prompt that asks for the whole letter, and so for grounds.
WHOLE_ITEM: dict[str, Any] = {"item": 1, **ITEM, "grounds": []}
WHOLE: dict[str, Any] = {**CASE, "disputed_items": [WHOLE_ITEM]}


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

    def gold(self, name: str) -> Path:
        return self.evals / "small" / "gold" / f"{name}.json"

    def configure(self, **settings: Any) -> None:
        """Write `suite.toml`; values as JSON, which TOML reads."""
        lines = [
            f"{key} = {json.dumps(value)}"
            for key, value in {"name": "small", "description": "Two.", **settings}.items()
        ]
        (self.evals / "small" / "suite.toml").write_text("\n".join(lines))

    def unship(self) -> None:
        """Make it a suite whose letters are elsewhere."""
        self.configure()

    def cassette(self, name: str, prompt: str = FULL_PROMPT, model: str = "local") -> Path:
        return self.cassettes / "small" / prompt / model / f"{name}.yaml"

    def record(self, *replies: Reply, prompt: str = FULL_PROMPT, model: str = "local") -> tuple[int, StandIn]:
        """Record what is missing from a stand-in that answers with these replies; by default with two letters'."""
        with StandIn(*(replies or answers(CASE, ITEM, CASE, ITEM))) as server:
            target = served(server, model)
            written = record(
                unrecorded("small", [prompt], model, evals=self.evals, cassettes=self.cassettes), model, target=target
            )
        return written, server


def served(server: StandIn, model: str = "local") -> ModelTarget:
    return resolve_model(model).at(server.base_url)


@pytest.fixture
def tests_prompts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own prompts by their names, as if they were in `prompts/` of the working folder."""
    monkeypatch.setattr(prompts, "_OWN_PROMPTS", Path(WHOLE_PROMPT).parent)


@pytest.fixture
def suite(tmp_path: Path, tests_prompts: None) -> Suite:
    """Two letters, `ada` and `bea`, of one disputed item each; nothing is recorded."""
    return make_suite(tmp_path)


def make_suite(tmp_path: Path) -> Suite:
    """The suite `small` in a folder, nothing recorded."""
    folder = tmp_path / "evals" / "small" / "letters"
    folder.mkdir(parents=True)
    suite = Suite(tmp_path / "evals", tmp_path / "cassettes")
    suite.configure(letters="letters")
    for name, age in (("ada", 29), ("bea", 31)):
        write_letter(folder.parent, name, age)
    return suite


def write_letter(suite: Path, name: str, age: int) -> None:
    """Write one letter of a suite, and its gold."""
    text = LETTER.format(age=age, canary=CANARY)
    (suite / "letters" / f"{name}.txt").write_text(text)
    case = CaseAnswer.model_validate_json(json.dumps(CASE))
    item = ItemAnswer.model_validate_json(json.dumps({**ITEM, "grounds": []}))
    # The letter's values, where those that the model will answer are not its own.
    record = read(text).resolve(case, [item]).record.model_dump(mode="json")
    record["document_id"] = name
    record["disputed_items"][0]["rationale"] = None
    (suite / "gold").mkdir(exist_ok=True)
    gold = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "record": record}
    (suite / "gold" / f"{name}.json").write_text(json.dumps(gold))


@pytest.fixture(scope="session")
def _tapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cassettes of both letters, recorded once: they are the same for every test."""
    suite = make_suite(tmp_path_factory.mktemp("tapes"))
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
    monkeypatch.setattr(prompts, "_OWN_PROMPTS", folder)
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
