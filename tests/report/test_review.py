"""The review page as a file: what it holds, that its data is data, and that nothing but its own script may run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

import pytest

from imrllm.documents import Document
from imrllm.records import Confirmation, Result
from imrllm.report.review import Shown, embedded, review_page
from tests.letters import THREE, Item, letter
from tests.report.page import Page
from tests.report.reviewed import (
    AGE,
    DIAGNOSES,
    GROUNDS,
    QUANTITY,
    REFILLS,
    SPECIALTIES,
    document,
    doubtful,
    row,
    shown,
    weighed,
)
from tests.report.runs import HOSTILE

SCRIPT = re.compile(r"<script>(.*)</script>\n</body>", re.DOTALL)
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def data(html: str) -> dict[str, Any]:
    found = re.search(r'id="data">(.*?)</script>', html, re.DOTALL)
    assert found
    held: dict[str, Any] = json.loads(found[1])
    return held


@pytest.fixture(scope="module")
def html() -> str:
    return review_page([shown(doubtful(), document().text), Shown("w2", None, None, "None.")])


def test_nothing_but_its_own_script_and_style_is_admitted(html: str) -> None:
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert found
    policy = dict(part.strip().split(" ", 1) for part in found[1].replace("&#39;", "'").split(";"))
    for name, pattern in (("script-src", SCRIPT), ("style-src", STYLE)):
        (text,) = pattern.findall(html)
        assert policy[name] == f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    page = Page(html)
    assert not [name for name, _ in page.attributes() if name.startswith("on") or name in ("style", "src", "action")]
    assert not re.search(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|fetch)\b", html)


@pytest.mark.parametrize(
    ("text", "reason"), [*HOSTILE, ("<!--<script>", "an open comment"), ("\u2028\u2029", "line ends")]
)
def test_data_is_data(text: str, reason: str) -> None:
    letters = [letter(Item(f"Norco 10/325mg #45 {each}"), *THREE) for each in (text.replace("\x00", ""), "plain")]
    results = [row(Document.from_text(each, f"w {name}")) for each, name in zip(letters, (text, "plain"), strict=True)]
    pages = [
        review_page([shown(result, each), Shown(name, None, None, name)])
        for result, each, name in zip(results, letters, (text, "plain"), strict=True)
    ]
    assert Page(pages[0]).tags() == Page(pages[1]).tags(), reason
    held = data(pages[0])["documents"]
    assert held[0]["text"] == letters[0], reason
    assert [each["id"] for each in held] == [f"w {text}", text], reason
    assert pages[0].encode(), "it can be written"


def test_embedded_json_is_ascii_without_markup() -> None:
    value = {"a</script>": ["<!--", "&", "\u2028", "\udc80", "\x00", "é"]}
    text = embedded(value)
    assert text.isascii()
    assert not set("<>&") & set(text)
    assert json.loads(text) == value


def test_what_is_in_doubt_is_listed_by_worth_and_item(html: str) -> None:
    one, other = data(html)["documents"]
    assert one["open"] == [
        {"at": "/disputed_items/0/quantity", "group": "/disputed_items/0", "risk": None},
        {"at": "/disputed_items/1/refills", "group": "/disputed_items/1", "risk": None},
        {"at": "/reviewer/specialties", "group": "", "risk": None},
        {"at": "/clinical_summary/diagnoses", "group": "", "risk": None},
        {"at": "/disputed_items/2/grounds", "group": "/disputed_items/2", "risk": None},
    ]
    assert one["repairs"] == []
    entry = next(check for check in one["checks"] if check["pointer"].endswith("diagnoses/1"))
    assert entry == {
        "pointer": "/clinical_summary/diagnoses/1",
        "at": "/clinical_summary/diagnoses",
        "status": "unsupported",
        "model_value": "gout",
        "why": "not found in its part of the letter",
        "sides": ["as made", "letter, as read"],
        "open": True,
    }
    assert (other["status"], other["note"], other["open"]) == ("failed", "None.", [])


def test_what_a_person_settled_is_not_in_doubt() -> None:
    given = doubtful()
    by = Confirmation(initials="AB", on="2026-11-24")  # type: ignore[arg-type]
    checks = [check.model_copy(update={"confirmed_by": by, "resolution": "human"}) for check in given.checks]
    (held,) = data(review_page([shown(given.model_copy(update={"checks": tuple(checks)}))]))["documents"]
    assert (held["open"], held["repairs"]) == ([], [])


def test_what_nobody_is_asked_about_is_a_repair_and_a_risk_alone_is_in_doubt() -> None:
    held = data(review_page([shown(doubtful("plain")), shown(weighed())]))
    assert held["order"] == [0, 1], "what is not measured counts as even odds"
    one = held["documents"][1]
    assert [(each["at"], each["risk"]) for each in one["open"]] == [(QUANTITY, 0.42), (REFILLS, 0.21), (AGE, 0.12)]
    assert len(one["repairs"]) == 18
    assert (*one["repairs"][:2], one["repairs"][-1]) == (SPECIALTIES, DIAGNOSES, GROUNDS), "in the record's order"
    alone = next(check for check in one["checks"] if check["at"] == AGE and check.get("open"))
    assert alone["why"] == "one reader, unsure"
    assert not any("open" in check for check in one["checks"] if check["at"] in one["repairs"])


def test_every_field_of_a_record_has_its_type(html: str) -> None:
    fields = {field["path"]: field for field in data(html)["fields"]}

    def kind(path: str) -> tuple[str, bool]:
        return fields[path]["kind"], fields[path]["nullable"]

    assert kind("/disputed_items/*/quantity") == ("number", True)
    assert kind("/disputed_items/*/refills") == ("integer", True)
    assert kind("/disputed_items/*/decision") == ("choice", False)
    assert kind("/disputed_items/*/retrospective") == ("boolean", False)
    assert kind("/disputed_items/*/reviewer_basis") == ("object", True)
    assert kind("/disputed_items/*/reviewer_basis/citations/*/pages") == ("list", False)
    assert kind("/letter/decision_date") == ("date", True)
    assert fields["/disputed_items/*/grounds"]["choices"]
    assert fields["/injured_worker/injury_date"]["pattern"]

    def leaves(value: Any, path: str) -> set[str]:
        if isinstance(value, dict):
            return {each for name, inner in value.items() for each in leaves(inner, f"{path}/{name}")}
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return {each for inner in value for each in leaves(inner, f"{path}/*")}
        return {path}

    record = data(html)["documents"][0]["record"]
    assert leaves(record, "") - {"/document_id"} <= fields.keys()


def test_the_same_rows_give_the_same_page_and_other_rows_another_digest(html: str) -> None:
    rows = [shown(doubtful(), document().text), Shown("w2", None, None, "None.")]
    assert review_page(rows) == html
    assert data(review_page(rows[:1]))["digest"] == data(html)["digest"], "a row that is none takes no correction"
    assert data(review_page([shown(doubtful("w9"))]))["digest"] != data(html)["digest"]
    assert Result.model_validate_json(doubtful().model_dump_json()) == doubtful()


def test_the_overview_says_how_many_grounds_no_words_support() -> None:
    said = "that no words of the letters support"
    words = ["long_term_use"]
    supported = row(document(), lambda record: record["disputed_items"][2].update(grounds=words))
    page = Page(review_page([shown(supported)])).text
    assert (said in page, "long term use" in page) == (False, True)
    # The first rationale has no words for these two.
    given = row(document(), lambda record: record["disputed_items"][0].update(grounds=["safety_risk", *words]))
    page = Page(review_page([shown(given)])).text
    assert f"Left out: 2 {said}." in page
    assert "safety risk" not in page
    assert re.search("Items that state any: [0-9]+ upheld, [0-9]+ overturned[.]", page)


def test_no_rows_are_a_page_too() -> None:
    page = review_page([])
    assert data(page)["documents"] == []
    assert "There are no disputed items to count." in Page(page).text
