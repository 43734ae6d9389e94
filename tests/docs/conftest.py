"""A folder in which every command of the documentation can run, and the model that the commands ask."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from imrllm import pointers
from imrllm.cassettes import record, unrecorded
from imrllm.cli import batch
from imrllm.corrections import settled_at
from imrllm.documents import Document
from imrllm.evals import EvalConfig
from imrllm.evals import run as evaluate
from imrllm.llm import ModelTarget, resolve_model
from imrllm.pipeline import Extractor
from imrllm.prompts import DEFAULT_PROMPT
from imrllm.records import Determination
from imrllm.scaffold import NAME, start_project
from tests.batch.standin import BatchStandIn
from tests.cli.conftest import Run
from tests.cli.conftest import run as run
from tests.documents.made import docx, zipped
from tests.letters import FULL_PROMPT, NORCO_PLAIN, RIGHT_CASE, RIGHT_ITEMS, SUMMARY, letter, read, right_letter_answer
from tests.llm.standin import Reply, StandIn
from tests.pipeline.scripted import answering
from tests.report.reviewed import correction, corrections

TEXTS = {name: letter(NORCO_PLAIN, summary=f"{SUMMARY}{more}") for name, more in (("one", ""), ("two", " He walks."))}
# A model that reads both letters correctly.
WHOLE = right_letter_answer()
ANSWERING = answering({"letter": WHOLE.model_copy(update={"disputed_items": WHOLE.disputed_items[:1]})})
# By suite: the prompts whose answers are recorded.
SUITES = {
    "written": (FULL_PROMPT, DEFAULT_PROMPT),
    "public": (FULL_PROMPT, DEFAULT_PROMPT),
    "wordings": (DEFAULT_PROMPT,),
    NAME: (NAME, DEFAULT_PROMPT),
}

HOSTED = "openai/gpt-5-mini"


class Hosted(ModelTarget):
    """A model whose endpoint has OpenAI's own rules about parameters, wherever it is."""

    @property
    def hosted_by_openai(self) -> bool:
        return True


class Server(BatchStandIn):
    """A provider: answers, batches and a list of models."""

    def _reply(self, method: str, path: str, kind: str, body: bytes) -> Reply:
        if path == "/v1/models":
            names = ("gpt-5-mini", "qwen3", "Qwen/Qwen3-8B", "local")
            return Reply(body={"object": "list", "data": [{"id": name, "object": "model"} for name in names]})
        return super()._reply(method, path, kind, body)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The model on the network, wherever a command looks for it."""
    with Server(ANSWERING) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk")
        monkeypatch.setattr(batch, "POLL_SECONDS", 0.0)
        # A server on this machine has no price list.
        for place in ("imrllm.llm.client.price", "imrllm.estimates.price"):
            monkeypatch.setattr(place, lambda target, usage: 0.01 * usage.calls)
        yield server


@pytest.fixture(scope="session")
def _prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with letters in every format, recorded suites, rows of other programs, and corrections."""
    folder = tmp_path_factory.mktemp("prepared")
    start_project(folder)
    with chdir(folder):
        _write_letters()
        _write_rows()
        for suite, prompts in SUITES.items():
            _write_suite(suite)
            documents = Path("letters") if suite == "public" else None
            with StandIn(ANSWERING) as model:
                target = resolve_model("local").at(model.base_url)
                record(unrecorded(suite, prompts, "local", documents=documents), "local", target=target)
        for prompt, file in ((DEFAULT_PROMPT, "main.json"), (FULL_PROMPT, "branch.json")):
            Path(file).write_text(evaluate(["written"], EvalConfig(model="local", prompt=prompt)).to_json())
        _record_hosted()
    return folder


def _record_hosted() -> None:
    """Record the project's own suite from a hosted model."""
    with StandIn(ANSWERING) as model, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "sk")
        # A server on this machine has no price list.
        patch.setattr("imrllm.llm.client.price", lambda target, usage: 0.01 * usage.calls)
        target = Hosted(HOSTED, "openai", HOSTED.partition("/")[2], model.base_url, "OPENAI_API_KEY")
        record(unrecorded(NAME, (DEFAULT_PROMPT,), HOSTED), HOSTED, target=target)


@pytest.fixture
def place(_prepared: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the prepared folder, to work in."""
    folder = tmp_path / "place"
    shutil.copytree(_prepared, folder)
    monkeypatch.chdir(folder)
    return folder


def _write_letters() -> None:
    for folder in ("letters", "more/words", "parts"):
        Path(folder).mkdir(parents=True, exist_ok=True)
    for name, text in TEXTS.items():
        Path("letters", f"{name}.txt").write_text(text)
    text = TEXTS["one"]
    Path("letter.txt").write_text(text)
    for name in ("letter.pdf", "more.pdf"):
        Path(name).write_bytes(_pdf(text))
    Path("more/words/word.docx").write_bytes(docx(text))
    Path("letters.zip").write_bytes(zipped({f"{name}.txt": text.encode() for name, text in TEXTS.items()}))
    Path("list.csv").write_text("path,id\nletter.txt,listed\n")
    quoted = text.replace('"', '""')
    Path("letters.csv").write_text(f'Case,Letter\none,"{quoted}"\n')
    Path("reviews.csv").write_text(
        "ReferenceID,Determination,Findings\n"
        "MN1,Overturned Decision of Health Plan,The criteria are met. The request is medically necessary.\n"
    )
    Path("letters.jsonl").write_text("".join(json.dumps({"id": i, "text": t}) + "\n" for i, t in TEXTS.items()))


def _pdf(text: str) -> bytes:
    made = io.BytesIO()
    canvas = Canvas(made)
    lines = text.split("\n")
    for start in range(0, len(lines), 50):
        page = canvas.beginText(40, 800)
        page.setFont("Helvetica", 9)
        page.textLines(lines[start : start + 50])
        canvas.drawText(page)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def _write_rows() -> None:
    """Rows of this and another program, and a reviewer's corrections of the first row."""
    results = [Extractor("none").extract(Document.from_text(text, name)) for name, text in TEXTS.items()]
    Path("records.jsonl").write_text("".join(f"{result.model_dump_json()}\n" for result in results))
    theirs = ({"document_id": name, "record": _right(name).model_dump(mode="json")} for name in TEXTS)
    Path("theirs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in theirs))
    first = results[0]
    assert first.record
    held = first.record.model_dump(mode="json")
    edited = {"/clinical_summary/diagnoses": ["lumbar radiculopathy"]}
    # A letter that was read as a whole has nothing in doubt.
    doubtful = {settled_at(held, check.pointer) for check in first.to_review} - set(edited)
    accepted = (correction(first, at, pointers.find(held, at), "accept") for at in sorted(doubtful))
    settled = [*(correction(first, at, value) for at, value in edited.items()), *accepted]
    Path("corrections.json").write_text(json.dumps(corrections(*settled, whole=[first])))


def _right(name: str) -> Determination:
    return read(TEXTS[name]).resolve(RIGHT_CASE, RIGHT_ITEMS[:1]).record.model_copy(update={"document_id": name})


def _write_suite(name: str) -> None:
    folder = Path("evals", name)
    (folder / "gold").mkdir(parents=True, exist_ok=True)
    settings = [f'name = "{name}"', 'description = "Two letters."']
    if name != "public":
        settings.append('letters = "letters"')
        (folder / "letters").mkdir(exist_ok=True)
        for letter_name, text in TEXTS.items():
            (folder / "letters" / f"{letter_name}.txt").write_text(text)
    (folder / "suite.toml").write_text("\n".join(settings))
    # The first letter of a project has no gold yet.
    for labelled in TEXTS if name != NAME else ["two"]:
        record = _right(labelled).model_dump(mode="json")
        for item in record["disputed_items"]:
            item["rationale"] = None
        gold = {"sha256": hashlib.sha256(TEXTS[labelled].encode()).hexdigest(), "record": record}
        (folder / "gold" / f"{labelled}.json").write_text(json.dumps(gold))
