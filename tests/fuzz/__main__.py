"""`make fuzz`: all targets for a while, on all cores; a table at the end, and a file for each finding.

Run: python -m tests.fuzz [--seconds 300] [--seed 1] [--jobs N] [--only NAME ...] [--out out/fuzz]

Each target has its share of the time; a third of it goes to growth of time with size. The same seed gives the same
inputs, as many as the machine gets through. Exit code 1: something failed, or time grows more than in step with size.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tests.fuzz.growth import STEEPEST
from tests.fuzz.targets import all_targets
from tests.fuzz.working import DiedError, Done, in_process


def line(done: Done) -> str:
    """A target's line of the table."""
    report = done.report
    worst = done.growths[0] if done.growths else None
    exponent = f"{worst.exponent:8.2f}  {worst.points[-1][0] / 1e6:5.2f} MB {worst.seconds:6.2f} s" if worst else ""
    slowest = 1000 * report.slowest[0]
    return (
        f"{report.target:20} {report.inputs:9,} {len(report.outcomes):8,} {len(report.findings):8} {slowest:8.0f} ms "
        f"{done.peak:6.0f} MiB  {exponent}  {worst.family[:40] if worst else ''}"
    )


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main() -> int:
    """Run the targets and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("FUZZ_SECONDS", "300")))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=cores())
    names = [each.name for each in all_targets()]
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help="names of targets")
    parser.add_argument("--out", type=Path, default=Path("out/fuzz"))
    options = parser.parse_args()
    shares = {each.name: each.share for each in all_targets() if not options.only or each.name in options.only}
    share = options.seconds * options.jobs / sum(shares.values())
    print(
        f"{len(shares)} targets, {share:.0f} s or a multiple each, seed {options.seed}, {options.jobs} processes",
        flush=True,
    )
    print(
        f"{'target':20} {'inputs':>9} {'outcomes':>8} {'findings':>8} {'slowest':>11} {'memory':>10}  growth",
        flush=True,
    )
    wrong = inputs = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        # The longest first, so that no process is left alone with one at the end.
        names = sorted(shares, key=lambda name: -shares[name])
        working = {pool.submit(in_process, name, options.seed, share * shares[name]): name for name in names}
        for each in as_completed(working):
            try:
                done = each.result()
            except DiedError as error:
                wrong += 1
                print(f"{working[each]:20} {error}", flush=True)
                continue
            print(line(done), flush=True)
            inputs += done.report.inputs
            for finding in done.report.findings.values():
                wrong += 1
                options.out.mkdir(parents=True, exist_ok=True)
                digest = hashlib.sha256(finding.data).hexdigest()[:12]
                file = options.out / f"{finding.target.replace(' ', '-')}-{digest}"
                file.write_bytes(finding.data)
                print(f"    {finding.what}\n    {file} ({len(finding.data):,} bytes)", flush=True)
            for grown in done.growths:
                if grown.is_steep:
                    wrong += 1
                    times = ", ".join(f"{size / 1e6:.2f} MB {seconds:.2f} s" for size, seconds in grown.points)
                    print(f"    steep: {grown.exponent:.2f} for {grown.family}: {times}", flush=True)
    print(f"{inputs:,} inputs, {wrong} findings (steeper than {STEEPEST} counts)", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
