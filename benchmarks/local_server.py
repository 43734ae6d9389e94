"""Tokens a second of the embedded model, alone and beside one busy process, and their ratio.

Run: python -m benchmarks.local_server [--rounds 3] [--tokens 24]

Each round measures alone, then beside a process that computes without end; medians are printed. The engine's own
setting, whose threads spin, is measured for comparison with `GOMP_SPINCOUNT=300000` before the command. Exit code 1
where it generates fewer than 3 tokens a second beside the busy process.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request

from imrllm.llm.server import EmbeddedServer, physical_cores

TARGET = 3.0
TEXT = "The reviewer finds that the requested physical therapy is not medically necessary for this patient. " * 8


def speeds(base_url: str, number: int, tokens: int) -> tuple[float, float, float]:
    """Ask once.

    Returns:
        Prompt tokens a second, generated tokens a second, and this process's processor time in seconds.
    """
    # The number comes first, so that no prompt is found in the cache.
    messages = [{"role": "user", "content": f"{number}. {TEXT} Write a long report about it."}]
    body = {"messages": messages, "max_tokens": tokens, "temperature": 0, "ignore_eos": True, "cache_prompt": False}
    request = urllib.request.Request(  # noqa: S310
        f"{base_url}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    began = time.process_time()
    with urllib.request.urlopen(request) as response:  # noqa: S310
        timings = json.load(response)["timings"]
    return timings["prompt_per_second"], timings["predicted_per_second"], time.process_time() - began


def main() -> None:
    """Measure both ways in turn, so that a drift of the machine's speed meets both, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=24, help="generated tokens a request")
    options = parser.parse_args()
    alone: list[tuple[float, float, float]] = []
    busy: list[tuple[float, float, float]] = []
    print(f"{physical_cores()} threads, load of the machine at the start {os.getloadavg()[0]:.1f}")
    with EmbeddedServer() as server:
        speeds(server.base_url, 0, 1)
        for number in range(1, options.rounds + 1):
            alone.append(speeds(server.base_url, 2 * number, options.tokens))
            with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as spinning:
                try:
                    busy.append(speeds(server.base_url, 2 * number + 1, options.tokens))
                finally:
                    spinning.kill()
    medians = [[statistics.median(column) for column in zip(*runs, strict=True)] for runs in (alone, busy)]
    print(f"{'':<34}{'alone':>8}{'beside':>8}{'ratio':>7}")
    for name, one, other in zip(
        ("prompt tokens a second", "generated tokens a second", "processor seconds a request"), *medians, strict=True
    ):
        print(f"{name:<34}{one:8.1f}{other:8.1f}{other / one:7.2f}")
    if medians[1][1] < TARGET:
        sys.exit(f"fewer than {TARGET:g} tokens a second beside a busy process")


if __name__ == "__main__":
    main()
