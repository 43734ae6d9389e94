"""How long `imrllm --help` takes, against Python's own start: medians of runs in turn, and their ratio.

Run: python benchmarks/startup.py [--runs 21]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "imrllm --help": [sys.executable, "-m", "imrllm", "--help"],
}


def seconds(command: list[str]) -> float:
    """Wall time of one run of a command, in seconds."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Run the commands in turn, so that a drift of the machine's speed meets both, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=21, help="counted runs of each command, after one that warms up")
    runs = parser.parse_args().runs
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for run in range(runs + 1):
        for name, command in COMMANDS.items():
            took = seconds(command)
            if run:
                times[name].append(took)
    for name, taken in times.items():
        print(f"{name:<16} median {statistics.median(taken):.3f} s  min {min(taken):.3f} s  max {max(taken):.3f} s")
    bare, helped = (statistics.median(taken) for taken in times.values())
    print(f"ratio            {helped / bare:.1f} (the target: below 10, which is 0.2 s where bare Python takes 0.02 s)")


if __name__ == "__main__":
    main()
