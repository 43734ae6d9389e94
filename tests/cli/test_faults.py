"""What a model's server can do to a run: what the user sees, what is in the file, and how many calls it cost."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from imrllm.llm import transport
from tests.cli.conftest import Run
from tests.letters import SUMMARY, THREE, WHOLE_PROMPT, letter, right_letter_answer
from tests.llm.standin import Reply, StandIn, completion, cut, dropped, failure, gzipped, hanging, no_choices

GOOD = completion(right_letter_answer().model_dump_json())
NO_JSON = completion("Here is the record you asked for.")
OTHER_SCHEMA = completion(json.dumps({"age": "forty"}))
BROKEN = Reply(200, b'{"choices": [{"mess\xff')
NO_COMPLETION = Reply(200, {"error": {"message": "no"}})
MARK = "This letter is called"
HTML = {"content-type": "text/html"}


@dataclass(frozen=True)
class Fault:
    """What the server does to one letter while it answers another well; each takes one call.

    Attributes:
        script: the answers before the right one.
        calls: HTTP requests that the letter cost.
        waited: seconds that the program waited, by its own clock; where any, up to one more for each call.
        error: the type of the error in the letter's row; "" where it was read as if nothing had been.
        said: what the user is told of it.
        stops: the run ends at once; the letter has no row, and only what was done before is in the file.
    """

    script: tuple[Reply, ...]
    calls: int
    waited: int = 0
    error: str = ""
    said: str = ""
    stops: bool = False


LIMITED = "stayed overloaded or limited"
INCOMPATIBLE = "does not answer like an OpenAI-compatible one"
PATIENCE = sum(2**attempt for attempt in range(6)) + 60
FAULTS = {
    # It passes: the letter is read.
    "429 that names a wait": Fault((failure(429, retry_after="20"),), 2, waited=20),
    "429 that names none": Fault((failure(429),), 2, waited=1),
    "500": Fault((failure(500),), 2, waited=1),
    "503, five in a row": Fault((failure(503),) * 5, 6, waited=31),
    "connection dropped": Fault((dropped(),), 2, waited=1),
    "connection dropped mid-body": Fault((cut(GOOD),), 2, waited=1),
    "hang": Fault((hanging(),), 2, waited=1),
    "slow drip": Fault((replace(GOOD, pieces=300),), 1),
    "gzip": Fault((gzipped(GOOD),), 1),
    "gzip, dropped mid-body": Fault((cut(gzipped(GOOD)),), 2, waited=1),
    "gzip that is none": Fault((replace(GOOD, headers={"content-encoding": "gzip"}),), 2, waited=1),
    "a broken body": Fault((BROKEN,), 2, waited=1),
    "a web page between answers": Fault((Reply(200, b"<html>", HTML),), 2, waited=1),
    "an error with the status of success": Fault((NO_COMPLETION,), 2, waited=1),
    "no JSON": Fault((NO_JSON,), 2),
    "JSON of another schema": Fault((OTHER_SCHEMA,), 2),
    "500 on the second asking": Fault((NO_JSON, failure(500)), 3, waited=1),
    # It stays: the letter's row says why, and the next letter is read.
    "429 for good": Fault((failure(429),) * 8, 8, PATIENCE, "TransientModelError", f"{LIMITED} (HTTP 429"),
    "500 for good": Fault((failure(500),) * 8, 8, PATIENCE, "TransientModelError", f"{LIMITED} (HTTP 500"),
    "broken bodies for good": Fault((BROKEN,) * 8, 8, PATIENCE, "TransientModelError", "broken again and again"),
    "dropped for good": Fault((dropped(),) * 8, 8, PATIENCE, "TransientModelError", "broke again and again"),
    "no JSON, twice": Fault((NO_JSON,) * 2, 2, 0, "InvalidAnswerError", "after 2 tries"),
    "another schema, twice": Fault((OTHER_SCHEMA,) * 2, 2, 0, "InvalidAnswerError", "did not fit the schema"),
    "truncation": Fault((completion('{"revie', "length"),), 1, 0, "TruncatedError", "reached its length limit"),
    "refusal": Fault((completion(None, refusal="I cannot."),), 1, 0, "RefusedError", "declined to answer"),
    "content filter": Fault((completion("", "content_filter"),), 1, 0, "RefusedError", "content filter stopped"),
    "empty choices": Fault((no_choices(),), 1, 0, "InvalidAnswerError", "returned no choices"),
    "400": Fault((failure(400),), 1, 0, "ModelError", "refused the request (HTTP 400"),
    "400, too long": Fault(
        (failure(400, code="context_length_exceeded"),), 1, 0, "ModelError", "Use a model with a longer context"
    ),
    # No letter could succeed: the run ends, and the same command goes on once it is mended.
    "401": Fault((failure(401),), 1, said="refuses the key (HTTP 401", stops=True),
    "403": Fault((failure(403),), 1, said="refuses the key (HTTP 403", stops=True),
    "404": Fault((failure(404),), 1, said="No model `vllm/stand-in` at", stops=True),
    "429, no credit": Fault((failure(429, code="insufficient_quota"),), 1, said="is used up", stops=True),
    "a text before any answer": Fault((Reply(200, b"Welcome."),), 1, said=INCOMPATIBLE, stops=True),
    "JSON of another API before any answer": Fault((NO_COMPLETION,), 1, said=INCOMPATIBLE, stops=True),
    "a web page": Fault((Reply(200, b"<html>", HTML),), 1, said=INCOMPATIBLE, stops=True),
}


class Clock:
    """Time that passes only where it is waited for; who waits at the same time waits together."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    defaults: dict[str, Any] = transport.HttpTransport.__init__.__kwdefaults__
    monkeypatch.setitem(defaults, "clock", clock)
    monkeypatch.setitem(defaults, "sleep", clock.sleep)
    return clock


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    """Three letters, which are told apart by what their summary says."""
    folder = tmp_path / "letters"
    folder.mkdir()
    for name in ("before", "met", "other"):
        (folder / f"{name}.txt").write_text(letter(*THREE, summary=f"{SUMMARY} {MARK} {name}."))
    return folder


def read(path: Path) -> dict[str, Any]:
    return {row["document_id"]: row for row in map(json.loads, path.read_text().splitlines())}


@pytest.mark.parametrize("name", FAULTS)
def test_fault(
    run: Run, letters: Path, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    fault = FAULTS[name]
    # Seconds after which the client takes an answer for lost.
    monkeypatch.setattr(transport, "_HOSTED_SECONDS", 2.0 if hanging() in fault.script else 600.0)
    script = iter(fault.script)

    def reply(body: Any) -> Reply:
        if f"{MARK} met" in json.dumps(body):
            # By then the server is one that has answered well.
            while not fault.stops and b'"document_id":"other"' not in output.read_bytes():
                time.sleep(0.01)
            return next(script, GOOD)
        # Where the run ends, the other letter is under way.
        return hanging() if fault.stops and f"{MARK} other" in json.dumps(body) else GOOD

    output = tmp_path / "records.jsonl"
    command = [
        "extract",
        letters,
        "--model",
        "vllm/stand-in",
        "--prompt",
        WHOLE_PROMPT,
        "--concurrency",
        "2",
        "-o",
        output,
    ]
    with StandIn(reply) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        assert run(*command, "--limit", "1").code == 0
        ran = run(*command)
    rows = read(output)
    said = " ".join(ran.err.split())
    assert ran.code == (2 if fault.stops else 1 if fault.error else 0), said
    assert fault.said in said
    assert "Traceback" not in said
    assert sum(f"{MARK} met" in request.sent for request in server.received) == fault.calls
    assert fault.waited <= clock.now <= fault.waited + (fault.calls if fault.waited else 0)
    if fault.stops:
        assert list(rows) == ["before"]
        return
    before, met, other = rows["before"], rows["met"], rows["other"]
    assert list(rows) == ["before", "met", "other"]
    assert len(server.received) == fault.calls + 2
    assert {**other["record"], "document_id": "before"} == before["record"]
    assert met["provenance"]["attempts"] == fault.calls
    if fault.error:
        assert (met["status"], met["record"], met["error"]["type"]) == ("failed", None, fault.error)
        assert fault.said in met["error"]["message"]
    else:
        assert {**met["record"], "document_id": "before"} == before["record"]
        assert met["error"] is None
