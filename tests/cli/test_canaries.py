"""A key and a letter's sentence go through every command, as talkative as it gets: neither comes out but in a record.

Each process runs its commands one after the other with the root logger at its lowest level, openai's and asyncio's
debugging on and every warning shown; what it printed, logged and wrote is searched as a whole.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click import Group

import imrllm
from imrllm.cli.app import app
from imrllm.documents import Document
from imrllm.pipeline import Extractor
from tests.batch.standin import BatchStandIn, Fault, Outcome, errors
from tests.letters import FULL_PROMPT, WHOLE_PROMPT
from tests.llm.standin import Reply, StandIn, completion, dropped, failure
from tests.recorded_suite import CANARY, CASE, ITEM, WHOLE, make_suite
from tests.report.reviewed import correction, corrections

KEY = "sk-canary-0123456789abcdefghijklmn"
# In the address, as some gateways have it.
PASSWORD = "canary-p4ssw0rd-of-the-gateway"
TOLD = f"{CANARY} {KEY} {PASSWORD}"
ECHO = {"x-request-echo": TOLD, "retry-after": "0"}

# Runs the commands of a JSON file; no wait between retries is waited for.
PROGRAM = """
import json, logging, os, sys
logging.basicConfig(level=logging.NOTSET, handlers=[logging.StreamHandler(), logging.FileHandler("run.log")])
from imrllm.cli import main
from imrllm.llm import HttpTransport
async def at_once(seconds): pass
HttpTransport.__init__.__kwdefaults__["sleep"] = at_once
for url, *command in json.load(open(sys.argv[1])):
    os.environ["OPENAI_BASE_URL"] = url
    sys.argv = ["imrllm", *command]
    print(">", *command, file=sys.stderr)
    try:
        main()
    except SystemExit as ended:
        print("exit", ended.code, file=sys.stderr)
"""
# What sees neither a key nor a letter, and costs a gigabyte: tests/llm has them.
LEFT_OUT = {"model pull", "model serve"}
OFFLINE: dict[str, list[str]] = {
    "extract": ["letters", "--model", "none", "-o", "records.jsonl"],
    "batch submit": ["letters", "--model", "openai/stand-in", "--prompt", WHOLE_PROMPT, "-o", "batched.jsonl"],
    "batch status": ["batched.jsonl"],
    "batch collect": ["batched.jsonl"],
    "batch cancel": ["batched.jsonl"],
    "merge": ["merged.jsonl", "records.jsonl"],
    "export": ["records.jsonl", "-o", "documents.csv", "--table", "documents"],
    "check": ["theirs.jsonl", "--documents", "letters", "-o", "checked.jsonl"],
    "audit": ["records.jsonl", "--documents", "letters", "-n", "1"],
    "view": ["records.jsonl", "--documents", "letters", "-o", "review.html"],
    "apply": ["letters/settled.json", "records.jsonl", "-o", "confirmed.jsonl", "--gold", "gold"],
    "eval": ["--model=none", "--html=eval.html", "--json=eval.json", "--junit=eval.xml", "--only-failed"],
    "compare": ["eval.json", "eval.json", "--html", "compare.html", "--json", "compare.json"],
    "report": ["records.jsonl", "-o", "report.html"],
    "form list": [],
    "form show": ["2016-2017"],
    "form check": ["letters"],
    "form learn": ["letters", "--model", "vllm/stand-in", "-o", "learned.toml"],
    "schema": ["result"],
    "doctor": ["--model", "vllm/stand-in"],
    "init": ["project"],
    "prompts list": [],
    "prompts show": ["v5"],
    "prompts diff": ["v4", "v5"],
    "prompts lint": ["v5"],
    # What it is for goes to standard output: here the part of the letter that has no canary.
    "prompts render": ["v5", "letters/ada.txt", "--kind", "case"],
    "model list": [],
    "calibrate": ["--model", "none"],
    "cassettes record": ["--model", "vllm/stand-in", "--prompt", "whole"],
    "cassettes check": [],
    "cassettes prune": ["--dry-run"],
}
AFTER_ERRORS = [
    ["extract", "nowhere", "letters", "--model", "none", "--prompt", "v9"],
    ["extract", "letters", "--model", "gpt"],
    ["export", "theirs.jsonl", "-o", "theirs.csv"],
    ["eval", "--records", "theirs.jsonl"],
    ["eval", "--model", "local"],
    ["check", "letters/ada.txt", "--documents", "letters"],
    ["prompts", "show", "letters/ada.md"],
    ["prompts", "lint", "letters/ada.md"],
    ["prompts", "render", "v5", "letters/soup.txt"],
    ["prompts", "render", "letters/ada.md", "letters/ada.txt"],
    ["compare", "letters/ada.json", "eval.json"],
    ["view", "letters/ada.txt", "--documents", "letters"],
    ["apply", "letters/ada.json", "records.jsonl"],
    ["apply", "letters/wrong.json", "records.jsonl"],
]


@dataclass(frozen=True)
class Place:
    """A folder with letters, a suite and records, in which commands run."""

    folder: Path

    def run(self, *commands: tuple[StandIn | BatchStandIn, Sequence[str]]) -> str:
        """Run commands in one process, each with its server, and give what was printed."""
        script = self.folder / "commands.txt"
        gateway = f"http://gateway:{PASSWORD}@"
        urls = [server.base_url.replace("http://", gateway) for server, _ in commands]
        script.write_text(json.dumps([[url, *command] for url, (_, command) in zip(urls, commands, strict=True)]))
        environment = os.environ | {
            "OPENAI_API_KEY": KEY,
            "OPENAI_LOG": "debug",
            "HTTPX_LOG_LEVEL": "trace",
            "PYTHONASYNCIODEBUG": "1",
            "PYTHONDEVMODE": "1",
            # Not the debugging of memory that belongs to it: it doubles the time, and prints nothing of ours.
            "PYTHONMALLOC": "default",
            "PYTHONWARNINGS": "always",
            "IMRLLM_CACHE_DIR": str(self.folder / "cache"),
            "PYTHONPATH": str(Path(imrllm.__file__).parents[1]),
        }
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(script)],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        script.unlink()
        printed = ran.stdout + ran.stderr
        assert ran.returncode == 0, printed
        assert printed.count("\nexit ") == len(commands)
        assert "Traceback" not in printed
        return printed

    def told(self, printed: str) -> Iterator[tuple[str, str]]:
        """All that came out, by where; a row without the rationales of its record, and not the pages of the letters."""
        yield "printed", printed
        given = {self.folder / name for name in ("letters", "evals", "theirs.jsonl", "review.html", "audit.html")}
        for file in self.folder.rglob("*"):
            if not file.is_file() or given & {file, *file.parents}:
                continue
            text = file.read_text(encoding="utf-8", errors="replace")
            if file.suffix == ".jsonl":
                text = json.dumps([without_rationales(json.loads(line)) for line in text.splitlines()])
            yield str(file.relative_to(self.folder)), text


def without_rationales(row: dict[str, Any]) -> dict[str, Any]:
    for item in (row["record"] or {}).get("disputed_items", ()):
        item["rationale"] = None
    return row


def leaks(told: Iterable[tuple[str, str]]) -> list[str]:
    """Where a part of a canary came out, and around what."""
    marks = (KEY[3:20], PASSWORD[:14], "heron stood")
    return [
        f"{where}: {text[max(0, at - 80) : at + 80]}"
        for where, text in told
        for mark in marks
        if (at := text.find(mark)) >= 0
    ]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    suite = make_suite(tmp_path)
    # Recordings are of a prompt that has a name.
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "whole.md").write_text(Path(WHOLE_PROMPT).read_text())
    letters = tmp_path / "letters"
    letters.mkdir()
    text = suite.letter("ada").text
    (letters / "ada.txt").write_text(text)
    for name in ("ada.md", "ada.json"):
        (letters / name).write_text(text)
    (letters / "cut.txt").write_text(text[:400] + CANARY)
    (letters / "soup.txt").write_text(f"A recipe. {CANARY}")
    (letters / "binary.txt").write_bytes(CANARY.encode() + b"\x00")
    (letters / "rows.jsonl").write_text(f'{{"id": "one", "text": ["{CANARY}"]}}\n{CANARY}\n')
    read = Extractor("none").extract(Document.from_text(text, "ada"))
    doubtful = {check.pointer for check in read.checks if check.status != "confirmed" or check.is_open}
    doubts = [correction(read, at, None) for at in sorted(doubtful - {"/injured_worker/age"})]
    doubts = [each | {"action": "accept", "value": each["was"]} for each in doubts]
    settled = corrections(correction(read, "/injured_worker/age", 41), *doubts, whole=[read])
    (letters / "settled.json").write_text(json.dumps(settled))
    (letters / "wrong.json").write_text(json.dumps(corrections(correction(read, "/injured_worker/age", CANARY))))
    record = json.loads(suite.gold("ada").read_text())["record"]
    wrong = [record, {**record, CANARY: 1}, {**record, "injured_worker": {"age": CANARY}}, [CANARY]]
    rows = [json.dumps({"document_id": "ada", "record": each}) for each in wrong] + [CANARY]
    (tmp_path / "theirs.jsonl").write_text("\n".join(rows))
    return Place(tmp_path)


def commands(group: Group, *path: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, Group) or hasattr(command, "commands"):
            yield from commands(command, *path, name)
        else:
            yield " ".join([*path, name])


def test_every_command_is_here() -> None:
    from typer.main import get_command

    group: Any = get_command(app)
    assert set(commands(group)) == OFFLINE.keys() | LEFT_OUT


def test_no_command_tells_the_key_or_the_letter(place: Place) -> None:
    answer = completion(json.dumps(WHOLE))
    with StandIn(answer) as server, BatchStandIn(lambda _: answer) as batches:
        every = [*([*name.split(), *rest] for name, rest in OFFLINE.items()), *AFTER_ERRORS]
        printed = place.run(*((batches if command[0] == "batch" else server, command) for command in every))
        assert server.received, printed
        assert batches.batches, printed
    made_here = ("records.jsonl", "batched.jsonl", "documents.csv", "checked.jsonl", "review.html")
    for made in (
        *made_here,
        "confirmed.jsonl",
        "gold/ada.json",
        "eval.html",
        "compare.html",
        "calibration/none.json",
        "run.log",
        "cassettes",
    ):
        assert (place.folder / made).exists(), made
    assert CANARY in (place.folder / "records.jsonl").read_text(), "the record has its rationale"
    assert leaks(place.told(printed)) == []


# Whatever a server says, or the lack of an answer; the canaries in it come back from what it was sent.
FAILURES = {
    "an answer": completion(json.dumps(WHOLE)),
    "500": Reply(500, failure(500, message=TOLD).body, ECHO),
    "429": Reply(429, failure(429, message=TOLD, code=KEY).body, ECHO),
    "401": Reply(401, failure(401, message=TOLD, code="invalid_api_key").body, ECHO),
    "400": Reply(400, failure(400, message=TOLD, code=KEY).body, ECHO),
    "404": Reply(404, failure(404, message=TOLD).body, ECHO),
    "no JSON": completion(TOLD),
    "an answer of other fields": completion(json.dumps({"reviewer": TOLD, TOLD: [TOLD]})),
    "a refusal": completion(None, refusal=TOLD),
    "an answer cut off": completion(f'{{"reviewer": "{TOLD}', finish_reason="length"),
    "a page": Reply(200, f"<html>{TOLD}</html>".encode(), {"content-type": "text/html"}),
    "a broken body": Reply(200, f'{{"choices": [{{"{TOLD}"'.encode()),
    "no connection": dropped(),
    "a redirect": Reply(307, {}, {"location": f"http://127.0.0.1:9/{KEY}"}),
}


def test_no_failure_of_a_model_tells_them(place: Place) -> None:
    # Recordings of an OpenAI model are of OpenAI's server alone.
    model, own = ([f"--prompt={WHOLE_PROMPT}", f"--model={provider}/stand-in"] for provider in ("openai", "vllm"))
    with ExitStack() as stack:
        runs: list[tuple[StandIn, list[str]]] = []
        for number, reply in enumerate(FAILURES.values()):
            server = stack.enter_context(StandIn(reply))
            files = [
                f"--json={number}.json",
                f"--html={number}.html",
                f"--junit={number}.xml",
                f"--inspect=logs{number}",
            ]
            runs += [
                (server, ["extract", "letters/ada.txt", *model, "--on-conflict=reask", "-o", f"{number}.jsonl"]),
                (server, ["eval", "--cassettes=off", *files, *model]),
                (server, ["cassettes", "record", f"--cassettes-dir={number}", *own]),
            ]
        printed = place.run(*runs)
        assert all(server.received for server, _ in runs)
    assert leaks(place.told(printed)) == []


def test_no_failure_of_a_batch_tells_them(place: Place) -> None:
    steps = ("POST /v1/files", "POST /v1/batches", "GET /v1/batches/", "GET /v1/files/", "DELETE /v1/files/")
    faults = [Fault(step, FAILURES[name], acted=True) for step in steps for name in ("500", "429")]
    outcomes = [
        Outcome("failed", code=TOLD),
        Outcome("failed", code=KEY),
        Outcome(answers=lambda _: [], errors=errors(429, KEY, TOLD), raw=TOLD.encode()),
    ]
    submit = [
        "batch",
        *["submit", "letters/ada.txt", "--model", "openai/stand-in", "--prompt", WHOLE_PROMPT, "-o", "1.jsonl"],
    ]
    with ExitStack() as stack:
        server = stack.enter_context(BatchStandIn(lambda _: completion(TOLD), *outcomes, faults=tuple(faults)))
        runs: list[tuple[BatchStandIn, list[str]]] = [(server, submit)]
        runs += [(server, ["batch", command, "1.jsonl"]) for command in ("status", "collect") * 3]
        for number, name in enumerate(("401", "400", "404", "a page", "a broken body", "a redirect"), 2):
            # Nothing is carried out, however often it is asked.
            lost = stack.enter_context(
                BatchStandIn(lambda _: completion(TOLD), faults=(Fault("", FAILURES[name]),) * 99)
            )
            runs.append((lost, [*submit[:-1], f"{number}.jsonl"]))
        printed = place.run(*runs)
        assert len(server.batches) == 3, printed
    assert leaks(place.told(printed)) == []


def test_a_disagreement_that_is_asked_again_tells_neither(place: Place) -> None:
    wrong = {**ITEM, "quantity": 61, "treatment": TOLD}
    replies = [completion(json.dumps(each)) for each in (CASE, wrong, wrong)]
    with StandIn(*replies) as server:
        model = f"--model openai/stand-in --prompt {FULL_PROMPT}"
        command = f"extract letters/ada.txt {model} --on-conflict reask --concurrency 1 -o records.jsonl"
        printed = place.run((server, command.split()))
        assert len(server.received) == 3
    told = [(where, text) for where, text in place.told(printed) if where != "records.jsonl"]
    assert leaks(told) == []
