"""Compares letters per second of `imrllm extract --engine ray --model none` with a plain run on the same machine.

Run: python benchmarks/spread.py [--letters 8000] [--workers 2]

It reads the same JSON lines in three ways: with one worker process, with several `--shard` runs at a time (the limit of
the machine's cores), and with Ray's workers. Each way first reads one letter to warm up, and once more to measure
start and end. The rates are for the whole command, and without start and end, as in a run that takes hours.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from throughput import LETTERS, write_variations


def timed(source: Path, output: Path, *runs: list[str]) -> float:
    """Wall time of runs side by side, in seconds."""
    command = [sys.executable, "-m", "imrllm", "extract", str(source), "--model", "none"]
    command += ["--processes", "1", "--quiet", "--fresh"]
    started = time.perf_counter()
    processes = [
        subprocess.Popen([*command, "-o", f"{output}-{number}", *options]) for number, options in enumerate(runs)
    ]
    ended = [process.wait() for process in processes]
    if not set(ended) <= {0, 1}:
        sys.exit(f"imrllm extract ended with {ended}")
    return time.perf_counter() - started


def main() -> None:
    """Measure each way and print a line for it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    texts = [file.read_text(encoding="utf-8") for file in sorted(LETTERS.glob("*.txt"))]
    ways = {
        "plain": [[]],
        "shards": [["--shard", f"{number}/{given.workers}"] for number in range(1, given.workers + 1)],
        "ray": [["--engine", "ray", "--workers", str(given.workers)]],
    }
    print(f"{given.letters:,} letters, {given.workers} workers, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
    whole: dict[str, float] = {}
    apart: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        few, many = Path(name, "few.jsonl"), Path(name, "many.jsonl")
        for source, count in ((few, 1), (many, given.letters)):
            write_variations(source, texts, count)
        for way, runs in ways.items():
            timed(few, Path(name, f"{way}-warm"), *runs)
            start = timed(few, Path(name, f"{way}-few"), *runs)
            whole[way] = timed(many, Path(name, f"{way}-many"), *runs)
            apart[way] = whole[way] - start
            print(
                f"{way:<8}{whole[way]:7.1f} s, start and end {start:5.1f} s: {whole['plain'] / whole[way]:.2f} times "
                f"the plain run, {apart['plain'] / apart[way]:.2f} times ({given.letters / apart[way]:.0f} letters/s) "
                "without start and end"
            )
    print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
