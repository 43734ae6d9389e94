"""Letters a second of `imrllm extract --engine ray --model none` with two workers, as a ratio to the plain run.

Run: python benchmarks/spread.py [--letters 4000] [--workers 2]

Both read the same JSON lines, first a few letters each to warm up. The whole command is timed, and what Ray's start and
end cost is told by a run of one letter: the second ratio is without it, as of a run that takes hours.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from throughput import LETTERS, variations


def timed(source: Path, output: Path, *options: str) -> float:
    """Wall time of one run, in seconds."""
    command = [sys.executable, "-m", "imrllm", "extract", str(source), "--model", "none", "--quiet", "-o", str(output)]
    started = time.perf_counter()
    ended = subprocess.run([*command, "--fresh", *options], check=False).returncode
    took = time.perf_counter() - started
    if ended not in (0, 1):
        sys.exit(f"imrllm extract ended with {ended}")
    return took


def main() -> None:
    """Measure both and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=4000)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    texts = [file.read_text(encoding="utf-8") for file in sorted(LETTERS.glob("*.txt"))]
    on_ray = ("--engine", "ray", "--workers", str(given.workers))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = {}
        for count in (1, given.letters):
            sources[count] = folder / f"{count}.jsonl"
            rows = ({"id": f"{number:06}", "text": text} for number, text in enumerate(variations(texts, count)))
            sources[count].write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        start = {}
        took = {}
        for engine, options in {"plain": (), "ray": on_ray}.items():
            timed(sources[1], folder / f"{engine}-warm", *options)
            start[engine] = timed(sources[1], folder / f"{engine}-one", *options)
            took[engine] = timed(sources[given.letters], folder / f"{engine}-all", *options)
            rate = given.letters / took[engine]
            print(
                f"{engine:<6}{took[engine]:8.1f} s {rate:8.1f} letters/s, of which start and end {start[engine]:.1f} s"
            )
    whole = took["plain"] / took["ray"]
    apart = (took["plain"] - start["plain"]) / (took["ray"] - start["ray"])
    load = os.getloadavg()[0]
    print(
        f"ray with {given.workers} workers: {whole:.2f} times the plain run, {apart:.2f} times apart from start and end"
    )
    print(f"{os.cpu_count()} CPUs, load {load:.1f}")


if __name__ == "__main__":
    main()
