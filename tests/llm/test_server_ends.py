"""Ctrl-C and SIGTERM end the real embedded engine within two seconds, whatever it is computing."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from imrllm.llm.weights import find
from tests.letters import FULL_PROMPT

REPOSITORY = Path(__file__).resolve().parents[2]
# The command line, which prints the server's address when the model is loaded.
PROGRAM = """
from imrllm.cli import main
from imrllm.llm.server import EmbeddedServer

start = EmbeddedServer.start

def start_and_tell(self):
    start(self)
    print(self.base_url, flush=True)
    return self

EmbeddedServer.start = start_and_tell
main()
"""

pytestmark = [
    pytest.mark.skipif(find_spec("xllamacpp") is None, reason="the embedded model's engine is not installed"),
    pytest.mark.skipif(find() is None, reason="the local model's weights are not here"),
]


def generate(base_url: str) -> Callable[[], None]:
    """A request that is answered for minutes."""
    body = {"messages": [{"role": "user", "content": "Tell a story."}], "max_tokens": 5000, "ignore_eos": True}
    request = urllib.request.Request(
        f"{base_url}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )

    def ask() -> None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(request).read()

    return ask


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", ["model", "extract"])
def test_ends_within_two_seconds(command: str, sent: signal.Signals, tmp_path: Path) -> None:
    letter = min((REPOSITORY / "evals/written/letters").glob("*.txt"))
    rows = tmp_path / "records.jsonl"
    words = {
        "model": ["serve", "--port", "0"],
        "extract": [letter, "--model", "local", "--prompt", FULL_PROMPT, "-o", rows],
    }
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, command, *words[command]],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # What a shell runs in the background ignores Ctrl-C, and so would what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        killer = threading.Timer(60, process.kill)
        killer.start()
        assert process.stdout
        assert process.stderr
        base_url = process.stdout.readline().strip()
        asking = threading.Thread(target=generate(base_url) if command == "model" else lambda: None)
        asking.start()
        time.sleep(3)
        assert process.poll() is None
        process.send_signal(sent)
        started = time.monotonic()
        code = process.wait()
        took = time.monotonic() - started
        killer.cancel()
        asking.join(5)
        said = process.stderr.read()
    assert (code, took < 2) == (130, True), f"{code} after {took:.1f} s: {said}"
    assert "Traceback" not in said
    assert command == "model" or "Interrupted" in said
