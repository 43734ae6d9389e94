"""Measures the time to `imrllm --help`, to one letter's record and to a first request, compared with Python and openai.

Run: python benchmarks/startup.py [--runs 21]

It prints medians of alternating runs, and their ratios. The first request is that of `imrllm extract` on one letter,
measured from the start of the process until the bytes arrive at a socket.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

LETTER = str(min((Path(__file__).resolve().parent.parent / "evals" / "written" / "letters").glob("*.txt")))
BARE, HELP, OPENAI, REQUEST = "python -c pass", "imrllm --help", "python -c 'import openai'", "first request"
GRAMMAR = "one letter by the grammar"
COMMANDS = {
    BARE: [sys.executable, "-c", "pass"],
    HELP: [sys.executable, "-m", "imrllm", "--help"],
    GRAMMAR: [sys.executable, "-m", "imrllm", "extract", LETTER, "--model", "none", "--quiet"],
    OPENAI: [sys.executable, "-c", "import openai"],
    REQUEST: [sys.executable, "-m", "imrllm", "extract", LETTER, "--model", "vllm/none", "--quiet"],
}


def seconds(command: list[str]) -> float:
    """Wall time of one run of a command, in seconds."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def seconds_to_request(command: list[str]) -> float:
    """The time from a command's start until its first request arrives, in seconds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        # Do not wait for a run that ends without a request.
        server.settimeout(60)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        started = time.perf_counter()
        with subprocess.Popen(command, env=os.environ | {"OPENAI_BASE_URL": address}) as process:
            connection, _ = server.accept()
            with connection:
                connection.recv(1)
                took = time.perf_counter() - started
                process.kill()
        return took


def main() -> None:
    """Run the commands in turn, so that a drift of the machine's speed meets them all, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=21, help="counted runs of each command, after one that warms up")
    runs = parser.parse_args().runs
    # If it is set, modules are not precompiled as installed ones are, which takes half of the start-up time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for run in range(runs + 1):
        for name, command in COMMANDS.items():
            took = (seconds_to_request if name == REQUEST else seconds)(command)
            if run:
                times[name].append(took)
    for name, taken in times.items():
        print(f"{name:<25} median {statistics.median(taken):.3f} s  min {min(taken):.3f} s  max {max(taken):.3f} s")
    median = {name: statistics.median(taken) for name, taken in times.items()}
    print(f"help:          {median[HELP] / median[BARE]:.1f} of bare Python (the target: below 10)")
    print(f"one letter:    {median[GRAMMAR] / median[BARE]:.1f} of bare Python")
    told = f"{median[REQUEST] / median[OPENAI]:.2f} of importing openai"
    print(f"first request: {median[REQUEST]:.2f} s (the target: below 1.5 s), {told}")


if __name__ == "__main__":
    main()
