"""Shows what a change to the grammar changed: every value that two commits read differently, letter by letter.

Run: python benchmarks/gains.py A [B] [--letters FOLDER ...] [--speed ROUNDS]

A and B are commits; B defaults to the working tree. Each reads all letters with `--model none` in a separate process.
The letters are those of evals/written, evals/wordings and `--letters`. If a letter has gold, a change is a gain, a loss
or neither; otherwise the output shows the words that the value was read from.

`--speed` measures instead how many letters a second each reads, from text to result. The commits take turns, each time
in a process of its own on one core, and processor time counts; the first reading of a process is left out. Calibration
tables are used whatever grammar they were counted with, so that both commits do the same work.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from imrllm.documents import Document, read_documents
from imrllm.evals import FieldOutcome, score

PROJECT = Path(__file__).resolve().parent.parent
EVALS = PROJECT / "evals"
LETTERS = (EVALS / "written" / "letters", EVALS / "wordings" / "letters")
# Read in the measured process: an older commit has no code for it.
TIMED = """
import json, sys, time
from imrllm import Extractor
from imrllm.documents import Document
from imrllm.trust import tables

with open(sys.argv[1], encoding="utf-8") as stream:
    documents = [Document.from_text(text, name) for name, text in json.load(stream).items()]
table = tables.tables_folder() / "none.json"
if table.exists():
    counted_with = json.loads(table.read_text(encoding="utf-8"))["grammar_sha256"]
    tables.grammar_sha256 = lambda: counted_with
extractor = Extractor("none")
for number in range(int(sys.argv[2]) + 1):
    if number == 1:
        started = time.process_time()
    for document in documents:
        extractor.extract(document)
print((time.process_time() - started) / int(sys.argv[2]) / len(documents))
"""
# How often a measured process reads the letters.
READINGS = 3
# Characters of the letter to show on either side of a value.
AROUND = 30


def checked_out(commit: str, folder: Path) -> Path:
    """The commit's package in a folder of its own."""
    command = ["git", "archive", commit, "imrllm", "prompts", "calibration"]
    archive = subprocess.run(command, cwd=PROJECT, capture_output=True, check=False)
    if archive.returncode:
        sys.exit(f"no commit `{commit}`: {archive.stderr.decode().strip()}")
    place = folder / "commits" / commit.replace("/", "-")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as tar:
        tar.extractall(place, filter="data")
    return place


def rows(source: Path, letters: list[str], output: Path) -> dict[str, dict[str, Any]]:
    """The result of each letter, by document id, as the package at `source` reads it."""
    command = [sys.executable, "-m", "imrllm", "extract", *letters, "--model", "none", "--quiet", "-o", str(output)]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(source)}, cwd=output.parent, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"imrllm extract ended with {done.returncode}")
    with output.open(encoding="utf-8") as stream:
        return {row["document_id"]: row for row in map(json.loads, stream)}


def seconds_a_letter(source: Path, texts: Path) -> float:
    """Processor time to read a letter with the package at `source`, in seconds."""
    command = [sys.executable, "-c", TIMED, str(texts), str(READINGS)]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(source)}, cwd=texts.parent, capture_output=True, check=False
    )
    if done.returncode:
        sys.exit(f"a measured process ended with {done.returncode}: {done.stderr.decode()}")
    return float(done.stdout)


def compare_speed(sources: tuple[Path, Path], texts: dict[str, str], rounds: int, folder: Path) -> None:
    """Measure both commits in turn, and print a line for each round and one for the medians."""
    if hasattr(os, "sched_setaffinity"):
        # The measured processes inherit it.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    file = folder / "texts.json"
    file.write_text(json.dumps(texts), encoding="utf-8")
    taken = []
    for number in range(rounds):
        old, new = (seconds_a_letter(source, file) for source in sources)
        taken.append((old, new))
        print(f"{number + 1:3}: {old * 1000:6.2f} ms, then {new * 1000:6.2f} ms a letter: {old / new:.2f}", flush=True)
    old, new = (statistics.median(each) for each in zip(*taken, strict=True))
    ratio = statistics.median(one / other for one, other in taken)
    print(f"{len(texts)} letters: {1 / old:.1f}, then {1 / new:.1f} letters a second; median ratio {ratio:.2f}")


def values(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that a record states, by its JSON Pointer; a list of plain values is one."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from values(inner, f"{pointer}/{name}")
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        for index, inner in enumerate(value):
            yield from values(inner, f"{pointer}/{index}")
    elif value not in (None, []):
        yield pointer, value


def changes(was: dict[str, Any] | None, now: dict[str, Any] | None) -> Iterator[tuple[str, Any, Any]]:
    """What two records of one letter state differently: the pointer, and either value."""
    old, new = dict(values(was or {})), dict(values(now or {}))
    for pointer in [*old, *(pointer for pointer in new if pointer not in old)]:
        if old.get(pointer) != new.get(pointer):
            yield pointer, old.get(pointer), new.get(pointer)


def verdicts(
    gold: dict[str, Any], was: dict[str, Any] | None, now: dict[str, Any] | None
) -> Iterator[tuple[str, str, Any, Any]]:
    """What two records state differently, as the scorer sees it: a verdict, the pointer, and either value.

    A field is a gain where it is right now and was not, a loss where it is the other way round, else neither.
    """

    def key(leaf: FieldOutcome) -> tuple[str, str]:
        return leaf.path, leaf.field

    old, new = ({key(leaf): leaf for leaf in score(gold, record)} for record in (was, now))
    for each in sorted(old.keys() | new.keys()):
        before, after = old.get(each), new.get(each)
        one, two = before and before.value, after and after.value
        if one != two:
            right = [leaf is None or leaf.exact for leaf in (before, after)]
            verdict = "other" if right[0] == right[1] else "gain" if right[1] else "loss"
            at = next((leaf.at for leaf in (after, before) if leaf and leaf.at), each[0])
            yield verdict, at, one, two


def words(row: dict[str, Any], pointer: str, text: str) -> str:
    """What stands in the letter where a value was read, with a little around it."""
    evidence = row.get("evidence") or {}
    spans = evidence.get(pointer) or evidence.get(f"{pointer}/0") or []
    if not spans:
        return ""
    start, end = spans[0]
    return " ".join(text[max(0, start - AROUND) : end + AROUND].split())


def main() -> None:
    """Read the letters with both commits, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("a", metavar="A", help="a commit")
    parser.add_argument("b", metavar="B", nargs="?", help="another commit; by default the working tree")
    parser.add_argument("--letters", nargs="+", default=[], help="more letters: files or folders of text or PDF")
    parser.add_argument("--speed", type=int, metavar="ROUNDS", help="compare letters a second, in so many rounds")
    given = parser.parse_args()
    inputs = [*map(str, LETTERS), *(str(Path(each).resolve()) for each in given.letters)]
    texts = {each.id: each.text for each in read_documents(inputs) if isinstance(each, Document)}
    gold = {file.stem: json.loads(file.read_text(encoding="utf-8"))["record"] for file in EVALS.glob("*/gold/*.json")}
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = checked_out(given.a, folder), checked_out(given.b, folder) if given.b else PROJECT
        if given.speed:
            compare_speed(sources, texts, given.speed, folder)
            return
        before = rows(sources[0], inputs, folder / "a.jsonl")
        after = rows(sources[1], inputs, folder / "b.jsonl")
    for document in sorted(before.keys() | after.keys()):
        old, new = before.get(document, {}), after.get(document, {})
        records = old.get("record"), new.get("record")
        if document in gold:
            found = verdicts(gold[document], *records)
        else:
            found = (("without gold", *change) for change in changes(*records))
        for verdict, pointer, one, two in found:
            counts[verdict] += 1
            mark = "" if verdict == "without gold" else verdict
            print(f"{mark:6}{document} {pointer}: {json.dumps(one)} -> {json.dumps(two)}")
            where = words(new, pointer, texts.get(document, "")) or words(old, pointer, texts.get(document, ""))
            if where:
                print(f"      {where}")
    total = ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "nothing changed"
    print(f"{len(texts)} letters, of which {len(gold.keys() & texts.keys())} with gold: {total}")


if __name__ == "__main__":
    main()
