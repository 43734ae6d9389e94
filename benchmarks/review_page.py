"""Measures how long the review page of 50 and of 500 letters takes to open and to filter, in headless chromium.

Run: python benchmarks/review_page.py [--letters 50 500] [--runs 5]

Needs Debian's chromium and Playwright. The letters are the written ones with other numbers, and every second record
has values that its letter contradicts. Opening lasts from the navigation to a letter on the screen, filtering from a
change of a filter to the next frame. Each figure is the median of several runs. Both sizes include the fixed cost of a
page, so their ratio shows the cost of the letters.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from throughput import LETTERS, write_variations

FILTERS = {
    "status": "status.value = 'open'",
    "category": "category.value = 'medication'",
    "field": "field.selectedIndex = 1",
    "search": "search.value = 'functional improvement'",
    "nothing": "search.value = 'no letter says this'",
}
# Applies a filter and resolves with the milliseconds until the second frame, when the result is painted.
APPLY = """(change) => new Promise((done) => {
  const form = document.getElementById("filters");
  const all = ["status", "category", "field", "search"].map((id) => form.querySelector(`#f-${id}`));
  for (const each of all) each.value = "";
  const [status, category, field, search] = all;
  if (change.startsWith("search")) search.focus();
  const started = performance.now();
  new Function("status", "category", "field", "search", change)(status, category, field, search);
  form.dispatchEvent(new Event("input"));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - started)));
})"""


def make_page(texts: list[str], count: int, folder: Path) -> Path:
    """Extract letters, put errors into every second record, check it, and make the page."""
    letters = folder / f"letters-{count}"
    letters.mkdir()
    write_variations(letters / "letters.jsonl", texts, count)
    imrllm = [sys.executable, "-m", "imrllm"]
    rows, wrong, checked, page = (folder / f"{count}.{name}" for name in ("jsonl", "wrong", "checked", "html"))
    subprocess.run([*imrllm, "extract", letters, "--model", "none", "-q", "-o", rows], check=False)
    with wrong.open("w", encoding="utf-8") as stream:
        for number, line in enumerate(rows.read_text(encoding="utf-8").splitlines()):
            row = json.loads(line)
            for item in row["record"]["disputed_items"] if number % 2 else ():
                item["quantity"] = (item["quantity"] or 0) + 1
                item["grounds"] = ["long_term_use"]
            print(json.dumps(row), file=stream)
    subprocess.run([*imrllm, "check", wrong, "--documents", letters, "-q", "-o", checked], check=False)
    subprocess.run([*imrllm, "view", checked, "--documents", letters, "-q", "-o", page], check=True)
    return page


def measure(browser: Any, page: Path, runs: int) -> dict[str, float]:
    """Medians in milliseconds: of opening, of each filter, and of going to another letter."""
    taken: dict[str, list[float]] = {}
    for _ in range(runs):
        tab = browser.new_page(viewport={"width": 1440, "height": 900})
        started = time.perf_counter()
        tab.goto(page.as_uri())
        tab.wait_for_selector("html[data-ready]", state="attached")
        tab.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        taken.setdefault("open", []).append((time.perf_counter() - started) * 1000)
        for name, change in FILTERS.items():
            taken.setdefault(f"filter: {name}", []).append(tab.evaluate(APPLY, change))
        tab.evaluate("() => { document.getElementById('filters').reset(); }")
        press = "() => new Promise((done) => { const from = performance.now(); document.body.dispatchEvent(new "
        press += "KeyboardEvent('keydown', { key: 'j', bubbles: true })); requestAnimationFrame(() => setTimeout(() => "
        press += "done(performance.now() - from))); })"
        taken.setdefault("next letter", []).append(tab.evaluate(press))
        tab.close()
    return {name: median(each) for name, each in taken.items()}


def main() -> None:
    """Measure each size and print a line for every figure, with the ratio of the last size to the first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--letters", type=int, nargs="+", default=[50, 500], help="numbers of letters, one page for each"
    )
    parser.add_argument("--runs", type=int, default=5, help="runs of each page; the median counts")
    given = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not here: make browser")
    from playwright.sync_api import sync_playwright

    texts = [file.read_text(encoding="utf-8") for file in sorted(LETTERS.glob("*.txt"))]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium)
        figures = []
        for count in given.letters:
            page = make_page(texts, count, Path(folder))
            print(f"{count:>5,} letters  {page.stat().st_size / 2**20:5.1f} MiB")
            figures.append(measure(browser, page, given.runs))
        browser.close()
    print(f"{'':18}" + "".join(f"{count:>8,}" for count in given.letters) + "   ratio")
    for name in figures[0]:
        times = [each[name] for each in figures]
        print(f"{name:18}" + "".join(f"{each:5.0f} ms" for each in times) + f"   {times[-1] / times[0]:5.1f}")


if __name__ == "__main__":
    main()
