"""Measures letters per second and peak memory of `imrllm extract --model none` on variations of the written letters.

Run: python benchmarks/throughput.py [--letters 100 10000]
     python benchmarks/throughput.py --pdfs FOLDER [--times 3]

Each size runs as a separate process on one core, from JSON lines to JSON lines, including start-up. If the peaks of a
small and a large size are alike, memory does not grow with the number of letters.

With `--pdfs` it measures the wall time of `imrllm extract --model none` on PDFs, start-up included, on one core and on
all, as a ratio to what pypdf alone needs to extract their text on one core. The three alternate.
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


# Extracts the text of PDFs and nothing else; prints its seconds of processor time.
PYPDF = """
import sys, time
from pathlib import Path
import pypdf
started = time.process_time()
for file in sys.argv[1:]:
    for page in pypdf.PdfReader(file).pages:
        page.extract_text()
print(time.process_time() - started)
"""


def compare_with_pypdf(folder: Path, times: int) -> None:
    """Measure the wall time of a folder's PDFs on one core and on all, and print it beside pypdf's own time."""
    files = sorted(folder.glob("*.pdf"))
    if not files:
        sys.exit(f"no PDFs in {folder}")
    cores = sorted(os.sched_getaffinity(0))
    print(f"{len(files)} PDFs, {len(cores)} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as out:
        extract = [sys.executable, "-m", "imrllm", "extract", str(folder), "--model", "none", "--quiet", "--fresh"]
        extract += ["-o", str(Path(out, "records.jsonl"))]
        ways = {"one core": cores[:1], f"{len(cores)} cores": cores}
        ratios: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(times):
            os.sched_setaffinity(0, cores[:1])
            pypdf = subprocess.run(
                [sys.executable, "-c", PYPDF, *map(str, files)], check=True, capture_output=True, text=True
            )
            alone = float(pypdf.stdout)
            print(f"pypdf alone {alone:6.2f} s", end="")
            for way, own in ways.items():
                os.sched_setaffinity(0, own)
                started = time.perf_counter()
                subprocess.run(extract, check=False)
                took = time.perf_counter() - started
                ratios[way].append(took / alone)
                print(f"   {way} {took:6.2f} s ({took / alone:.2f})", end="", flush=True)
            os.sched_setaffinity(0, cores)
            print()
    for way, found in ratios.items():
        print(f"{way}: {min(found):.2f} of pypdf's time at best")


def main() -> None:
    """Measure each size and print a line for it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--letters", type=int, nargs="+", default=[100, 10_000], help="numbers of letters, one run for each"
    )
    parser.add_argument("--pdfs", type=Path, metavar="FOLDER", help="compare with pypdf alone on these PDFs instead")
    parser.add_argument("--times", type=int, default=3, help="with --pdfs: how often")
    given = parser.parse_args()
    if given.pdfs:
        compare_with_pypdf(given.pdfs, given.times)
        return
    sizes = given.letters
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
