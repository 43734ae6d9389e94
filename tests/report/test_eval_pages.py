"""The pages of an evaluation and of a comparison: what they show, and that nothing in the data is more than text."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from imrllm.evals.comparison import Difference
from imrllm.evals.conversations import Conversations, Exchange, RawAnswer
from imrllm.prompt_rendering import RenderedCall
from imrllm.report.bars import difference_bar, share_bar
from imrllm.report.eval_pages import comparison_page, eval_page
from imrllm.report.formatting import compact, count, dollars, duration, outcomes, p_value, percent, points, verdict
from tests.report.page import Page
from tests.report.runs import (
    HOSTILE,
    change,
    column,
    comparison,
    crosscheck,
    difference,
    encodable,
    error,
    field_score,
    kind_trust,
    letter,
    rate,
    run,
    spent,
    suite,
    trust,
    trust_difference,
    wrong_leaf,
)


def hostile_eval(text: str) -> str:
    """A page with a text in every place that takes any."""
    name = encodable(text)
    bad = error(name, path=name, field=name, gold=text, value=[text, {text: text}])
    gate = {"name": name, "limit": 1.0, "value": 0.5, "passed": False, "details": [name] * 4}
    columns = {each: column(critical=[bad]) for each in ("floor", "model", "grammar", "resolved")}
    for each in columns.values():
        each["fields"] = {name: field_score()}
    leaf = wrong_leaf(field=name, path=name, gold=text, value={text: [text]}, excerpt=name, outcomes={name: 1})
    checks = crosscheck(silent=[bad], false_alarms=[bad | {"outcome": "match"}], corruptions={name: rate(1, 2)})
    one = suite(
        letter(name, leaf, error=name, spent=spent()),
        suite=name,
        description=name,
        missing=[name, name],
        columns=columns,
        crosscheck=checks,
        trust=trust(name=name),
        agreement={name: rate(1, 2)},
        gates=[gate],
        allowed=[name],
    )
    return eval_page(run(one, one, model=name, prompt=name, program=name, prompt_sha256=name, skipped={name: name}))


def hostile_comparison(text: str) -> str:
    name = encodable(text)
    changes = [
        change(kind, document=name, field=name, path=name, gold=text, a=[text], b={text: text}, excerpt=name)
        for kind in ("gain", "loss")
    ]
    fields = {name: difference(), f"{name}2": difference(gained=0, lost=0)}
    differ = {"typed": {"flagged": trust_difference()}}
    return comparison_page(comparison(difference(), tuple(changes), (name, name), suite=name, trust=differ, **fields))


@pytest.mark.parametrize("make", [hostile_eval, hostile_comparison])
@pytest.mark.parametrize(("text", "reason"), HOSTILE)
def test_data_is_text(make: Any, text: str, reason: str) -> None:
    html = make(text)
    page, plain = Page(html), Page(make("plain"))
    assert page.tags() == plain.tags(), reason
    names = [name for name, _ in page.attributes()]
    assert names == [name for name, _ in plain.attributes()], reason
    assert not [name for name in names if name.startswith("on")], reason
    assert all(character.isprintable() or character == "\n" for character in html), reason
    assert html.encode(), reason
    if text.isprintable():
        assert " ".join(text.split()) in page.text, reason


@pytest.mark.parametrize("make", [hostile_eval, hostile_comparison])
def test_fetches_and_runs_nothing(make: Any) -> None:
    html = make("plain")
    page = Page(html)
    assert not {"script", "link", "img", "iframe", "object", "embed", "form", "base"} & set(page.tags())
    assert not re.search(r"https?:|//\w|@import|url\(", html)
    assert not [name for name, _ in page.attributes() if name in ("src", "style", "srcset", "action")]
    ids = [value for name, value in page.attributes() if name == "id"]
    anchors = [value for name, value in page.attributes() if name == "href"]
    assert len(ids) == len(set(ids))
    assert {str(each).removeprefix("#") for each in anchors} <= set(ids)
    assert "default-src 'none'; style-src 'unsafe-inline'" in [
        attributes.get("content")
        for tag, attributes in page.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]


@pytest.mark.parametrize("make", [hostile_eval, hostile_comparison])
def test_drawings_are_well_formed_and_say_what_they_show(make: Any) -> None:
    drawings = re.findall(r"<svg.*?</svg>", make("a<b & \"c\" 'd'"), re.DOTALL)
    assert drawings
    for each in drawings:
        title = ET.fromstring(each).find("title")
        assert title is not None
        assert title.text


@pytest.mark.parametrize("make", [hostile_eval, hostile_comparison])
def test_same_data_same_page(make: Any) -> None:
    assert make("plain") == make("plain")


def test_rates_and_intervals() -> None:
    scores = {name: column() for name in ("floor", "model", "grammar", "resolved")}
    scores["resolved"] |= {"leaves": rate(747, 767, 0.9601, 0.9831), "micro_f1": 0.9577}
    text = Page(eval_page(run(suite(letter(), columns=scores)))).text
    assert "97.4%" in text
    assert "747 of 767, 96.0 to 98.3%" in text
    assert "95.8%" in text
    assert "fields right, resolved: 97.4%, floor 75.0%, 95% interval 96.0 to 98.3%" in text
    assert "quantity, model alone: 75.0%, floor 75.0%, 95% interval 25.0 to 75.0%" in text
    assert "195 of 196" in text
    assert "7 of 8 values of the gold, altered in turn, were caught" in text
    assert "23,016 tokens in, 4,503 out" in text
    assert "cost not known" in text


def test_gates() -> None:
    silent = {"name": "silent", "limit": 0.0, "value": 30.0, "passed": False, "details": ["w01 /x"] * 20}
    share = {"name": "quantity", "limit": 0.98, "value": 1.0, "passed": True, "details": []}
    none = {"name": "caught", "limit": 0.98, "value": None, "passed": False, "details": []}
    most = {"name": "flagged", "limit": 0.02, "value": 0.16, "passed": False, "details": []}
    risk = {"name": "auroc", "limit": 0.9, "value": None, "passed": False, "details": ["the risk is not measured"]}
    worse = {"name": "worse_fields", "limit": 0.0, "value": 0.0, "passed": True, "details": []}
    text = Page(eval_page(run(suite(gates=[most, risk, worse])))).text
    assert "flagged ✗ failed at most 2.0% 16.0% –" in text
    assert "auroc ✗ failed at least 90.0% not measured the risk is not measured" in text
    assert "worse_fields ✓ passed at most 0 0 –" in text
    text = Page(eval_page(run(suite(gates=[silent, share, none])))).text
    assert "✗ 2 of 3 gates not passed" in text
    assert "silent ✗ failed at most 0 30 20 of 30 w01 /x" in text
    assert "quantity ✓ passed at least 98.0% 100% –" in text
    assert "caught ✗ failed at least 98.0% nothing to count" in text
    assert "✓ all 1 gate passed" in Page(eval_page(run(suite(gates=[share])))).text
    assert "no gates" in Page(eval_page(run(suite()))).text


def test_a_letter_opens_to_what_is_not_right() -> None:
    leaf = wrong_leaf(gold=["63", "66"], value=["63, 66"], outcomes={"match": 0, "wrong": 1, "missed": 1})
    page = Page(eval_page(run(suite(letter("w01", leaf, wrong_leaf(flagged=True))))))
    assert "gold 63 · 66 record 63, 66" in page.text
    assert "gold 63 · 66 model 63, 66" in page.text
    assert "1 wrong, 1 missed no check is against it" in page.text
    assert "⚑ flagged for review gold 45 record 48 letter: Norco 10/325 mg #45" in page.text
    assert "⚑ a check is against it gold 45 model 48 letter: Norco 10/325 mg #45" in page.text
    assert "/disputed_items/0/decision" not in page.text


def test_checks_are_not_spoken_of_where_there_are_none() -> None:
    text = Page(eval_page(run(suite(letter("w01", wrong_leaf()), crosscheck=None)))).text
    assert "the records carry no checks" in text
    assert "check is against" not in text
    assert "flagged for review" not in text


def test_flags_and_risks() -> None:
    page = Page(eval_page(run(suite(letter("w01"), trust=trust(forms={"2014": trust()["kinds"]})))))
    assert "2 of 80, 25.0 to 75.0% 1.5 a letter" in page.text
    assert "1 of 2, 25.0 to 75.0% at most 97.5% of such letters, with 95% confidence" in page.text
    assert (
        "AUROC of the risk how often a wrong value has a higher risk than a right one; 0.5 is chance 0.910" in page.text
    )
    assert "0.910 0.880 to 0.960" in page.text
    assert (
        "typed fields, wrong among the values kept: 0% of 50%, 2.2% of 90%, 3.8% of 100%; "
        "not flagged are 97.5%, of which 2.6% are wrong" in page.text
    )
    assert page.tags().count("circle") == 3
    assert "Letters of the form" not in page.text
    forms = {"2014": trust()["kinds"], "unknown": trust()["kinds"]}
    assert "Letters of the form 2014: 2" in Page(eval_page(run(suite(letter("w01"), trust=trust(forms=forms))))).text


def test_a_risk_that_is_not_measured_is_no_figure() -> None:
    kind = kind_trust(measured=0, auroc=None, calibration_error=None, curve=[], bins=[])
    page = Page(eval_page(run(suite(letter("w01"), trust=trust(kind)))))
    assert "0.5 is chance not measured not measured not measured" in page.text
    assert "Risk against coverage" not in page.text
    assert "circle" not in page.tags()


def test_errors_lead_to_their_letters() -> None:
    scores = {"resolved": column(critical=[error("w02"), error("elsewhere")])}
    html = eval_page(run(suite(letter("w01"), letter("w02", wrong_leaf()), columns=scores)))
    assert '<a href="#suite-1-letter-2">w02</a>' in html
    assert 'id="suite-1-letter-2"' in html
    assert "<span>elsewhere</span>" in html


def test_only_failed() -> None:
    failed = letter("w03", error="DocumentError: `w03` is empty.")
    data = run(suite(letter("w01"), letter("w02", wrong_leaf()), failed))
    whole, part = (Page(eval_page(data, only_failed=only)).text for only in (False, True))
    assert "w01" in whole
    assert "w01" not in part
    assert "w02" in part
    assert "`w03` is empty." in part, "a letter without a record is not right, though no leaf of it is here"
    assert "decision, resolved" in whole
    assert "decision, resolved" not in part
    assert "quantity, resolved" in part
    assert "left out" not in whole
    assert "1 field of 2 left out" in part
    assert "1 letter of 3 left out" in part


def test_missing_columns() -> None:
    columns = {"grammar": column(), "resolved": column()}
    documents = [{"document": "w01", "columns": {"grammar": [wrong_leaf()], "resolved": [wrong_leaf()]}}]
    data = run(suite(*documents, columns=columns, spent=None), model="none", prompt=None, prompt_sha256=None)
    text = Page(eval_page(data)).text
    assert "model alone" not in text
    assert "resolved: 75.0%, 95% interval" in text, "no floor to speak of"
    assert "no model was asked" in text


def test_a_field_that_the_model_is_not_asked_for() -> None:
    columns = {"model": column(fields={"quantity": field_score()}), "resolved": column()}
    text = Page(eval_page(run(suite(columns=columns)))).text
    assert "decision by the form" in text
    del columns["model"]["fields"]["quantity"]
    assert "quantity not asked" in Page(eval_page(run(suite(columns=columns)))).text


def test_nothing_scored() -> None:
    empty = {name: column(0, 0) for name in ("floor", "model", "grammar", "resolved")}
    checks = crosscheck(caught=rate(0, 0), alarms=rate(0, 0), corruptions={})
    for only in (False, True):
        text = Page(eval_page(run(suite(columns=empty, crosscheck=checks)), only_failed=only)).text
        assert "fields right, resolved: nothing to count" in text
        assert "– caught: nothing to count 0 of 0" in text
    text = Page(eval_page(run(skipped={"public": "its letters are not here"}))).text
    assert "public : its letters are not here" in text
    assert "No suite was scored." in text


def test_agreement_missing_letters_and_allowed_errors() -> None:
    agreement = {"quantity": rate(7, 8), "decision": rate(8, 8)}
    one = suite(agreement=agreement, missing=["w09"], allowed=["w01 /x (silent): judgement"])
    text = Page(eval_page(run(one))).text
    assert "15 of 16 leaves have one value in all repeats" in text
    assert "1 letter of this suite not here, and not scored w09" in text
    assert "w01 /x (silent): judgement" in text


def test_comparison() -> None:
    fields = {"quantity": difference(-0.1, 0.5), "decision": difference(0.0, 0.0, difference=0.0, gained=0, lost=0)}
    changes = (change(), change("loss", gold=None, a=None, b=["x", "y"], excerpt=None))
    text = Page(comparison_page(comparison(changes=changes, **fields))).text
    assert "v2 is better" in text
    assert "+25.0 points 95% interval +10.0 to +50.0, over 8 letters" in text
    assert "v2 less v1, resolved: +25.0 points, 95% interval +10.0 to +50.0" in text
    assert "McNemar’s test p = 0.125" in text
    assert "−10.0 to +50.0 2 1 p = 0.125 no difference shown" in text
    assert "1 field without a gain or a loss" in text
    assert "1 gain : right in v2 alone" in text
    assert "gold 45 v1 48 v2 45 letter: Norco 10/325 mg #45" in text
    assert "1 loss : right in v1 alone" in text
    assert "gold – v1 – v2 x · y" in text
    assert "23,016 4,503 not known not known" in text


def test_comparison_of_one_letter_without_a_model() -> None:
    nothing = {"resolved": rate(0, 0)}
    sides = {"columns": nothing, "item_exact": nothing, "spent": None}
    text = Page(comparison_page(comparison(difference(None, None), sides=sides))).text
    assert "no difference shown" in text
    assert "no interval" in text
    assert "model alone" not in text
    assert "no model was asked" in text
    assert "No field has a gain or a loss." in text


@pytest.mark.parametrize(
    ("better", "said"), [("b", "v2 is better"), ("a", "v1 is better"), (None, "no difference shown")]
)
def test_verdict(better: str | None, said: str) -> None:
    assert verdict(Difference.model_validate(difference(better=better)), "v1", "v2") == said


@pytest.mark.parametrize(
    ("shown", "said", "reason"),
    [
        (compact(None), "–", "null"),
        (compact([]), "–", "an empty list says as much"),
        (compact(""), '""', "an empty text is not nothing"),
        (compact(60.0), "60", "as the letter has it"),
        (compact(0.5), "0.5", "a share of a tablet"),
        (compact(0), "0", "no refills is a value"),
        (compact(False), "false", "as JSON has it"),
        (compact(["63", "66"]), "63 · 66", "two entries"),
        (compact(["63, 66"]), "63, 66", "one entry, which a comma between entries would hide"),
        (compact([{"year": 2009}, None]), '{"year": 2009} · –', "objects as JSON"),
        (percent(None), "–", "nothing to count"),
        (percent(1.0), "100%", "all"),
        (percent(0.9999), ">99.9%", "not all"),
        (percent(0.0001), "<0.1%", "not nothing"),
        (percent(0), "0%", "nothing"),
        (points(-0.125), "−12.5", "a minus sign, not a hyphen"),
        (points(-0.0001), "0.0", "no sign where it rounds to nothing"),
        (p_value(1e-41), "p < 0.001", "no false precision"),
        (outcomes({"match": 0, "wrong": 1}), "wrong", "of one entry, the number says nothing"),
        (outcomes({"match": 4, "wrong": 1}), "4 match, 1 wrong", "of several"),
        (count(1, "letter"), "1 letter", "one"),
        (count(1200, "letter"), "1,200 letters", "many"),
        (dollars(None), "not known", "a server of one's own has no price list"),
        (dollars(0.0), "$0", "the embedded model is free"),
        (dollars(0.1234), "$0.1234", "as the summary shows it"),
        (duration(1234.56), "1,234.6 s", "seconds"),
    ],
)
def test_wording(shown: str, said: str, reason: str) -> None:
    assert shown == said, reason


def drawn(svg: str, name: str) -> list[dict[str, str]]:
    return [dict(each.attrib) for each in ET.fromstring(svg) if each.get("class") == name]


def conversation(text: str = "plain", name: str = "w01") -> Conversations:
    """One call about one letter, whose text, opening and answer are the same."""
    message = {"role": "user", "content": text}
    call = RenderedCall("item", 1, [message], 1111, 400)
    exchange = Exchange(call, (RawAnswer(text, "length", 45),))
    return Conversations({"item": [message]}, {("written", name): (exchange,)})


class TestLetters:
    def test_exact_letters_are_counted_with_and_without_prose(self) -> None:
        prose = wrong_leaf(field="grounds", path="/disputed_items/0/grounds")
        letters = (letter("w01"), letter("w02", prose), letter("w03", wrong_leaf(), prose), letter("w04", error="Bad."))
        text = Page(eval_page(run(suite(*letters)))).text
        assert "3 / 4 letters exact, without prose: lists that take judgment are not counted" in text
        assert "1 / 4 letters right in every field, prose too" in text
        assert "w01 ✓ right, prose too" in text
        assert "w02 ✓ exact, without prose 1 list of prose or grounds not right" in text
        assert "w03 2 not right" in text
        assert "w04 ✗ not read in full 0 not right" in text

    def test_filters_and_orders_are_rules_with_numbers_alone(self) -> None:
        prose = wrong_leaf(field="grounds", path="/disputed_items/0/grounds", flagged=True)
        html = eval_page(run(suite(letter("w01", prose), letter("w02", wrong_leaf(), prose), letter("w03"))))
        text = Page(html).text
        assert "every field grounds (2 letters) quantity (1 letter)" in text
        assert "#suite-1-letters:has(.f2:checked) .letter:not(.w2)" in html
        assert "#suite-1-letters:has(.by-wrong:checked) .n2 { order: 1; }" in html
        assert 'class="letter n1 prose model-wrong w1"' in html
        assert 'class="letter n2 wrong silent model-wrong w1 w2"' in html
        assert 'class="letter n3 right"' in html

    def test_one_letter_needs_no_filter(self) -> None:
        assert "most not right first" not in Page(eval_page(run(suite(letter("w01", wrong_leaf()))))).text

    def test_fields_in_two_orders(self) -> None:
        html = eval_page(run(suite(letter("w01"))))
        record, errors = (
            re.findall(r"<code>(\w+)</code></th>", html.split(f'<tbody class="{order}">')[1].split("</tbody>")[0])
            for order in ("record", "errors")
        )
        assert sorted(record) == sorted(errors) == ["decision", "quantity"]
        assert errors == ["quantity", "decision"]


class TestConversations:
    def test_messages_and_raw_answers_are_with_the_letter(self) -> None:
        html = eval_page(run(suite(letter("w01"), letter("w02"))), conversations=conversation("one\n  two"))
        text = Page(html).text
        assert "1 call: messages and raw answers item 1 about 1,111 tokens in, 1 answer" in text
        assert "answer, 45 tokens, ended by “length”" in text
        assert html.count("one\n  two") == 3, "line breaks stay: opening, message, answer"
        assert "This page holds the messages about 1 letter, and so their text" in text

    def test_without_them_the_page_says_nothing_of_them(self) -> None:
        text = Page(eval_page(run(suite(letter("w01"))))).text
        assert "raw answers" not in text
        assert "This page holds" not in text

    @pytest.mark.parametrize(("text", "reason"), HOSTILE)
    def test_they_are_text(self, text: str, reason: str) -> None:
        pages = [
            Page(eval_page(run(suite(letter("w01"))), conversations=conversation(each)))
            for each in (encodable(text), "plain")
        ]
        assert pages[0].tags() == pages[1].tags(), reason
        assert [name for name, _ in pages[0].attributes()] == [name for name, _ in pages[1].attributes()], reason


def test_share_bar() -> None:
    svg = share_bar(0.5, 0.25, 0.75, 0.1, "quantity")
    assert drawn(svg, "fill")[0]["width"] == "50.00"
    assert drawn(svg, "floor")[0]["d"] == "M10.00 0V12"
    assert drawn(svg, "whisker")[0]["d"].startswith("M25.00 6H75.00")
    empty = share_bar(None, None, None, None, "quantity")
    assert not drawn(empty, "fill")
    assert not drawn(empty, "whisker")
    assert "quantity: nothing to count" in empty


def test_difference_bar() -> None:
    gain, loss = difference_bar(0.25, 0.1, 0.4, 0.5, "x"), difference_bar(-0.25, None, None, 0.5, "x")
    assert (drawn(gain, "fill")[0]["x"], drawn(gain, "fill")[0]["width"]) == ("50.00", "25.00")
    assert drawn(gain, "whisker")[0]["d"].startswith("M60.00 6H90.00")
    assert (drawn(loss, "fill")[0]["x"], drawn(loss, "fill")[0]["width"]) == ("25.00", "25.00")
    assert not drawn(loss, "whisker")


def test_a_comparison_says_where_more_is_flagged() -> None:
    differ = {"flagged": trust_difference(), "flag_recall": trust_difference(None, None)}
    text = Page(comparison_page(comparison(trust={"typed": differ}))).text
    assert "values flagged typed fields 2.0% 5.0% +3.0" in text
    assert "+1.0 to +5.0 higher in v2" in text
    assert "no interval no difference shown" in text
    assert "Flags and risks" not in Page(comparison_page(comparison())).text
