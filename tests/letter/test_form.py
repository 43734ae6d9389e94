"""Forms as data: what a file may say, which form a letter is read by, and forms of a user's own."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from imrllm import Extractor
from imrllm.documents import Document
from imrllm.errors import FormError, NotALetterError
from imrllm.letter import known_forms, read_letter
from imrllm.letter.form import Form, choose_form, known_form, known_text, read_form
from imrllm.letter.phrases import expression, parsed, plain
from tests.letter.own_form import BLOCKS, OWN
from tests.letters import ATIVAN, NORCO_PLAIN, PAGES, THREE, Item, letter

YEARS = "Decision based on MTUS Chronic Pain Medical Treatment 2016, Section(s): Opioids."


def own() -> tuple[Form, ...]:
    return (read_form(BLOCKS, "my.toml"), *known_forms())


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        (letter(NORCO_PLAIN, header=False), "2014-2015", "pages"),
        (letter(Item("MRI", maximus=YEARS), header=False), "2016-2017", "sections"),
        (letter(Item("MRI", maximus=None), header=True), "2016-2017", "a case number of 2016 alone"),
        (letter(Item("MRI", maximus=PAGES), prose=True), "2014-2015", "its own words outweigh the case number"),
        (letter(Item("MRI", maximus=None), header=False), "2016-2017", "no sign: the first"),
        (letter(NORCO_PLAIN, period="2013"), "2013", "numbered sentences"),
        (
            letter(NORCO_PLAIN, period="2014")
            .replace("IMR ISSUES, DECISIONS AND RATIONALES", "IMR DECISION(S) AND RATIONALE(S)")
            .replace("CLINICAL CASE", "DOCUMENTS REVIEWED\nTwo notes.\n\nCLINICAL CASE"),
            "early 2014",
            "its own heading of the decisions, and the documents before the summary",
        ),
    ],
)
def test_the_form_that_fits(text: str, name: str, reason: str) -> None:
    assert read_letter(text).form == name, reason


def test_documents_before_the_summary_end_the_credentials() -> None:
    text = letter(NORCO_PLAIN, period="2014").replace("IMR ISSUES, DECISIONS AND", "IMR DECISIONS AND")
    text = text.replace("CLINICAL CASE", "DOCUMENTS REVIEWED\nTwo notes.\n\nCLINICAL CASE")
    parts = read_letter(text)
    assert (parts.printed(parts.credentials) or "").endswith("California, Texas.")
    assert (parts.printed(parts.summary) or "").endswith("He sleeps badly.")


def test_a_form_of_one_s_own() -> None:
    parts = read_letter(OWN, own())
    assert parts.form == "my 2021"
    first, second = parts.items
    assert [parts.printed(item.heading) for item in parts.items] == ["Norco 10/325mg #60", "MRI of the lumbar spine"]
    assert [(item.decision, parts.printed(item.outcome)) for item in parts.items] == [
        ("upheld", "Denial upheld"),
        ("overturned", "Denial overturned"),
    ]
    assert parts.printed(first.rationale) == "No gain was seen. The request is not medically necessary."
    assert (parts.printed(first.reviewer_basis) or "").endswith("Section(s): Opioids.")
    assert (parts.printed(first.claims_administrator) or "").endswith("for its decision.")
    assert (parts.printed(second.claims_administrator) or "").endswith("Section(s): Imaging.")
    assert (parts.printed(parts.summary) or "").startswith("The patient is a 50 year old")
    assert (parts.printed(parts.credentials) or "").startswith("Board certified")
    assert (parts.printed(parts.header) or "").endswith("02/03/2021")
    assert parts.undecided == ()


def test_a_form_of_one_s_own_does_not_take_the_letters_of_the_known_ones() -> None:
    for text in (letter(*THREE), letter(*THREE, period="2013"), letter(*THREE, header=False)):
        assert read_letter(text, own()) == read_letter(text)
    with pytest.raises(NotALetterError):
        read_letter(OWN)


@pytest.mark.parametrize(
    ("written", "changed", "reason"),
    [
        ("Denial upheld.", "Denial upheld in part.", "more than the outcome"),
        ("Denial upheld.", "See below.", "another outcome"),
        ("Determination: Denial upheld.\n", "", "no outcome"),
    ],
)
def test_an_item_without_its_outcome_is_told(written: str, changed: str, reason: str) -> None:
    assert written in OWN
    parts = read_letter(OWN.replace(written, changed), own())
    assert [parts.printed(item.heading) for item in parts.items] == ["MRI of the lumbar spine"], reason
    assert [parts.printed(span) for span in parts.undecided] == ["Treatment in dispute: "], reason


def test_a_form_with_the_outcome_s_own_words_fits_better() -> None:
    text = OWN.replace("Denial upheld.", "Affirmed.")
    other = read_form(BLOCKS.replace("my 2021", "other").replace("Denial stands", "Affirmed"), "other.toml")
    for forms in ((*own(), other), (other, *own())):
        parts = read_letter(text, forms)
        assert (parts.form, len(parts.items), parts.undecided) == ("other", 2, ())


def test_a_form_extends_a_known_one() -> None:
    form = read_form(
        'extends = "2016-2017"\nname = "reworded"\n[items]\nreviewer = ["Authority of the reviewer:"]\n'
        '[outcomes]\nupheld = ["Denied"]\noverturned = ["Allowed"]\n',
        "reworded.toml",
    )
    assert (form.sections, form.letters) == (known_form("2016-2017").sections, 0)
    text = letter(NORCO_PLAIN, ATIVAN).replace("MAXIMUS guideline:", "Authority of the reviewer:")
    parts = read_letter(text.replace(": Upheld", ": Denied"), (form, *known_forms()))
    assert (parts.form, len(parts.items)) == ("reworded", 2)
    assert all(item.reviewer_basis for item in parts.items)
    # A letter of the known form has more of that form's labels.
    assert read_letter(letter(NORCO_PLAIN), (form, *known_forms())).form == "2014-2015"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "`my.toml` is not TOML"),
        (BLOCKS.replace('"blocks"', '"tables"'), "`layout`"),
        (BLOCKS.replace('issue = ["Treatment in dispute:"]', ""), "needs `items.issue`"),
        (BLOCKS.replace('outcome = ["Determination:", "Our determination:"]', ""), "needs `items.outcome`"),
        (BLOCKS.replace('"Rationale:"', '"Ration[ale:"'), r"`items.rationale.0`: `\[` is not closed"),
        (BLOCKS.replace('"Rationale:"', '"{reason}:"'), "is not a placeholder"),
        (BLOCKS.replace('"Rationale:"', '" "'), "must have words"),
        (BLOCKS.replace('"Rationale:"', f'"Rationale{"[a]" * 17}:"'), "16 brackets"),
        (BLOCKS.replace('"Rationale:"', '"Rationale {words} of {words}:"'), "once"),
        (BLOCKS.replace("rationale = ", "reasons = "), "`items.reasons`"),
        (BLOCKS.replace('"rationale", "reviewer"', '"reviewer"'), "`items.order` does not name it"),
        (BLOCKS.replace('name = "my 2021"', 'name = "rationale"'), "`name`"),
        (BLOCKS.replace('name = "my 2021"', ""), "`name`"),
        ('extends = "2019"\nname = "x"', "`2019` is not a known form"),
        (BLOCKS.replace('upheld = ["Denial upheld", "Denial stands"]', "upheld = []"), "`outcomes.upheld`"),
    ],
)
def test_what_is_no_form(text: str, said: str) -> None:
    with pytest.raises(FormError, match=said) as raised:
        read_form(text, "my.toml")
    assert raised.value.hint


def test_forms_by_name_and_by_file(tmp_path: Path) -> None:
    assert choose_form("2013").form is known_form("2013")
    file = tmp_path / "my.toml"
    file.write_text(BLOCKS, encoding="utf-8")
    chosen = choose_form(file)
    assert (chosen.name, chosen.file, len(chosen.sha256)) == ("my 2021", str(file), 64)
    assert [form.name for form in chosen.forms] == ["my 2021", *(form.name for form in known_forms())]
    assert [form.name for form in choose_form("2013").forms][:2] == ["2013", "2016-2017"]
    file.write_text(BLOCKS.replace("my 2021", "2013"), encoding="utf-8")
    with pytest.raises(FormError, match="is a known form"):
        choose_form(file)
    for absent in ("2031", str(tmp_path / "none.toml")):
        with pytest.raises(FormError) as raised:
            choose_form(absent)
        assert raised.value.hint


def test_every_known_form_says_what_it_was_seen_on() -> None:
    for form in known_forms():
        assert form.name in known_text(form.name)
        assert form.title
        assert form.seen_on
        assert (form.letters == 0) == ("headings only" in form.seen_on or "excerpts" in form.seen_on)


@pytest.mark.parametrize(
    ("phrase", "printed"),
    [
        ("guideline[s]:", "guidelines:"),
        ("{One|Another} label", "One label"),
        ("a[ {b|c[ d]}] e", "a b e"),
        ("{number}{)|.} The {item}", ") The"),
    ],
)
def test_phrases_as_they_are_printed(phrase: str, printed: str) -> None:
    assert plain(phrase) == printed


@pytest.mark.parametrize("phrase", ["a]", "[a", "{a|b", "a}", "{}", "[[[[[[a]]]]]]"])
def test_phrases_that_do_not_close(phrase: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parsed(phrase)


def test_a_phrase_matches_no_more_than_it_says() -> None:
    assert expression(["a.b (c)"]) == r"a\.b\ \(c\)"


def test_no_part_of_a_letter_in_one_s_own_form_is_ok(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text(BLOCKS, encoding="utf-8")
    extractor = Extractor("none", form=file)
    lines = OWN.splitlines(keepends=True)
    assert extractor.extract(Document.from_text(OWN, "whole")).provenance.form == "my 2021"
    cut = [Document.from_text("".join(lines[:end]), "cut") for end in range(1, len(lines))]
    # Without its last section, the letter has no credentials.
    assert [end for end, document in enumerate(cut, 1) if extractor.extract(document).status == "ok"] == []


def test_time_grows_in_step_with_the_letter() -> None:
    def seconds(items: int) -> float:
        before, opening, item = OWN.partition("Treatment in dispute:")
        text = before + (opening + item) * items
        start = time.process_time()
        assert len(read_letter(text, own()).items) == 2 * items
        return time.process_time() - start

    seconds(10)
    assert seconds(800) < 12 * max(seconds(200), 0.01)
