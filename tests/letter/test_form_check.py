"""How forms fit letters, by count, and the lines of several letters that no form has."""

from __future__ import annotations

import pytest

from imrllm.letter import known_forms
from imrllm.letter.form import read_form
from imrllm.letter.form_check import FormCheck
from tests.letter.own_form import BLOCKS, OWN
from tests.letter.test_form import own
from tests.letters import NORCO_PLAIN, THREE, Item, letter


def checked(*texts: str, known: bool = True) -> FormCheck:
    found = FormCheck(known_forms() if known else own())
    for text in texts:
        found.add(text)
    return found


def test_letters_of_the_known_forms_are_whole() -> None:
    found = checked(letter(*THREE), letter(*THREE, period="2013"), letter(NORCO_PLAIN, period="2014"))
    assert (found.letters, found.not_read) == (3, 0)
    assert found.whole == found.read == {"2014-2015": 2, "2013": 1}
    assert not found.absent
    assert found.unknown == ()


def test_absent_parts_are_counted() -> None:
    lacking = letter(Item("Norco 10/325mg #45", administrator=None), NORCO_PLAIN)
    cut = letter(NORCO_PLAIN).partition("ISSUES, DECISIONS AND RATIONALES")[2]
    found = checked(lacking, cut)
    assert found.read == {"2014-2015": 2}
    assert found.whole.total() == 0
    assert found.absent == {
        ("2014-2015", "claims_administrator"): 1,
        ("2014-2015", "method"): 1,
        ("2014-2015", "decisions"): 1,
        ("2014-2015", "summary"): 1,
    }


def test_headings_of_an_unknown_form_are_shown() -> None:
    found = checked(*[OWN] * 4)
    assert (found.letters, found.not_read) == (4, 4)
    shown = {line.text: line.letters for line in found.unknown}
    assert {"Treatment in dispute:", "Determination:", "Rationale:", "Who decided:", "Decided on:"} <= shown.keys()
    assert set(shown.values()) == {4}
    with_form = checked(*[OWN] * 4, known=False)
    assert with_form.whole == {"my 2021": 4}
    assert with_form.unknown == ()


def test_the_first_form_s_lacks_are_counted_in_letters_that_no_form_reads() -> None:
    forms = (read_form(BLOCKS.replace("Treatment in dispute:", "Treatment at issue:"), "my.toml"), *known_forms())
    found = FormCheck(forms)
    found.add(OWN)
    assert found.not_read == 1
    assert found.absent == {("my 2021", "issue"): 1}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Mrs. Zebra Quagga: she limps", "a name of one letter"),
        ("JANE QUAGGA", "in capitals"),
        ("Seen on 3/4/2016 by:", "a date"),
    ],
)
def test_no_line_of_one_letter_is_shown(line: str, reason: str) -> None:
    given = letter(*THREE).replace("CLINICAL CASE SUMMARY", f"{line}\nCLINICAL CASE SUMMARY")
    found = checked(given, given, *[letter(*THREE)] * 8)
    assert found.unknown == (), reason
    # Three of 80 letters are too few too.
    assert checked(given, given, given, *[letter(NORCO_PLAIN)] * 77).unknown == (), reason


def test_a_letter_with_an_undecided_item_is_not_whole() -> None:
    found = checked(OWN.replace("Denial upheld.", "See below."), known=False)
    assert (found.read, found.whole["my 2021"]) == ({"my 2021": 1}, 0)


def test_the_counts_as_json() -> None:
    data = checked(letter(*THREE), *[OWN] * 3).to_json()
    assert (data["letters"], data["not_read"]) == (4, 3)
    (form,) = [each for each in data["forms"] if each["letters"]]
    assert form == {"name": "2014-2015", "letters": 1, "whole": 1, "near": 0, "absent": {}}
    assert {"text": "Treatment in dispute:", "letters": 3} in data["unknown_lines"]
