"""The overview in a real browser: it fits, its bars open their letters, and there is a way back."""

from __future__ import annotations

from functools import cache

import pytest

from imrllm.documents import Document
from imrllm.report.published_columns import columns_named
from imrllm.report.review import Shown, review_page
from tests.letters import THREE, Item, letter
from tests.report.reviewed import row, shown
from tests.report.test_browser import CONTRAST, SIZES, Open, Opened
from tests.report.test_browser import browser as browser
from tests.report.test_browser import opened as opened
from tests.report.test_browser import three as rows_of_every_kind

SCAN = Item(
    "MRI of the lumbar spine", "Overturned", rationale="The exam shows weakness. The request is medically necessary."
)


@cache
def rows() -> tuple[Shown, ...]:
    """A letter with three drugs, one with a scan, one with both, and two that show no letter."""
    letters = {"drugs": letter(*THREE), "scan": letter(SCAN), "both": letter(SCAN, THREE[0])}
    read = [shown(row(Document.from_text(text, name)), text) for name, text in letters.items()]
    return (*read, *rows_of_every_kind()[2:])


def overview(opened: Open, size: str = "desktop", scheme: str = "light", *by: str) -> Opened:
    page = opened(review_page(rows(), by=list(map(columns_named, by))), size=size, scheme=scheme)
    page.page.click("#tab-overview")
    return page


def listed(page: Opened) -> list[str]:
    """The letters that the list shows."""
    return page.texts(".documents li:not([hidden]) b")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_fits_and_each_bar_can_be_hit(opened: Open, size: str, scheme: str) -> None:
    page = overview(opened, size, scheme)
    # Neither to the side nor down: the tables scroll in their own part, below the head of the page.
    page.page.click(".jumps a >> nth=2")
    page.page.wait_for_function("location.hash === '#/overview/table-3'")
    assert page.page.evaluate("[scrollX, scrollY, document.documentElement.scrollWidth > innerWidth]") == [0, 0, False]
    assert page.page.locator(".bar-top").bounding_box()["y"] == 0
    page.shot(f"overview-drugs-{size}-{scheme}")
    bars = page.page.locator("#overview td .opens .bar")
    assert bars.count() > 5
    assert all(bars.nth(number).bounding_box()["width"] > 60 for number in range(bars.count()))
    page.page.click("#overview a.opens[href='#/letters/2/0/upheld']")
    page.shot(f"overview-opened-{size}-{scheme}")
    assert page.page.locator("#bar").is_visible()
    assert page.page.evaluate(CONTRAST) == []
    page.page.click("#bar-back")
    assert page.page.locator("#overview tr.was").count() == 1
    assert page.page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("size", SIZES)
def test_a_crossed_table_opens_its_letters_too(opened: Open, size: str) -> None:
    page = overview(opened, size, "light", "service_group,drug_class")
    assert page.texts(".jumps a")[0] == "service (CWCI's groups), drug classes"
    page.page.locator("#table-1 >> xpath=..").locator("td[data-label=items] a.opens").first.click()
    assert page.text("#bar-words").endswith(": prescription drugs, opioids")
    assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert sorted(listed(page)) == ["away", "both", "drugs"]


def test_a_bar_opens_its_letters_at_its_items_and_there_is_a_way_back(opened: Open) -> None:
    page = overview(opened)
    imaging = page.page.locator("#overview tr", has_text="imaging").first
    imaging.locator(".of-overturned a.opens").click()
    assert page.text("#bar-words") == "Outcomes by service (CWCI's groups): imaging, overturned"
    assert sorted(listed(page)) == ["both", "scan"]
    assert all(each.startswith("item 1 ·") for each in page.texts(".documents li:not([hidden]) .fine"))
    assert page.text("#shown") == "2 of 5 documents"
    # The pointer lies where the bar was, over the letter: what it points at is lit while it does.
    page.page.mouse.move(0, 0)
    # The item's heading is lit in the letter, and its fields stand at the top of the record.
    assert "MRI of the lumbar spine" in " ".join(page.texts("mark.on"))
    item = page.page.locator('[data-item="/disputed_items/0"]')
    head = page.page.locator("#record .head").bounding_box()
    assert head["y"] + head["height"] - 1 <= item.bounding_box()["y"] < 900
    page.page.click("#bar-back")
    assert page.page.locator("#overview").is_visible()
    assert page.page.evaluate("document.activeElement.getAttribute('href')") == imaging.locator(
        ".of-overturned a.opens"
    ).get_attribute("href")
    page.page.click("#tab-review")
    page.page.click("#bar-close")
    assert len(listed(page)) == 5
    assert page.page.locator("#bar").is_hidden()


def test_the_browser_s_own_way_back_and_a_bar_s_address(opened: Open) -> None:
    page = overview(opened)
    page.page.locator("#overview a.opens[href='#/letters/0/0/all']").focus()
    page.press("Enter")
    assert page.page.locator("#review").is_visible()
    first = listed(page)
    page.page.go_back()
    page.page.wait_for_selector("#overview:not([hidden])")
    page.page.go_forward()
    page.page.wait_for_selector("#review:not([hidden])")
    assert listed(page) == first
    page.page.reload()
    assert (page.page.locator("#bar").is_visible(), listed(page)) == (True, first)


def test_another_filter_narrows_a_bar_s_letters_and_a_new_bar_begins_without_it(opened: Open) -> None:
    page = overview(opened)
    page.page.click("#overview a.opens[href='#/letters/0/0/all']")
    page.page.fill("#f-document", "both")
    assert listed(page) == ["both"]
    page.page.click("#bar-back")
    page.page.locator("#overview tr", has_text="imaging").first.locator(".of-overturned a.opens").click()
    assert sorted(listed(page)) == ["both", "scan"]


@pytest.mark.parametrize("hash", ["#/letters/99/0/all", "#/letters/0/0/constructor", "#/letters/__proto__/0/all", "#x"])
def test_an_address_that_is_no_bar_s_is_left_alone(opened: Open, hash: str) -> None:
    page = opened(review_page(rows()))
    page.page.evaluate("(hash) => { location.hash = hash; }", hash)
    assert page.page.locator("#review").is_visible()
    assert len(listed(page)) == 5


def test_grounds_open_the_letters_that_argue_so(opened: Open) -> None:
    page = overview(opened)
    bars = page.page.locator('section[aria-labelledby="by-ground"] a.opens')
    assert bars.count() > 0
    bars.first.click()
    assert page.text("#bar-words").startswith("Grounds for upholding and overturning: ")
    assert listed(page)
