"""The page of an audit in a real browser: what a person marks and edits becomes the verdicts."""

from __future__ import annotations

from pathlib import Path

from imrllm.audit.drawing import Draw, draw
from imrllm.audit.verdicts import take_verdicts
from imrllm.corrections import read_corrections
from imrllm.report.review import AuditNote, Shown, review_page
from tests.audit.made import QUANTITY, file_of, letters, results
from tests.report.test_browser import Open
from tests.report.test_browser import browser as browser
from tests.report.test_browser import opened as opened


def page_of(drawn: Draw) -> str:
    shown = [
        Shown(row.document_id, row, text.text, None) for row, text in zip(drawn.results, drawn.letters, strict=True)
    ]
    return review_page(shown, AuditNote(drawn.audit, "records.jsonl"))


def test_three_letters_are_compared_and_handed_in(opened: Open, tmp_path: Path) -> None:
    rows = results(5)
    records = file_of(tmp_path, rows)
    drawn = draw(records, letters(tmp_path, 5), 3, seed=7)
    page = opened(page_of(drawn))
    assert "Compare 3 letters with their records, value by value" in page.text("#audit")
    assert page.text("#progress") == "0 of 3 letters compared"
    assert page.texts(".documents .fine") == ["to compare"] * 3
    page.page.get_by_label("I compared every value with the letter").check()
    page.press("j")
    line = page.page.locator(f'.row[data-at="{QUANTITY}"]')
    line.hover()
    line.locator(".edit").click()
    line.locator(".editor input").fill("46")
    line.get_by_text("Keep").click()
    assert "wrong value, not marked yet" in page.texts(".documents .fine")[1]
    page.page.get_by_label("I compared every value with the letter").check()
    assert page.text("#progress") == "2 of 3 letters compared · 1 wrong"
    assert page.texts(".documents .fine") == ["✓ right", "✗ wrong", "to compare"]
    page.page.fill("#initials", "AB")
    with page.page.expect_download() as download:
        page.page.get_by_text("Export verdicts").click()
    assert download.value.suggested_filename.startswith("verdicts-AB-")
    download.value.save_as(tmp_path / "verdicts.json")
    summary = take_verdicts(records, read_corrections(tmp_path / "verdicts.json")).summary
    assert (summary.total.letters, summary.total.wrong, summary.total.typed_wrong, summary.open) == (2, 1, 1, 1)
    # The work is kept by the browser, and the page of the same draw is the same page.
    assert page.page.locator("#audit").get_attribute("open") is not None
    again = opened(page_of(draw(records, tmp_path / "letters", 3, seed=7)), context=page.page.context)
    assert again.text("#progress") == "2 of 3 letters compared · 1 wrong"
    assert again.page.locator("#audit").get_attribute("open") is None, "the steps are folded for who goes on"
