"""The page of published tables in a real browser: it fits, light and dark, on a desktop and on a phone."""

from __future__ import annotations

import pytest

from imrllm.report.published import count_published
from imrllm.report.published_columns import columns_named
from imrllm.report.published_page import published_page
from tests.report.test_browser import SIZES, Open
from tests.report.test_browser import browser as browser
from tests.report.test_browser import opened as opened
from tests.report.test_published import FACTS, drug, letter, published

CONTRAST = """(selector) => {
  const light = (color) => {
    const part = (value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const [red, green, blue] = color.match(/[\\d.]+/g).slice(0, 3).map((value) => part(value / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const shown = getComputedStyle(document.querySelector(selector));
  const card = getComputedStyle(document.querySelector(".block")).backgroundColor;
  const [low, high] = [light(shown.color), light(card)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_page_fits_and_can_be_read(opened: Open, size: str, scheme: str) -> None:
    page = opened(published_page(published(), FACTS), size=size, scheme=scheme)
    assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for selector in ("h2", "tbody th", ".few .fine", ".block > .fine", "thead th"):
        assert page.page.evaluate(CONTRAST, selector) >= 4.5, selector
    bars = page.page.locator("td .bar")
    assert bars.count() == 9
    assert all(bars.nth(number).bounding_box()["width"] > 60 for number in range(bars.count()))
    assert page.page.locator(".course").bounding_box()["height"] > 60
    page.shot(f"report-{size}-{scheme}")


def test_two_columns_crossed_fit_a_phone(opened: Open) -> None:
    items = [drug("upheld", "naproxen", "omeprazole"), drug("overturned", "hydrocodone")]
    counted = count_published([letter("a", *items)], [columns_named("drug_class,reviewer_guidelines,ur_outcome")])
    page = opened(published_page(counted, FACTS), size="phone")
    assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.texts("tbody tr:first-child th")[:3] == ["NSAID", "MTUS", "modified"]
