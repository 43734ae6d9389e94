"""The pages in a real browser: what a reviewer does, by mouse, keys and on a phone, and that nothing in a letter acts.

Debian's chromium, driven by Playwright; screenshots go to `out/screenshots/`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from imrllm.corrections import Applying, Corrections, corrected_row, settled_at
from imrllm.documents import Document
from imrllm.records import Check, Result
from imrllm.report.eval_pages import comparison_page, eval_page
from imrllm.report.review import Shown, review_page
from tests.letters import LAYOUTS, SUMMARY, THREE, Item, letter
from tests.report import runs
from tests.report.reviewed import AGE, QUANTITY, REFILLS, document, doubtful, row, shown, weighed, weighed_rows

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if CHROMIUM is None:
    pytest.skip("chromium is not here: `make browser` installs it", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

SHOTS = Path(__file__).resolve().parents[2] / "out" / "screenshots"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
# Tells of every way in which a page's content may act; `window.acted` is what the hostile texts try to set.
WATCH = "addEventListener('securitypolicyviolation', (event) => console.error('policy', event.violatedDirective));"


@dataclass
class Opened:
    """A page in the browser, and all that it should not do."""

    page: Any
    wrong: list[str] = field(default_factory=list)

    def text(self, selector: str) -> str:
        return " ".join(self.page.locator(selector).inner_text().split())

    def texts(self, selector: str) -> list[str]:
        return [" ".join(each.split()) for each in self.page.locator(selector).all_inner_texts()]

    @property
    def current(self) -> str:
        return str(self.page.locator(".doubt-card.current").get_attribute("data-at"))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def shot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")


Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Open a page from the disk; whatever it did that it should not have done fails the test."""
    contexts, pages = [], []

    def opened(
        html: str, *, size: str = "desktop", scheme: str = "light", context: Any = None, **options: Any
    ) -> Opened:
        file = tmp_path / "page.html"
        file.write_text(html, encoding="utf-8")
        if context is None:
            width, height = SIZES[size]
            view = {"width": width, "height": height}
            context = browser.new_context(viewport=view, color_scheme=scheme, has_touch=size == "phone", **options)
            context.add_init_script(WATCH)
            contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        found = Opened(page)
        pages.append(found)
        page.on("dialog", lambda dialog: (found.wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda message: found.wrong.append(f"console {message.text}"))
        page.on("pageerror", lambda error: found.wrong.append(f"error {error}"))
        page.on("request", lambda asked: asked.url == file.as_uri() or found.wrong.append(f"request {asked.url}"))
        page.goto(file.as_uri())
        return found

    yield opened
    wrong = [each for page in pages for each in page.wrong if "blob:" not in each]
    for context in contexts:
        context.close()
    assert wrong == []


def three() -> list[Shown]:
    """A letter with conflicts, one without, one whose letter is not here, and one that failed."""
    text = letter(*THREE)
    right = row(
        Document.from_text(text, "right"), lambda each: each["disputed_items"][2].update(grounds=["long_term_use"])
    )
    failed = {"document_id": "failed", "status": "failed", "provenance": {"model": "none", "version": "0.1.0"}}
    failed["error"] = {"type": "DocumentError", "message": "`failed` is empty."}
    return [
        shown(right, text),
        shown(doubtful("doubtful"), text),
        shown(doubtful("away"), None, "The letter is not shown: it is not among the documents."),
        shown(Result.model_validate(failed)),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pictures_of_every_page(opened: Open, size: str, scheme: str) -> None:
    review = opened(review_page([*weighed_rows("weighed", "another"), *three()[::3]]), size=size, scheme=scheme)
    if size == "phone":
        review.shot(f"list-{size}-{scheme}")
        review.page.click("#tab-record")
    review.page.click(".doubt-card .name >> nth=0")
    if size == "phone":
        review.shot(f"letter-{size}-{scheme}")
        review.page.click("#tab-record")
    review.shot(f"review-{size}-{scheme}")
    review.page.click("#repairs summary")
    review.page.locator("#repairs").scroll_into_view_if_needed()
    review.shot(f"repairs-{size}-{scheme}")
    review.page.locator("#adding").scroll_into_view_if_needed()
    review.page.click("#adding summary")
    review.shot(f"items-{size}-{scheme}")
    review.page.click("#tab-overview")
    review.shot(f"overview-{size}-{scheme}")
    review.page.locator("#over-time").scroll_into_view_if_needed()
    review.shot(f"over-time-{size}-{scheme}")
    gate = {"name": "critical", "limit": 0.0, "value": 0.0, "passed": True, "details": []}
    suite = runs.suite(runs.letter("w01", runs.wrong_leaf(), spent=runs.spent()), gates=[gate], trust=runs.trust())
    evaluated = opened(eval_page(runs.run(suite)), size=size, scheme=scheme)
    evaluated.shot(f"eval-{size}-{scheme}")
    differ = {"typed": {"flagged": runs.trust_difference()}}
    compared = opened(
        comparison_page(runs.comparison(changes=(runs.change(),), trust=differ)), size=size, scheme=scheme
    )
    compared.shot(f"comparison-{size}-{scheme}")
    for each in (review, evaluated, compared):
        # Nothing stands out of the page to the side.
        assert each.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        background = each.page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        assert (sum(background) > 600) == (scheme == "light")


def test_the_first_letter_in_doubt_is_open_with_both_values_side_by_side(opened: Open) -> None:
    page = opened(review_page(three()))
    assert page.text("#letter h2") == "doubtful"
    assert page.text("#progress") == "0 of 10 values looked at · 2 letters left"
    assert page.texts("#doubts h3") == [
        "Item 1 of 3 1 Norco 10/325mg #45 (upheld)",
        "Item 2 of 3 1 Norco 10/325mg #30 with 1 refill (overturned)",
        "Letter 2",
        "Item 3 of 3 1 Ativan 1mg #30 (upheld)",
    ]
    quantity = page.page.locator('.doubt-card[data-at="/disputed_items/0/quantity"]')
    assert quantity.locator("dd").all_inner_texts() == ["54", "45"]
    assert quantity.locator(".sides dt").all_inner_texts() == ["as made ✓ in the record", "letter, as read"]
    assert quantity.locator(".why").inner_text() == "The letter says otherwise"
    assert quantity.locator(".risk").inner_text() == "risk not measured"
    assert page.texts(".documents .fine") == ["⚑ 5 in doubt", "⚑ 5 in doubt · no letter", "✓ ok", "✗ failed"]
    page.page.select_option("#f-order", "file")
    assert page.texts(".documents .fine") == ["✓ ok", "⚑ 5 in doubt", "⚑ 5 in doubt · no letter", "✗ failed"]


def test_a_value_shows_its_span_and_a_span_its_value(opened: Open) -> None:
    page = opened(review_page(three()))
    page.page.hover('.row[data-at="/injured_worker/age"]')
    assert page.texts("mark.on") == ["48"]
    page.page.hover('mark:text-is("male")')
    assert page.page.locator(".row.on").get_attribute("data-at") == "/injured_worker/sex"
    page.page.hover('[data-at="/reviewer/licensed_states/1"]')
    assert page.texts("mark.on") == ["Texas"]
    # By keys alone: a field's name is a button that goes to its place. The pointer lies away from the letter, which
    # scrolls under it: what comes to lie there would be lit instead.
    page.page.mouse.move(0, 0)
    page.page.locator('.row[data-at="/disputed_items/2/decision"] .name').focus()
    page.press("Enter")
    assert page.page.locator("mark.on").evaluate("each => each.getBoundingClientRect().top < innerHeight")


def test_the_keys_go_through_all_that_is_in_doubt(opened: Open) -> None:
    page = opened(review_page(three()))
    at = []
    for _ in range(6):
        page.press("n")
        at.append((page.text("#letter h2"), page.current))
    first = [
        "/reviewer/specialties",
        "/clinical_summary/diagnoses",
        "/disputed_items/0/quantity",
        "/disputed_items/1/refills",
        "/disputed_items/2/grounds",
    ]
    assert sorted(pointer for name, pointer in at if name == "doubtful") == sorted(first)
    assert at[-1][0] == "away"
    page.press("p")
    assert page.text("#letter h2") == "doubtful"
    page.press("j", "j")
    assert page.text("#letter h2") == "right"
    page.press("k")
    assert page.text("#letter h2") == "away"
    page.press("/")
    assert page.page.evaluate("document.activeElement.id") == "f-search"
    page.page.locator("h1").click()
    page.press("?")
    assert page.page.locator("#help").is_visible()
    page.press("Escape")
    assert not page.page.locator("#help").is_visible()


def settle_all(page: Opened) -> None:
    """Settle the five values of `doubtful`: by keys where there is one, else on the card."""
    page.page.click('.doubt-card[data-at="/disputed_items/0/quantity"] .name')
    page.press("s")
    page.page.click('.doubt-card[data-at="/disputed_items/1/refills"] .name')
    page.press("s")
    page.page.click('.doubt-card[data-at="/disputed_items/2/grounds"] .name')
    page.press("s")
    page.page.click('.doubt-card[data-at="/reviewer/specialties"] .name')
    page.press("a")
    page.page.click('.doubt-card[data-at="/clinical_summary/diagnoses"] .name')
    page.press("e")
    page.page.fill(".editor textarea", "lumbar radiculopathy\ninsomnia\n")
    page.press("Control+Enter")


def test_what_is_settled_is_exported_and_applied(opened: Open, tmp_path: Path) -> None:
    page = opened(review_page(three()))
    assert page.page.locator("#whole").is_disabled()
    settle_all(page)
    assert page.text("#progress") == "5 of 10 values looked at · 1 letter left"
    assert page.texts(".documents .fine")[0] == "✓ all settled"
    page.page.click('.documents button:has-text("doubtful")')
    page.page.check("#whole")
    page.page.click("#export")
    assert "initials" in page.text("#notice")
    page.page.fill("#initials", "AB")
    with page.page.expect_download() as download:
        page.page.click("#export")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name.startswith("corrections-AB-20")
    given = Corrections.model_validate_json(file.read_bytes())
    assert {each.pointer: (each.action, each.value) for each in given.corrections} == {
        "/disputed_items/0/quantity": ("source", 45),
        "/disputed_items/1/refills": ("source", 1),
        "/disputed_items/2/grounds": ("source", ["long_term_use"]),
        "/reviewer/specialties": ("accept", ["Family Medicine"]),
        "/clinical_summary/diagnoses": ("edit", ["lumbar radiculopathy", "insomnia"]),
    }
    assert [each.document_id for each in given.read_whole] == ["doubtful"]
    assert corrected_row(doubtful("doubtful"), given.corrections, given.confirmation).status == "ok"


def test_progress_outlives_the_page_and_is_carried_elsewhere(opened: Open, tmp_path: Path) -> None:
    html = review_page(three())
    page = opened(html)
    settle_all(page)
    page.page.fill("#initials", "AB")
    again = opened(html, context=page.page.context)
    assert again.text("#progress") == "5 of 10 values looked at · 1 letter left"
    assert again.page.input_value("#initials") == "AB"
    with again.page.expect_download() as download:
        again.page.click("#export")
    file = tmp_path / "corrections.json"
    download.value.save_as(file)
    elsewhere = opened(html)
    assert elsewhere.text("#progress") == "0 of 10 values looked at · 2 letters left"
    elsewhere.page.set_input_files("#import-file", file)
    elsewhere.page.get_by_text("5 corrections imported.").wait_for()
    assert elsewhere.text("#progress") == "5 of 10 values looked at · 1 letter left"
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps({"version": 1, "corrections": [None, {"document_id": "__proto__"}], "read_whole": []}))
    elsewhere.page.set_input_files("#import-file", broken)
    elsewhere.page.get_by_text("2 do not fit").wait_for()
    broken.write_text("{")
    elsewhere.page.set_input_files("#import-file", broken)
    elsewhere.page.get_by_text("contains no corrections").wait_for()


def old_decisions(rows: list[Shown]) -> int:
    """How many fields the page asked about before values had a risk: each with a check that did not confirm."""
    found = set()
    for each in rows:
        assert each.result
        assert each.result.record
        record = each.result.record.model_dump(mode="json")
        found |= {
            (each.document_id, settled_at(record, check.pointer))
            for check in each.result.checks
            if check.status != "confirmed"
        }
    return len(found)


def test_three_letters_are_reviewed_by_keyboard(opened: Open, tmp_path: Path) -> None:
    rows = weighed_rows("one", "two", "three")
    page = opened(review_page(rows))
    assert page.text("#progress") == "0 of 9 values looked at · 3 letters left"
    page.press("n")
    seen, decisions = [], 0
    for name in ("one", "two", "three"):
        assert page.text("#letter h2") == name
        assert page.text("#repairs summary") == "18 repairs, not in doubt"
        page.press("r")
        decisions += 1
        assert page.text("#repairs summary") == "✓ 18 repairs accepted"
        for _ in range(3):
            seen.append(page.current)
            page.press("a")
            decisions += 1
    assert seen == [QUANTITY, REFILLS, AGE] * 3
    assert page.text("#progress") == "9 of 9 values looked at · no letter left"
    # Before: 60 decisions, and the age, which one reader alone misread, was not among them.
    assert (old_decisions(rows), decisions) == (60, 12)
    page.page.fill("#initials", "AB")
    with page.page.expect_download() as download:
        page.page.click("#export")
    file = tmp_path / "corrections.json"
    download.value.save_as(file)
    given = Corrections.model_validate_json(file.read_bytes())
    assert len(given.corrections) == 63
    applying = Applying(given)
    statuses = [applying.row(each.result).status for each in rows if each.result]
    applying.finish()
    assert statuses == ["ok", "ok", "ok"]


def test_repairs_are_folded_and_can_be_opened_again(opened: Open) -> None:
    page = opened(review_page(weighed_rows("one")))
    assert not page.page.locator(".repair >> nth=0").is_visible()
    page.page.click("#repairs summary")
    quantity = page.page.locator('.repair[data-at="/disputed_items/0/reviewer_basis/citations/0/pages"]')
    assert " ".join(quantity.locator(".value").inner_text().split()) == "1 → 78 · 80"
    page.page.click(".fold > button")
    assert page.text("#repairs summary") == "✓ 18 repairs accepted"
    page.page.click(".fold > button")
    assert page.text("#repairs summary") == "18 repairs, not in doubt"
    assert page.text("#progress") == "0 of 3 values looked at · 1 letter left", "a repair is not in the queue"


def test_each_card_says_why_and_how_likely_it_is_wrong(opened: Open) -> None:
    page = opened(review_page(weighed_rows("one")))
    assert page.texts(".doubt-card .why") == ["Two readers differ", "The model left it out", "One reader, unsure"]
    assert page.texts(".doubt-card .risk") == ["risk 42%", "risk 21%", "risk 12%"]
    assert page.page.locator(f'.doubt-card[data-at="{AGE}"] .sides').count() == 0, "there is one reader"
    assert page.texts(f'.doubt-card[data-at="{AGE}"] .buttons button') == ["Accept a", "Edit e"]


def test_a_value_without_a_place_shows_the_part_to_look_in(opened: Open) -> None:
    given = weighed("one")
    empty = Check(pointer="/disputed_items/2/body_parts", status="confirmed", source_value=[], risk=0.2, review=True)
    unread = Check(pointer="/disputed_items/0/grounds", status="confirmed", source_value=[], risk=0.9, review=True)
    kept = [check for check in given.checks if not check.is_open]
    given = given.model_copy(update={"checks": (*kept, empty, unread)})
    page = opened(review_page([shown(given, document().text)]))
    page.press("n")
    assert page.current == unread.pointer
    words = " ".join("".join(page.page.locator("mark.near").all_inner_texts()).split())
    assert words == "The chart was reread. The request is not medically necessary."
    page.press("n")
    assert page.current == empty.pointer
    assert "Ativan" in page.texts("mark.near")[0]
    assert page.page.locator("mark.near >> nth=0").evaluate("each => each.getBoundingClientRect().top < innerHeight")


def test_citations_are_sentences_and_unfold_to_their_fields(opened: Open) -> None:
    page = opened(review_page(weighed_rows("one")))
    said = page.texts(".basis .sentence")
    assert said[:2] == [
        "No medical evidence cited",
        "MTUS Chronic Pain Treatment Guidelines, section Opioids, pages 78, 80",
    ]
    field = page.page.locator('.row[data-at="/disputed_items/0/reviewer_basis/citations/0/year"]')
    assert not field.is_visible()
    page.page.locator(".basis summary >> nth=1").click()
    field.hover()
    field.locator(".edit").click()
    field.locator(".editor input").fill("2009")
    page.press("Enter")
    assert page.texts(".basis .sentence")[1] == (
        "MTUS Chronic Pain Treatment Guidelines 2009, section Opioids, pages 78, 80"
    )
    assert field.is_visible(), "it stays unfolded"


def test_wrapped_lines_are_joined_and_the_evidence_stays_exact(opened: Open) -> None:
    rows = []
    for name, layout in LAYOUTS.items():
        given = Document.from_text(letter(*THREE, layout=layout), name)
        rows.append(shown(row(given), given.text))
    page = opened(review_page(rows))
    for each in rows:
        assert each.result
        assert each.text
        page.page.click(f'.documents button:has(b:text-is("{each.document_id}"))')
        paragraphs = page.page.locator("#letter .text").inner_text().splitlines()
        for words in (*SUMMARY.split(". ")[:1], "Decision rationale: The chart was reread. The request is not"):
            if each.document_id != "one line":
                assert any(words in paragraph for paragraph in paragraphs), each.document_id
        for pointer in ("/clinical_summary/treatments_to_date/0", "/disputed_items/1/refills"):
            ((start, end),) = each.result.evidence[pointer]
            page.page.evaluate("(at) => light([at])", pointer)
            lit = "".join(page.page.locator("mark.on").all_inner_texts())
            assert " ".join(lit.split()) == " ".join(each.text[start:end].split()), each.document_id


def test_a_label_opens_a_line_of_its_own(opened: Open) -> None:
    text = (
        "Case Number: CM16-9900123\nDate of Injury: 03/01/2016\n\n"
        "Decision based on MTUS Chronic Pain Treatment Guidelines Page(s):\n78, 80. It is a wide line as well.\n"
        "Decision rationale: The chart was reread by the reviewer, and no\ngain is noted."
    )
    page = opened(review_page([shown(doubtful(), text)]))
    assert page.page.locator("#letter .text").inner_text().splitlines() == [
        "Case Number: CM16-9900123",
        "Date of Injury: 03/01/2016",
        "",
        "Decision based on MTUS Chronic Pain Treatment Guidelines Page(s): 78, 80. It is a wide line as well.",
        "Decision rationale: The chart was reread by the reviewer, and no gain is noted.",
    ]


def test_a_sentence_goes_on_over_the_end_of_a_page_and_a_paragraph_does_not(opened: Open) -> None:
    text = (
        "Decision rationale: The chart was reread by the reviewer, and no\ngain in work or in sleep is noted after "
        "all these\n\n \n\f\n\nmonths of care. The request is not medically necessary.\n\n\n"
        "Norco 10/325mg #45: Upheld\n\n\nand so on"
    )
    page = opened(review_page([shown(doubtful(), text)]))
    assert [each for each in page.page.locator("#letter .text").inner_text().splitlines() if each] == [
        (
            "Decision rationale: The chart was reread by the reviewer, and no gain in work or in sleep is noted after "
            "all these months of care. The request is not medically necessary."
        ),
        "Norco 10/325mg #45: Upheld",
        "and so on",
    ]


def test_an_item_is_added_and_another_removed(opened: Open, tmp_path: Path) -> None:
    html = review_page(three())
    page = opened(html)
    page.page.click('#fields h3:has-text("Item 1 of 3") button')
    assert page.text("#progress") == "1 of 10 values looked at · 2 letters left", "nobody need look at what is removed"
    assert page.text(".row.gone") == "Norco 10/325mg #45 (upheld)"
    page.page.click("#adding summary")
    page.page.fill("#adding-heading", "Cane, single point")
    page.page.select_option("#adding-place", "before item 3")
    page.press("Enter")
    added = page.page.locator('.row[data-at="/added/0/quantity"]')
    added.hover()
    added.locator(".edit").click()
    added.locator(".editor input").fill("1")
    page.press("Enter")
    assert " ".join(added.locator(".value").inner_text().split()) == "1"
    page.page.fill("#initials", "AB")
    again = opened(html, context=page.page.context)
    with again.page.expect_download() as download:
        again.page.click("#export")
    file = tmp_path / "corrections.json"
    download.value.save_as(file)
    given = Corrections.model_validate_json(file.read_bytes())
    assert [(each.pointer, each.action) for each in given.corrections] == [
        ("/disputed_items/0", "remove"),
        ("/disputed_items/2", "add"),
    ]
    record = corrected_row(doubtful("doubtful"), given.corrections, given.confirmation).record
    assert record
    assert [(item.heading, item.decision) for item in record.disputed_items] == [
        ("Norco 10/325mg #30 with 1 refill", "overturned"),
        ("Cane, single point", "upheld"),
        ("Ativan 1mg #30", "upheld"),
    ]
    assert record.disputed_items[1].quantity == 1
    again.page.click('#fields h3:has-text("Item 1 of 3") button')
    again.page.click('#fields h3:has-text("Added item") button')
    assert again.text("#progress") == "0 of 10 values looked at · 2 letters left"


def test_undo_opens_a_value_again(opened: Open) -> None:
    page = opened(review_page(three()))
    page.press("n", "a")
    assert page.text("#progress") == "1 of 10 values looked at · 2 letters left"
    page.page.click(".doubt-card.settled .name")
    page.press("u")
    assert page.text("#progress") == "0 of 10 values looked at · 2 letters left"
    assert page.page.locator(".doubt-card.settled").count() == 0


@pytest.mark.parametrize(
    ("at", "typed", "why"),
    [
        ("/disputed_items/0/quantity", "many", "It must be a number"),
        ("/disputed_items/1/refills", "1.5", "It must be a whole number"),
        ("/disputed_items/2/grounds", "because", "is not one of"),
        ("/letter/decision_date", "2017-02-30", "It must be a day"),
        ("/injured_worker/injury_date", "March", "It must be YYYY-MM-DD"),
        ("/disputed_items/0/heading", "", "It must not be empty"),
    ],
)
def test_an_edit_is_checked_by_the_field_s_type(opened: Open, at: str, typed: str, why: str) -> None:
    page = opened(review_page(three()))
    line = page.page.locator(f'.row[data-at="{at}"]')
    line.hover()
    line.locator(".edit").click()
    line.locator(".editor input, .editor textarea").fill(typed)
    line.get_by_text("Keep").click()
    assert why in line.locator(".wrong").inner_text()
    page.press("Escape")
    assert page.page.locator(".editor").count() == 0
    assert page.text("#progress") == "0 of 10 values looked at · 2 letters left"


def test_without_storage_a_notice(opened: Open, browser: Any) -> None:
    context = browser.new_context()
    context.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } });")
    page = opened(review_page(three()), context=context)
    assert "does not save your work" in page.text("#notice")
    page.press("n", "a")
    assert page.text("#progress") == "1 of 10 values looked at · 2 letters left"
    assert "does not save your work" in page.text("#notice")
    context.close()


@pytest.mark.parametrize(
    ("control", "value", "left"),
    [
        ("#f-search", "SPORTS  medicine", ["doubtful", "right"]),
        ("#f-search", "nowhere", []),
        ("#f-document", "A", ["away", "failed"]),
        ("#f-status", "open", ["doubtful", "away"]),
        ("#f-status", "failed", ["failed"]),
        ("#f-decision", "overturned", ["doubtful", "away", "right"]),
        ("#f-category", "surgery", []),
        ("#f-field", "/disputed_items/*/quantity", ["doubtful", "away"]),
    ],
)
def test_filters(opened: Open, control: str, value: str, left: list[str]) -> None:
    page = opened(review_page(three()))
    target = page.page.locator(control)
    if control in ("#f-search", "#f-document"):
        target.fill(value)
    else:
        target.select_option(value)
    assert page.page.locator(".documents li:visible b").all_inner_texts() == left
    assert page.text("#shown") == f"{len(left)} of 4 documents"
    page.page.click("#clear")
    page.page.get_by_text("4 documents", exact=True).wait_for()


def test_a_field_filter_narrows_the_keys(opened: Open) -> None:
    page = opened(review_page(three()))
    page.page.select_option("#f-field", "/disputed_items/*/refills")
    page.page.locator("h1").click()
    page.press("n")
    assert page.current == "/disputed_items/1/refills"
    page.press("n")
    assert (page.text("#letter h2"), page.current) == ("away", "/disputed_items/1/refills")


HOSTILE = (
    "</script><script>acted('script')</script><img src=x onerror=acted('image')>"
    "\" onmouseover=\"acted('attribute')\" ' style='background:url(https://x.test/)' {{7*7}} javascript:acted() "
    "<style>*{display:none}</style><!--<script> &lt;b&gt; \u202e\u2066 \u2028 ${7*7} ]]>"
)


def test_nothing_in_a_letter_or_its_record_acts(opened: Open) -> None:
    item = Item(
        f"Norco 10/325mg #45 {HOSTILE}", rationale=f"No gain. {HOSTILE} The request is not medically necessary."
    )
    name = f'"><img src=x onerror=acted(1)> {HOSTILE}'
    given = Document.from_text(letter(item, *THREE), name)

    def change(record: dict[str, Any]) -> None:
        record["disputed_items"][0]["treatment"] = HOSTILE
        record["disputed_items"][0]["frequency"] = "__proto__"
        record["clinical_summary"]["diagnoses"] = ["__proto__", "constructor", HOSTILE]

    result = row(given, change)
    spans = {"/__proto__/x": ((0, 5),), f"/{HOSTILE}": ((5, 9), (-3, 2), (7, 10**12)), "": ((3, 1),)}
    checks = (result.checks[0].model_copy(update={"pointer": "/constructor/prototype", "status": "conflict"}),)
    result = result.model_copy(update={"evidence": {**result.evidence, **spans}, "checks": (*result.checks, *checks)})
    failed = Shown(HOSTILE, None, None, HOSTILE)
    page = opened(review_page([shown(result, given.text), failed, Shown("__proto__", None, None, "None.")]))
    page.page.evaluate("() => { window.acted = (what) => console.error('acted', what); }")
    for _ in range(8):
        page.press("n", "s")
    page.page.hover(".doubt-card >> nth=0")
    page.page.locator("mark >> nth=3").hover()
    page.page.locator("mark >> nth=3").click()
    shown_text = page.text("#letter .text")
    assert "</script><script>acted('script')</script><img src=x onerror=acted('image')>" in shown_text
    assert "{{7*7}}" in shown_text
    assert "\\u202e\\u2066" in shown_text, "what reverses the writing direction is shown, not obeyed"
    assert page.page.locator("img, iframe, object, embed, [onerror], [onmouseover], [style], .text script").count() == 0
    assert page.page.locator("script").count() == 2
    page.shot("hostile")
    page.press("j", "j")
    page.page.click("#tab-overview")
    assert page.page.evaluate("Object.keys(Object.prototype).length === 0 && ({}).x === undefined")


def test_labels_and_contrast(opened: Open) -> None:
    """Every control has a name, and every text stands out from what is behind it, in light and dark."""
    unnamed = """[...document.querySelectorAll("button, input, select, textarea")]
      .filter((each) => !each.hidden && !(each.textContent.trim() || each.ariaLabel || each.labels?.length)).length"""
    for scheme in ("light", "dark"):
        page = opened(review_page(three()), scheme=scheme)
        assert page.page.evaluate(unnamed) == 0
        page.press("n")
        assert page.page.evaluate(CONTRAST) == []
        page = opened(review_page(weighed_rows("weighed")), scheme=scheme)
        page.press("n")
        for each in ("#repairs summary", ".basis summary >> nth=1", "#adding summary"):
            page.page.click(each)
        assert page.page.evaluate(unnamed) == 0
        assert page.page.evaluate(CONTRAST) == []
        page.page.click("#tab-overview")
        assert page.page.evaluate(CONTRAST) == []


# Texts whose contrast with their background is below 4.5 (WCAG 2.2, 1.4.3).
CONTRAST = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4;
  const light = (colour) => {
    const [r, g, b] = colour.map((each) => linear(each / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const [r, g, b, a] = parse(getComputedStyle(each).backgroundColor);
      if (a === undefined || a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const low = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest(":disabled, script, noscript, svg, option")) continue;
    const [one, other] = [light(parse(getComputedStyle(element).color).slice(0, 3)), light(behind(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) low.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return [...low];
}"""


def test_printed_it_is_the_letter_and_its_record(opened: Open) -> None:
    page = opened(review_page(three()))
    page.page.emulate_media(media="print")
    assert not page.page.locator("#list").is_visible()
    assert not page.page.locator("#export").is_visible()
    assert page.page.locator("#letter .text").is_visible()
    assert page.page.locator("#fields").is_visible()
    assert page.page.pdf().startswith(b"%PDF")
