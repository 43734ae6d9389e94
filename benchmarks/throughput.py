"""Measures letters per second and peak memory of `imrllm extract --model none` on variations of the written letters.

Run: python benchmarks/throughput.py [--letters 100 10000]

Each size runs as a separate process on one core, from JSON lines to JSON lines, including start-up. If the peaks of a
small and a large size are alike, memory does not grow with the number of letters.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LETTERS = Path(__file__).resolve().parent.parent / "evals" / "written" / "letters"
# A number that may change while the text stays a valid letter: ages, strengths, quantities, pages.
NUMBER = re.compile(r"(?<=#)\d{2,3}\b|\b\d{2}(?=-year-old)|(?<=Page\(s\): )\d+")


def variations(texts: list[str], count: int) -> list[str]:
    """Letters made from the written ones with other numbers; the same for the same count."""
    chance = random.Random(20160101)
    return [NUMBER.sub(lambda _: str(chance.randint(18, 99)), texts[number % len(texts)]) for number in range(count)]


def write_variations(file: Path, texts: list[str], count: int) -> None:
    """Write so many variations as JSON lines, `letter-000000` and so on."""
    with file.open("w", encoding="utf-8") as stream:
        for number, text in enumerate(variations(texts, count)):
            print(json.dumps({"id": f"letter-{number:06}", "text": text}), file=stream)


def measure(texts: list[str], count: int, folder: Path) -> tuple[float, float, int]:
    """Extract a number of letters.

    Returns:
        Wall time in seconds, peak memory in MiB, and rows written that are not failed.
    """
    source, output = folder / f"{count}.jsonl", folder / f"{count}.out.jsonl"
    write_variations(source, texts, count)
    command = [sys.executable, "-m", "imrllm", "extract", str(source), "--model", "none", "--quiet", "-o", str(output)]
    started = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"imrllm extract ended with {process.returncode}")
    with output.open(encoding="utf-8") as stream:
        rows = sum(json.loads(line)["status"] != "failed" for line in stream)
    scale = 1 if sys.platform == "darwin" else 1024
    return took, used.ru_maxrss * scale / 2**20, rows


def main() -> None:
    """Measure each size and print a line for it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--letters", type=int, nargs="+", default=[100, 10_000], help="numbers of letters, one run for each"
    )
    sizes = parser.parse_args().letters
    texts = [file.read_text(encoding="utf-8") for file in sorted(LETTERS.glob("*.txt"))]
    if not texts:
        sys.exit(f"no letters under {LETTERS}")
    if hasattr(os, "sched_setaffinity"):
        # The measured processes inherit it.
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(f"{len(texts)} written letters, {sum(map(len, texts)) // len(texts):,} characters on average; one core")
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            took, peak, rows = measure(texts, size, Path(folder))
            rate = f"{took:8.2f} s  {size / took:8.1f} letters/s"
            print(f"{size:>7,} letters  {rate}  peak {peak:7.1f} MiB  {rows:,} rows not failed")


if __name__ == "__main__":
    main()
