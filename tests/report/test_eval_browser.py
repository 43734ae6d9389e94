"""The pages of evaluations and comparisons in a real browser: filters and orders without a script, in every size."""

from __future__ import annotations

import pytest

from imrllm.report.eval_pages import comparison_page, eval_page
from tests.report.runs import HOSTILE, letter, run, suite, wrong_leaf
from tests.report.test_browser import CONTRAST, SIZES, Open, Opened
from tests.report.test_browser import browser as browser
from tests.report.test_browser import opened as opened
from tests.report.test_compared_letters import THREE, beside, compared, value
from tests.report.test_eval_pages import conversation

PROSE = wrong_leaf(field="grounds", path="/disputed_items/0/grounds", flagged=True)
REFILLS = wrong_leaf(field="refills", path="/disputed_items/0/refills")
LETTERS = (
    letter("w01", PROSE),
    letter("w02"),
    letter("w03", wrong_leaf(), PROSE, REFILLS),
    letter("w04", PROSE, PROSE),
)
PAGE = eval_page(run(suite(*LETTERS)), conversations=conversation("A worker's\nletter " * 30, "w03"))
UNNAMED = """[...document.querySelectorAll("select")].filter((each) => !each.labels?.length).length"""


def choose(page: Opened, place: str, label: str, option: str) -> None:
    page.page.locator(f"{place} label", has_text=label).locator("select").select_option(label=option)


def shown(page: Opened, rows: str, name: str = ".name") -> list[str]:
    """What is visible, from top to bottom."""
    places = [
        (each.bounding_box()["y"], each.inner_text()) for each in page.page.locator(f"{rows} {name}:visible").all()
    ]
    return [text for _, text in sorted(places)]


@pytest.mark.parametrize(
    ("option", "names"),
    [
        ("all letters", ["w01", "w02", "w03", "w04"]),
        ("letters that are not right", ["w01", "w03", "w04"]),
        ("not right in more than prose and grounds", ["w03"]),
        ("with an error that nothing flags", ["w03"]),
        ("letters that are right", ["w02"]),
    ],
)
def test_letters_are_filtered(opened: Open, option: str, names: list[str]) -> None:
    page = opened(PAGE)
    choose(page, ".letters", "Show", option)
    assert shown(page, ".letter > summary") == names


def test_letters_and_their_values_are_filtered_by_field(opened: Open) -> None:
    page = opened(PAGE)
    choose(page, ".letters", "Field", "refills (1 letter)")
    assert shown(page, ".letter > summary") == ["w03"]
    page.page.click(".letter:visible > summary")
    assert page.texts(".letter:visible .entry:visible .what b") == ["refills", "refills"], "resolved and model"


def test_letters_are_put_in_order(opened: Open) -> None:
    page = opened(PAGE)
    choose(page, ".letters", "Order", "most not right first")
    assert shown(page, ".letter > summary") == ["w03", "w04", "w01", "w02"]
    choose(page, ".letters", "Order", "as in the suite")
    assert shown(page, ".letter > summary") == ["w01", "w02", "w03", "w04"]


def test_fields_are_filtered_and_put_in_order(opened: Open) -> None:
    page = opened(PAGE)
    assert shown(page, ".fields tbody tr", "th code") == ["quantity", "decision"]
    choose(page, ".fields", "Order", "most values not right first")
    choose(page, ".fields", "Show", "fields that are not right throughout")
    assert shown(page, ".fields tbody tr", "th code") == ["quantity"]


def test_a_cell_opens_its_letter_with_the_runs_beside_each_other(opened: Open) -> None:
    page = opened(comparison_page(compared(*THREE)))
    assert not page.page.locator("#letters-1-3").is_visible()
    page.page.click('a.cell[href="#letters-1-3"] >> nth=0')
    assert page.page.locator("#letters-1-3").is_visible()
    assert "✗ v1" in page.text("#letters-1-3")
    choose(page, ".letters", "Show", "letters on which the runs differ")
    assert shown(page, ".row.letter") == ["w01", "w03"]
    choose(page, ".letters", "Order", "most not right first")
    assert shown(page, ".row.letter") == ["w03", "w01"]
    assert page.page.locator(".row.head").bounding_box()["y"] < page.page.locator(".row.letter.n3").bounding_box()["y"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_pages_fit_and_can_be_read(opened: Open, size: str, scheme: str) -> None:
    page = opened(PAGE, size=size, scheme=scheme)
    choose(page, ".letters", "Order", "most not right first")
    page.page.click(".letter.n3 > summary")
    page.page.click(".letter.n3 .calls > summary")
    page.page.click(".letter.n3 .calls details > summary")
    page.page.locator(".letters .controls").evaluate("(each) => each.scrollIntoView()")
    page.shot(f"eval-letters-{size}-{scheme}")
    many = [beside(f"w{number}", value(), v1=number % 6, v2=number % 3) for number in range(1, 31)]
    matrix = opened(comparison_page(compared(*many)), size=size, scheme=scheme)
    matrix.page.locator(".letters").evaluate("(each) => each.scrollIntoView()")
    matrix.shot(f"matrix-{size}-{scheme}")
    for each in (page, matrix):
        assert each.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert each.page.evaluate(UNNAMED) == 0
        assert each.page.evaluate(CONTRAST) == []


def test_nothing_in_a_message_or_an_answer_acts(opened: Open) -> None:
    text = "".join(hostile for hostile, _ in HOSTILE).encode("utf-8", "replace").decode()
    page = opened(eval_page(run(suite(letter("w01", PROSE))), conversations=conversation(text)))
    page.page.click(".letter > summary")
    page.page.click(".calls > summary")
    page.page.click(".calls details > summary")
    assert "<script>alert(1)</script>" in page.text("pre.answer")
    assert page.page.locator("script, img").count() == 0


def test_printed_there_are_no_controls(opened: Open) -> None:
    page = opened(PAGE)
    page.page.emulate_media(media="print")
    assert not page.page.locator(".controls").first.is_visible()
