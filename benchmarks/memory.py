"""Measures the peak memory of `imrllm extract` on few and many letters, with and without a model, and resumed.

Run: python -m benchmarks.memory [--letters 500 10000]

Each run is a separate command, whose largest process counts. The model is the stand-in server. After each run, the last
tenth of its rows is removed and the run is resumed. The exit code is 1 if a peak with many letters is more than 1.2
times the peak with few.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.soak import write_letters
from benchmarks.standin import serving

RATIO = 1.2
# One call per letter.
PROMPT = Path(__file__).parents[1] / "tests" / "prompts" / "whole.md"
MODELS: dict[str, list[str | Path]] = {
    "none": ["--model", "none"],
    "a model": ["--model", "vllm/stand-in", "--prompt", PROMPT, "--concurrency", "32"],
}


def peak(command: list[str | Path], url: str) -> float:
    """Run a command to its end.

    Returns:
        Its peak memory in MiB.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | {"OPENAI_BASE_URL": url})
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"imrllm extract ended with {process.returncode}")
    scale = 1 if sys.platform == "darwin" else 1024
    mib = used.ru_maxrss * scale / 2**20
    print(f"{time.perf_counter() - started:8.1f} s  peak {mib:7.1f} MiB", flush=True)
    return mib


def shortened(path: Path) -> None:
    """Take the last tenth of a file's rows away."""
    # One row in memory at a time: a process's peak begins with that of the one that starts it.
    with path.open("rb+") as rows:
        ends = [rows.tell() for _ in iter(rows.readline, b"")]
        rows.truncate(ends[len(ends) * 9 // 10 - 1])


def main() -> None:
    """Measure each way of running at both sizes, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, nargs=2, default=[500, 10_000], help="few and many")
    sizes = parser.parse_args().letters
    peaks: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, serving() as url:
        for size in sizes:
            source = Path(folder) / f"{size}.jsonl"
            write_letters(source, size)
            for model, options in MODELS.items():
                output = source.with_suffix(".out.jsonl")
                command = [sys.executable, "-m", "imrllm", "extract", source, "--quiet", "-o", output, *options]
                for way in (model, f"{model}, resumed"):
                    print(f"{size:>7,} letters  {way:<18}", end="", flush=True)
                    peaks.setdefault(way, []).append(peak(command, url))
                    shortened(output)
                output.unlink()
    ratios = {way: many / few for way, (few, many) in peaks.items()}
    for way, ratio in ratios.items():
        print(f"{way:<18} {ratio:.2f} (the target: at most {RATIO})")
    if max(ratios.values()) > RATIO:
        sys.exit(1)


if __name__ == "__main__":
    main()
