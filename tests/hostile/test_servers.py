"""What a model's server can do to a run: what the user sees, what is in the file, and how many calls it cost."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from imrllm.llm import transport
from tests.cli.conftest import Run, run
from tests.hostile.cases import ServerCase
from tests.hostile.server_cases import GOOD, SERVERS
from tests.letters import SUMMARY, THREE, WHOLE_PROMPT, letter
from tests.llm.standin import Reply, StandIn, hanging

__all__ = ["run"]

MARK = "This letter is called"


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


@pytest.mark.parametrize("fault", SERVERS, ids=[case.name for case in SERVERS])
def test_a_letter_that_meets_a_fault(
    run: Run, letters: Path, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, fault: ServerCase
) -> None:
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
