"""What a model's server can do to a run: what the user sees, what is in the file, and how many calls it cost."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from imrllm.llm import client
from tests.cli.conftest import Run
from tests.letters import THREE, letter, right_letter_answer
from tests.llm.standin import Reply, StandIn, completion, cut, dropped, failure, gzipped, hanging, no_choices

GOOD = completion(right_letter_answer().model_dump_json())
NO_JSON = completion("Here is the record you asked for.")
OTHER_SCHEMA = completion(json.dumps({"age": "forty"}))
BROKEN = Reply(200, b'{"choices": [{"mess\xff')
HTML = {"content-type": "text/html"}


@dataclass(frozen=True)
class Fault:
    """What the server does to the second of three letters, each asked about in one call after the other.

    Attributes:
        script: the answers; where it is longer than the calls, the rest goes to the third letter.
        calls: HTTP requests that the letter cost.
        waited: seconds that the program waited, by its own clock; where any, up to one more for each call.
        error: the type of the error in the letter's row; "" where it was read as if nothing had been.
        said: what the user is told of it.
        stops: the run ends at once; the letter has no row, and the third is not asked about.
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
    "no JSON": Fault((NO_JSON,), 2),
    "JSON of another schema": Fault((OTHER_SCHEMA,), 2),
    "500 on the second asking": Fault((NO_JSON, failure(500)), 3, waited=1),
    # It stays: the letter's row says why, and the next letter is read.
    "429 for good": Fault((failure(429),) * 8, 8, PATIENCE, "TransientModelError", f"{LIMITED} (HTTP 429"),
    "500 for good": Fault((failure(500),) * 8, 8, PATIENCE, "TransientModelError", f"{LIMITED} (HTTP 500"),
    "dropped for good": Fault((dropped(),) * 8, 8, PATIENCE, "TransientModelError", "broke again and again"),
    "no JSON, twice": Fault((NO_JSON,) * 2, 2, 0, "InvalidAnswerError", "after 2 tries"),
    "another schema, twice": Fault((OTHER_SCHEMA,) * 2, 2, 0, "InvalidAnswerError", "did not fit the schema"),
    "truncation": Fault((completion('{"revie', "length"),), 1, 0, "TruncatedError", "reached its length limit"),
    "refusal": Fault((completion(None, refusal="I cannot."),), 1, 0, "RefusedError", "declined to answer"),
    "content filter": Fault((completion("", "content_filter"),), 1, 0, "RefusedError", "content filter stopped"),
    "empty choices": Fault((no_choices(),), 1, 0, "InvalidAnswerError", "no choice at all"),
    "400": Fault((failure(400),), 1, 0, "ModelError", "refused the request (HTTP 400"),
    "400, too long": Fault(
        (failure(400, code="context_length_exceeded"),), 1, 0, "ModelError", "Use a model with a longer context"
    ),
    # No letter could succeed: the run ends, and the same command goes on once it is mended.
    "401": Fault((failure(401),), 1, said="refuses the key (HTTP 401", stops=True),
    "403": Fault((failure(403),), 1, said="refuses the key (HTTP 403", stops=True),
    "404": Fault((failure(404),), 1, said="No model `vllm/stand-in` at", stops=True),
    "429, no credit": Fault((failure(429, code="insufficient_quota"),), 1, said="is used up", stops=True),
    "broken bodies for good": Fault((BROKEN,) * 8, 8, PATIENCE, said=INCOMPATIBLE, stops=True),
    "a web page": Fault((Reply(200, b"<html>", HTML),), 1, said=INCOMPATIBLE, stops=True),
}


class Clock:
    """Time that passes only where it is waited for."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    defaults: dict[str, Any] = client.Client.__init__.__kwdefaults__
    monkeypatch.setitem(defaults, "clock", clock)
    monkeypatch.setitem(defaults, "sleep", clock.sleep)
    return clock


def read(path: Path) -> dict[str, Any]:
    return {row["document_id"]: row for row in map(json.loads, path.read_text().splitlines())}


@pytest.mark.parametrize("name", FAULTS)
def test_fault(run: Run, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    fault = FAULTS[name]
    monkeypatch.setattr(client, "_HOSTED_SECONDS", 2.0 if hanging() in fault.script else 600.0)
    letters = tmp_path / "letters"
    letters.mkdir()
    for each in ("after", "before", "met"):
        (letters / f"{each}.txt").write_text(letter(*THREE))
    # In the order in which they are asked about.
    order = [letters / f"{each}.txt" for each in ("before", "met", "after")]
    output = tmp_path / "records.jsonl"
    options = ["--model", "vllm/stand-in", "--prompt", "v1", "--concurrency", "1", "-o", output]
    with StandIn(GOOD, *fault.script, GOOD) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        ran = run("extract", *order, *options)
    rows = read(output)
    said = " ".join(ran.err.split())
    assert ran.code == (2 if fault.stops else 1 if fault.error else 0), said
    assert fault.said in said
    assert "Traceback" not in said
    assert fault.waited <= clock.now <= fault.waited + (fault.calls if fault.waited else 0)
    if fault.stops:
        assert list(rows) == ["before"]
        assert len(server.received) == 1 + fault.calls
        return
    assert list(rows) == ["before", "met", "after"]
    assert len(server.received) == 1 + fault.calls + 1
    met = rows["met"]
    assert (met["error"] or {}).get("type", "") == fault.error
    assert met["provenance"]["attempts"] == fault.calls
    if fault.error:
        assert (met["status"], met["record"]) == ("failed", None)
        assert fault.said in " ".join(met["error"]["message"].split())
    else:
        assert {**met["record"], "document_id": "before"} == rows["before"]["record"]
    assert {**rows["after"]["record"], "document_id": "before"} == rows["before"]["record"]
