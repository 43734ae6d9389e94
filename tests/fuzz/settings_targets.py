"""Targets of what users and programs write: prompts, forms, corrections, results, cassettes, and a server's answers."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from imrllm.batch.answers import read_reply
from imrllm.cassettes.store import parse_cassette
from imrllm.corrections import Applying, Correction, Corrections, read_corrections
from imrllm.documents import Document
from imrllm.errors import CassetteError, CorrectionError, FormError, ModelError, PromptError, StoreError, UsageError
from imrllm.letter import ChosenForm
from imrllm.letter.form import KNOWN, known_text, read_form
from imrllm.llm import HttpTransport, RetryPolicy, resolve_model
from imrllm.pipeline import Extractor, read_without_model
from imrllm.prompts import load_prompt
from imrllm.records import Result
from imrllm.store import read_results
from imrllm.store.manifest import manifest_path, new_manifest, read_manifest
from imrllm.suites import load_suite
from imrllm.trust.tables import Table
from tests.fuzz.file_targets import EVALS
from tests.fuzz.letter_targets import check_result
from tests.fuzz.targets import Target, repeated
from tests.letter.own_form import BLOCKS
from tests.letters import THREE, WHOLE_PROMPT, letter, right_letter_answer
from tests.llm.standin import completion

ROOT = EVALS.parent
LETTER = Document.from_text(letter(*THREE), "a")


@cache
def row() -> Result:
    """The row of a letter, without a model."""
    return read_without_model(LETTER)


@cache
def folder() -> Path:
    """A folder for the files of this process."""
    return Path(tempfile.mkdtemp(prefix="imrllm-fuzz-"))


def file_with(name: str, data: bytes) -> Path:
    """A file that holds an input."""
    path = folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def said(error: Exception) -> str:
    """An error without numbers and names, for telling outcomes apart."""
    assert getattr(error, "hint", ""), f"{type(error).__name__} without a hint"
    return "".join(sign for sign in str(error).rpartition("`")[2] if not sign.isdigit())[:60]


def read_prompt(data: bytes) -> str:
    """Load a prompt file and fill its templates in."""
    path = file_with("v5.md", data)
    load_prompt.cache_clear()
    try:
        prompt = load_prompt(str(path))
    except PromptError as error:
        return said(error)
    return f"{sorted(prompt.asks)}, {len(prompt.problems)} problems"


def read_form_file(data: bytes) -> str:
    """Read a form file, and a letter by it."""
    try:
        form = read_form(data.decode("utf-8", "replace"), "a.toml")
    except FormError as error:
        return said(error)
    check_result(read_without_model(LETTER, form=ChosenForm(form, "a.toml", "0" * 64)), LETTER.text)
    return f"{form.layout}"


def apply_corrections(data: bytes) -> str:
    """Read a file of corrections and apply them to a row."""
    try:
        given = read_corrections(file_with("corrections.json", data))
    except CorrectionError as error:
        return said(error)
    applying = Applying(given)
    corrected = applying.row(row())
    check_result(corrected, LETTER.text)
    try:
        applying.finish()
    except CorrectionError as error:
        return f"{said(error)}, {min(len(applying.refused), 3)}"
    return f"{corrected.status}, {len(applying.gold)}"


def read_rows(data: bytes) -> str:
    """Read a results file."""
    try:
        found = list(read_results(file_with("records.jsonl", data)))
    except StoreError as error:
        return said(error)
    for each in found:
        each.model_dump_json()
    return f"{len(found)} rows"


def read_run(data: bytes) -> str:
    """Read the manifest of a run."""
    results = folder() / "run.jsonl"
    manifest_path(results).write_bytes(data)
    try:
        return f"a manifest: {read_manifest(results) is not None}"
    except StoreError as error:
        return said(error)


def read_recording(data: bytes) -> str:
    """Parse a cassette."""
    try:
        return f"{len(parse_cassette(data.decode('utf-8', 'replace'), 'a').interactions)} interactions"
    except CassetteError as error:
        return said(error)


def read_suite(data: bytes) -> str:
    """Read a suite's settings."""
    file_with("evals/written/suite.toml", data)
    try:
        return load_suite("written", folder() / "evals").settings.name
    except UsageError as error:
        return said(error)


def read_batch_answer(data: bytes) -> str:
    """Read a line of a batch's output file."""
    found = read_reply(data)
    return "nothing" if found is None else f"{found[1].answered}"


@cache
def runner() -> asyncio.Runner:
    """The event loop of this process's calls."""
    return asyncio.Runner()


@cache
def served() -> tuple[Extractor, list[bytes]]:
    """An extractor whose server answers each request with the body that stands in the list."""
    import httpx2
    import openai

    body = [b""]

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=body[0], headers={"content-type": "application/json"})

    async def no_wait(seconds: float) -> None:
        pass

    target = resolve_model("vllm/stand-in", environ={}).at("http://127.0.0.1:9/v1")
    http = HttpTransport(target, retry=RetryPolicy(attempts=2), sleep=no_wait, api_key="none")
    http._openai = openai.AsyncOpenAI(
        api_key="none",
        base_url=target.base_url,
        max_retries=0,
        http_client=httpx2.AsyncClient(transport=httpx2.MockTransport(answer)),
    )
    extractor = Extractor(target=target, prompt=WHOLE_PROMPT, transport=lambda _: http)
    return runner().run(extractor.__aenter__()), body


def extract_by_answer(data: bytes) -> str:
    """Extract a letter with a server that answers every request with these bytes."""
    extractor, body = served()
    body[0] = data
    try:
        result: Result = runner().run(extractor.aextract(LETTER))
    except ModelError as error:
        return said(error) if error.hint else type(error).__name__
    return check_result(result, LETTER.text)


def extract_by_content(data: bytes) -> str:
    """The same, with the bytes as the content of a well-formed answer."""
    return extract_by_answer(json.dumps(completion(data.decode("utf-8", "replace")).body).encode())


@cache
def corrections() -> Sequence[bytes]:
    """Files of corrections, one that fits and one that adds and removes items."""
    sha = LETTER.sha256

    def given(*each: dict[str, Any]) -> bytes:
        made = [Correction.model_validate({"document_id": "a", "sha256": sha, "was": None, **one}) for one in each]
        return (
            Corrections.model_validate(
                {
                    "records": "0" * 64,
                    "reviewer": "AB",
                    "exported": "2026-01-02",
                    "corrections": made,
                    "read_whole": [{"document_id": "a", "sha256": sha}],
                }
            )
            .model_dump_json()
            .encode()
        )

    record = row().record
    assert record
    item = record.disputed_items[0].model_dump(mode="json")
    quantity = {"pointer": "/disputed_items/0/quantity", "action": "edit", "was": 45.0, "value": 46.0}
    return [
        given(quantity),
        given({"pointer": "/disputed_items/1", "action": "add", "value": item}),
        given({"pointer": "/disputed_items/1", "action": "remove", "was": item, "value": None}, quantity),
    ]


def _calibration(data: bytes) -> str:
    from pydantic import ValidationError

    try:
        return f"{len(Table.model_validate_json(data).to_json()) // 1000}"
    except ValidationError:
        return "no table"


def _files(pattern: str, count: int = 6) -> Callable[[], Sequence[bytes]]:
    return lambda: [path.read_bytes() for path in sorted(ROOT.glob(pattern))[:count]]


def _answer() -> bytes:
    return right_letter_answer().model_dump_json().encode()


def _batch_line() -> bytes:
    response = {"status_code": 200, "body": completion(_answer().decode()).body}
    return json.dumps({"id": "r", "custom_id": "a", "response": response, "error": None}).encode()


def _manifest() -> bytes:
    return new_manifest(model="none", inputs=["a.txt"]).model_dump_json().encode()


SETTINGS = (
    Target(
        "model's server",
        extract_by_answer,
        lambda: [json.dumps(completion(_answer().decode()).body).encode(), b'{"error": {"message": "no"}}'],
    ),
    Target(
        "model's answer",
        extract_by_content,
        lambda: [_answer()],
        {
            "brackets": repeated("["),
            "items": lambda size: _answer().replace(
                b'"disputed_items":[', b'"disputed_items":[' + b"{}," * (size // 3)
            ),
        },
    ),
    Target("batch answer", read_batch_answer, lambda: [_batch_line()], {"brackets": repeated("[")}),
    Target("prompt", read_prompt, lambda: [*_files("prompts/v*.md")(), *_files("tests/prompts/*.md")()]),
    Target(
        "form",
        read_form_file,
        lambda: [known_text(name).encode() for name in KNOWN] + [BLOCKS.encode()],
        {"phrases": repeated('"a",', before='name = "a"\n[items]\nissue = [', after="]\n")},
    ),
    Target("corrections", apply_corrections, corrections, {"brackets": repeated("[")}),
    Target(
        "results",
        read_rows,
        lambda: [f"{row().model_dump_json()}\n".encode()],
        {"brackets": repeated("["), "blank lines": repeated("\n")},
    ),
    Target("manifest", read_run, lambda: [_manifest()], {"brackets": repeated("[")}),
    Target("cassette", read_recording, _files("cassettes/written/*/*/*.y*ml", 3)),
    Target("suite", read_suite, _files("evals/*/suite.toml")),
    Target("calibration table", _calibration, _files("calibration/*.json", 2)),
)
