"""Tests a long run with faults and kills: it must end like an undisturbed run and must not ask anything twice.

Run: python -m benchmarks.soak [--letters 5000] [--kills 5] [--faults 0.1]

The stand-in server refuses, cuts off or corrupts a share of the requests, and `imrllm extract` is killed with `kill -9`
at random moments and started again. At the end, every letter must have one row, equal to that of a run without faults
except for its cost. A run must not ask about letters that already have rows, and must not repeat a question that was
answered. The exit code is 1 if one of these conditions fails.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.standin import serving
from tests.letters import SUMMARY, Item, letter

# Fields of a row that depend on the run and not on the letter.
COSTS = ("usage", "cost", "attempts", "seconds")
# The stand-in answers its calls: one for the case and one for each item.
PROMPT = "v5"
# Answers that settle a question.
SETTLED = {"clean", "drip"}


@dataclass(slots=True)
class Soaked:
    """What came of a run that was killed.

    Attributes:
        kills: runs that were killed; the last one ended by itself.
        requests: requests that the server got, and of these, by fault.
        wrong: what should not have happened, in words.
    """

    kills: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def write_letters(path: Path, count: int) -> None:
    """A JSON lines file of letters that are told apart by their number, one disputed item each."""
    with path.open("w", encoding="utf-8") as stream:
        for number in range(count):
            told = f"This is letter no. {number:06}."
            item = Item("Norco 10/325mg #120", rationale=f"{told} No gain was recorded. It is not medically necessary.")
            row = {"id": f"letter-{number:06}", "text": letter(item, summary=f"{SUMMARY} {told}")}
            print(json.dumps(row), file=stream)


def extracting(source: Path, output: Path, url: str, concurrency: int) -> subprocess.Popen[bytes]:
    """Start `imrllm extract` on letters, with the server at an address; what it says goes to a file beside the rows."""
    model = ["--model", "vllm/stand-in", "--prompt", PROMPT]
    command = [sys.executable, "-m", "imrllm", "extract", source, *model, "--quiet", "-o", output]
    environment = os.environ | {"OPENAI_BASE_URL": url}
    with output.with_suffix(".said").open("ab") as said:
        return subprocess.Popen([*command, "--concurrency", str(concurrency)], env=environment, stderr=said)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows that are whole."""
    if not path.exists():
        return
    with path.open("rb") as lines:
        yield from (json.loads(line) for line in lines if line.endswith(b"\n"))


def killed(process: subprocess.Popen[bytes], output: Path, after: int) -> bool:
    """Kill a run once the file has so many rows; False where it ended before."""
    count = 0
    while process.poll() is None and not output.exists():
        time.sleep(0.002)
    with output.open("rb") as lines:
        while process.poll() is None and count < after:
            written = lines.read()
            count += written.count(b"\n")
            if not written:
                time.sleep(0.001)
    process.kill()
    return process.wait() < 0


def soak(folder: Path, letters: int, kills: int, faults: float, *, seed: int, concurrency: int) -> Soaked:
    """Extract letters undisturbed and disturbed, and compare.

    Args:
        folder: for letters, results and the server's log.
        letters: how many.
        kills: how often the disturbed run is killed.
        faults: share of its requests that meet a fault.
        seed: what kills and faults are drawn from.
        concurrency: calls at a time.
    """
    source, undisturbed, disturbed, log = (folder / name for name in ("in.jsonl", "whole.jsonl", "out.jsonl", "log"))
    write_letters(source, letters)
    found = Soaked()
    chance = random.Random(seed)
    # The ids that are in the file when each run begins.
    written: list[set[str]] = [set()]
    with ExitStack() as stack:
        calm = stack.enter_context(serving())
        rough = stack.enter_context(serving("--faults", faults, "--seed", seed, "--log", log))
        # Beside the other, for the time that it takes.
        whole = stack.enter_context(extracting(source, undisturbed, calm, concurrency))

        def run() -> subprocess.Popen[bytes]:
            # The run's number is in the path, to tell its requests from late ones of a killed run.
            return extracting(source, disturbed, rough.replace("/v1", f"/{len(written) - 1}/v1"), concurrency)

        for share in sorted(chance.random() for _ in range(kills)):
            found.kills += killed(run(), disturbed, int(share * letters))
            written.append({row["document_id"] for row in rows(disturbed)})
        codes = {"the disturbed run": run().wait(), "the undisturbed run": whole.wait()}
    found.wrong += [f"{name} ended with {code}" for name, code in codes.items() if code]
    if found.kills < kills:
        found.wrong.append(f"{kills - found.kills} of {kills} runs ended before they were killed")
    for said in (undisturbed.with_suffix(".said"), disturbed.with_suffix(".said")):
        found.wrong += [f"a run said: {line}" for line in said.read_text(encoding="utf-8").splitlines()]
    found.wrong += differences(undisturbed, disturbed, letters)
    found.wrong += repeated(log, written, found.requests)
    return found


def differences(undisturbed: Path, disturbed: Path, letters: int) -> Iterator[str]:
    """How the rows of one run differ from those of the other."""
    ours, theirs = list(rows(disturbed)), list(rows(undisturbed))
    unique = len({row["document_id"] for row in ours})
    if not len(ours) == len(theirs) == unique == letters:
        yield f"{len(ours):,} rows of {unique:,} documents, {len(theirs):,} undisturbed, of {letters:,} letters"
    for row in (*ours, *theirs):
        for cost in COSTS:
            row["provenance"].pop(cost)
    differing = [one["document_id"] for one, other in zip(ours, theirs, strict=False) if one != other]
    if differing:
        yield f"{len(differing):,} rows differ from the undisturbed run's, `{differing[0]}` first"


def repeated(log: Path, written: list[set[str]], requests: Counter[str]) -> Iterator[str]:
    """Which questions were asked though their answer was there; counts the requests by fault."""
    settled: set[tuple[str, ...]] = set()
    for line in log.read_text(encoding="utf-8").splitlines():
        _, path, number, schema, fault = line.split(maxsplit=4)
        requests[fault] += 1
        run = path.split("/")[1]
        if f"letter-{number}" in written[int(run)]:
            yield f"letter {number} was asked about in run {run}, which found its row"
        if (run, number, schema) in settled:
            yield f"letter {number} was asked about again ({schema}) in run {run}, which had the answer"
        if fault in SETTLED:
            settled.add((run, number, schema))


def main() -> None:
    """Soak, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--faults", type=float, default=0.1, help="share of requests with a fault")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--concurrency", type=int, default=32)
    given = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = soak(
            Path(folder), given.letters, given.kills, given.faults, seed=given.seed, concurrency=given.concurrency
        )
    requests, met = found.requests.total(), found.requests.total() - found.requests["clean"]
    print(f"{given.letters:,} letters, {found.kills} kills, {requests:,} requests, {met:,} of them with a fault:")
    print("  " + " · ".join(f"{fault} {count:,}" for fault, count in found.requests.most_common() if fault != "clean"))
    print(f"  {time.monotonic() - started:.0f} s")
    for wrong in found.wrong[:20]:
        print(f"wrong: {wrong}")
    if found.wrong:
        sys.exit(1)
    print("one row a letter, as without faults; no letter with a row and no answered question was asked again")


if __name__ == "__main__":
    main()
