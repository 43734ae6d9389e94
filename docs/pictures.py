"""Make the pictures of the README: the review page and a report, of letters written for this project.

    make browser
    python docs/pictures.py

The answers of the local model come from the cassettes: neither model nor network is needed, but chromium is. Not part
of `make docs` and not checked in CI: no two browsers draw the same pixels. Make them again when the pages or the
calibration tables change.
"""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from imrllm.evals.runner import EvalConfig, collect
from imrllm.report.published import count_published
from imrllm.report.published_columns import columns_named
from imrllm.report.published_page import published_page
from imrllm.report.review import Shown, review_page

PICTURES = Path(__file__).parent / "pictures"
SUITES = ("written", "wordings")
# The letter whose record the README shows.
LETTER = "w07-tizanidine"
WIDTH, HEIGHT = 1280, 720
# Enough for text and a few colors, in a third of the bytes of all of them.
COLORS = 256


def shown() -> list[Shown]:
    """The rows that the local model's recorded answers give, each with its letter."""
    return [
        Shown(name, answer.resolved, letters.found[name].text, None)
        for _, letters, (answers, *_) in collect(SUITES, EvalConfig())[0]
        for name, answer in answers.items()
    ]


def report(rows: list[Shown]) -> str:
    """The page of `imrllm report --by drug_class --by drug_class,guideline`."""
    tables = [columns_named(names) for names in ("drug_class", "drug_class,guideline")]
    results = [row.result for row in rows if row.result]
    return published_page(count_published(results, tables), (("records", "letters written for this project"),))


def save(page: Page, name: str) -> None:
    """Write what a page shows, as a PNG of few colors."""
    whole = Image.open(io.BytesIO(page.screenshot()))
    small = whole.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    small.save(PICTURES / name, optimize=True)
    print(f"{PICTURES / name}: {(PICTURES / name).stat().st_size / 1024:.0f} KB")


def main() -> None:
    """Draw both pages."""
    rows = shown()
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with TemporaryDirectory() as folder, sync_playwright() as running:
        browser = running.chromium.launch(executable_path=found)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        file = Path(folder) / "page.html"
        file.write_text(review_page(rows), encoding="utf-8")
        page.goto(file.as_uri())
        page.click(f'.documents button:has(b:text-is("{LETTER}"))')
        page.keyboard.press("n")
        page.evaluate("document.getElementById('record').scrollTop = 0")
        page.mouse.move(0, 0)
        save(page, "review.png")
        file.write_text(report(rows), encoding="utf-8")
        page.goto(file.as_uri())
        save(page, "report.png")
        browser.close()


if __name__ == "__main__":
    main()
