"""Spans of documents and of requests to a model: the conventions' names, and never a letter's text, name or key."""

from __future__ import annotations

import builtins
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imrllm import telemetry
from imrllm.documents import Document
from imrllm.errors import ModelUnavailableError
from imrllm.llm import ModelTarget
from imrllm.llm.request_attributes import answer_attributes
from imrllm.pipeline import Extractor
from imrllm.running.processes import FEW_LETTERS
from tests.letters import FULL_PROMPT, THREE, letter
from tests.llm.standin import COMPLETION_TOKENS, PROMPT_TOKENS, Reply, StandIn, completion, failure
from tests.pipeline.scripted import answering

NAME = "jane-roe-heron"
KEY = "sk-canary-0123456789"
PASSWORD = "canary-of-the-gateway"
SENTENCE = "The heron stood on one leg in the reeds."
LETTER = Document.from_text(letter(*THREE), NAME)


@pytest.fixture(scope="module")
def exporter() -> Any:
    pytest.importorskip("opentelemetry.sdk", reason="opentelemetry-sdk is in the extra `dev`")
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    memory = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    with pytest.MonkeyPatch.context() as patch:
        telemetry._tracer.cache_clear()
        patch.setattr(trace, "get_tracer", provider.get_tracer)
        telemetry._tracer()
        yield memory
    telemetry._tracer.cache_clear()


@pytest.fixture
def spans(exporter: Any) -> Any:
    exporter.clear()
    return exporter.get_finished_spans


@pytest.fixture
def without_api(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """OpenTelemetry is not installed."""
    real = builtins.__import__

    def refusing(name: str, *given: Any, **named: Any) -> Any:
        if name.partition(".")[0] == "opentelemetry":
            raise ImportError(name)
        return real(name, *given, **named)

    for name in [name for name in sys.modules if name.partition(".")[0] == "opentelemetry"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", refusing)
    telemetry._tracer.cache_clear()
    yield
    telemetry._tracer.cache_clear()


def target(server: StandIn) -> ModelTarget:
    address = server.base_url.replace("http://", f"http://user:{PASSWORD}@")
    return ModelTarget("vllm/stand-in", "vllm", "stand-in", base_url=address, api_key_env="VLLM_API_KEY")


def read(server: StandIn, document: Document = LETTER) -> Any:
    with Extractor(prompt=FULL_PROMPT, target=target(server)) as extractor:
        return extractor.extract(document)


def test_a_document_has_a_span_with_one_for_each_request(spans: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VLLM_API_KEY", KEY)
    with StandIn(answering()) as server:
        result = read(server)
        requests, (document,) = spans()[:-1], spans()[-1:]
        address, _, port = server.base_url.removeprefix("http://").partition("/")[0].partition(":")
    assert len(requests) == result.provenance.usage.calls == len(server.received)
    for span in requests:
        assert span.name == "chat stand-in"
        assert span.kind.name == "CLIENT"
        assert span.parent.span_id == document.context.span_id
        said = dict(span.attributes)
        assert said.pop("imrllm.call") in {"case", "item", "grounds"}
        assert said.pop("imrllm.item", 1) in {1, 2, 3}
        assert said.pop("gen_ai.request.max_tokens") > 0
        said.pop("gen_ai.request.temperature", None)
        assert said == {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "vllm",
            "gen_ai.request.model": "stand-in",
            "gen_ai.response.model": "stand-in",
            "gen_ai.response.finish_reasons": ("stop",),
            "gen_ai.usage.input_tokens": PROMPT_TOKENS,
            "gen_ai.usage.output_tokens": COMPLETION_TOKENS,
            "gen_ai.output.type": "json",
            "server.address": address,
            "server.port": int(port),
            "imrllm.http_requests": 1,
        }
    assert document.name == "imrllm.extract"
    assert document.attributes["imrllm.document.sha256"] == LETTER.sha256
    assert document.attributes["imrllm.status"] == result.status
    assert document.attributes["imrllm.disputed_items"] == 3
    assert document.attributes["imrllm.checks_to_review"] == len(result.to_review)
    assert document.attributes["imrllm.calls"] == len(requests)
    assert "error.type" not in document.attributes


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(completion(f'{{"{SENTENCE}": 1}}'), id="an answer that does not fit"),
        pytest.param(completion(SENTENCE, finish_reason=SENTENCE), id="a finish reason that quotes"),
        pytest.param(completion("", finish_reason="length"), id="an answer that was cut"),
        pytest.param(failure(400, message=f"{SENTENCE} {KEY}"), id="a refusal that quotes"),
        pytest.param(failure(401, message=f"{SENTENCE} {KEY}"), id="a key that is not accepted"),
        pytest.param(Reply(body={**completion(SENTENCE).body, "model": SENTENCE}), id="a model's name that quotes"),
        pytest.param(Reply(body=SENTENCE.encode()), id="text"),
    ],
)
def test_no_span_holds_text_a_name_or_a_key(reply: Reply, spans: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VLLM_API_KEY", KEY)
    secret = Document.from_text(letter(*THREE).replace("STANDARD", SENTENCE, 1) + f"\n{SENTENCE}\n", NAME)
    with StandIn(lambda body: reply) as server:
        try:
            read(server, secret)
        except ModelUnavailableError as error:
            failed = type(error).__name__
        else:
            failed = None
    *requests, document = spans()
    assert requests
    if failed:
        assert document.attributes["error.type"] == requests[0].attributes["error.type"] == failed
    assert document.status.status_code.name == "ERROR"
    assert document.attributes["error.type"].endswith("Error")
    everything = "".join(span.to_json() for span in spans())
    for canary in ("heron", "jane", KEY, PASSWORD, "Norco", THREE[0].heading):
        assert canary not in everything


def test_a_letter_read_without_a_model_has_a_span(spans: Any) -> None:
    result = Extractor("none").extract(LETTER)
    (span,) = spans()
    assert span.attributes["imrllm.status"] == result.status
    assert span.attributes["imrllm.calls"] == 0
    assert span.status.status_code.name == "UNSET"


def test_spans_are_in_the_span_of_the_program_that_reads(spans: Any) -> None:
    tracer = telemetry._tracer()
    assert tracer is not None
    with StandIn(answering()) as server, tracer.start_as_current_span("theirs") as theirs:
        read(server)
    document = next(span for span in spans() if span.name == "imrllm.extract")
    assert document.parent.span_id == theirs.get_span_context().span_id


def test_without_the_api_all_is_as_before(without_api: None) -> None:
    with StandIn(answering()) as server:
        assert read(server).status == "ok"
    with telemetry.document_span() as note:
        assert note is None


def test_an_answer_that_is_only_text_has_no_attributes() -> None:
    assert not any(answer_attributes("text").values())


# Sets a provider in every process, as `opentelemetry-instrument` does. It sends nothing by itself within an hour.
PROVIDER = """
import os
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

class Files(SpanExporter):
    def export(self, spans):
        with open(f"{os.environ['SPANS']}/{os.getpid()}", "a") as file:
            file.writelines(f"{span.name}\\n" for span in spans)
        return SpanExportResult.SUCCESS

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(Files(), schedule_delay_millis=3_600_000))
trace.set_tracer_provider(provider)
"""


def test_processes_send_their_last_spans(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.sdk", reason="opentelemetry-sdk is in the extra `dev`")
    rows = [json.dumps({"id": f"letter {number}", "text": LETTER.text}) for number in range(FEW_LETTERS + 6)]
    (tmp_path / "letters.jsonl").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "sitecustomize.py").write_text(PROVIDER, encoding="utf-8")
    (tmp_path / "spans").mkdir()
    paths = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    command = ["extract", "letters.jsonl", "--model", "none", "--processes", "2", "-o", "out.jsonl", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "imrllm", *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths, "SPANS": str(tmp_path / "spans")},
        check=True,
    )
    sent = [file.read_text().splitlines() for file in (tmp_path / "spans").iterdir()]
    assert sum(map(len, sent)) == len(rows)
    assert len(sent) > 1, "several processes sent some"
