"""The header block in the orders in which text extractors print its two columns."""

from __future__ import annotations

from dataclasses import fields

import pytest

from imrllm.grammar.header import HeaderReadings, case_numbers, read_header
from imrllm.letter.form import known_form
from imrllm.letter.patterns import compiled
from tests.grammar.folded import part, values

ACROSS = """Case Number: CM16-0200001
Date Assigned: 01/05/2017 Date of Injury: 03/04/2016
Decision Date: 02/10/2017 UR Denial Date: 12/19/2016
Priority: Standard Application
Received:
12/28/2016
"""
LABELS_FIRST = """Case Number:
Date Assigned:
Date of Injury:
Decision Date:
UR Denial Date:
Priority:
Application Received:

CM16-0200001
01/05/2017
03/04/2016
02/10/2017
12/19/2016
Standard
12/28/2016
"""
BY_COLUMNS = """Case Number:
Date Assigned:
Decision Date:
Priority:

CM16-0200001
01/05/2017
02/10/2017
Standard

03/04/2016
Date of Injury:
UR Denial Date:  12/19/2016
12/28/2016
Application
Received:
"""
HEADER = {
    "case_number": "CM16-0200001",
    "date_assigned": "2017-01-05",
    "date_of_injury": "2016-03-04",
    "decision_date": "2017-02-10",
    "ur_denial_date": "2016-12-19",
    "application_received": "2016-12-28",
    "priority": "Standard",
}


def printed(read: HeaderReadings) -> dict[str, str]:
    """The values that are printed, as text, by field."""
    found = {each.name: values(getattr(read, each.name)) for each in fields(read)}
    return {name: str(value) for name, value in found.items() if value is not None}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ACROSS, "both columns read across"),
        (LABELS_FIRST, "all labels, then all values"),
        (BY_COLUMNS, "each column by itself, a label torn from its value"),
    ],
)
def test_orders(text: str, reason: str) -> None:
    assert printed(read_header(part(text))) == HEADER, reason


def test_expedited() -> None:
    assert values(read_header(part(ACROSS.replace("Standard", "Expedited"))).priority) == "Expedited"


def test_the_prose_of_2013() -> None:
    text = (
        "Dated: 9/26/2013 An application for Independent Medical Review was filed on 9/6/2013 disputing the "
        "Utilization Review Denial dated 8/30/2013. A Notice of Assignment and Request for "
        "Information was provided to the above "
        "parties on 9/23/2013."
    )
    assert printed(read_header(part(text), compiled(known_form("2013").words).header)) == {
        "decision_date": "2013-09-26",
        "application_received": "2013-09-06",
        "ur_denial_date": "2013-08-30",
        "date_assigned": "2013-09-23",
    }


def test_nothing_is_guessed_where_a_value_is_missing() -> None:
    read = read_header(part(LABELS_FIRST.replace("02/10/2017\n", "")))
    assert {field for field in printed(read) if field.endswith(("date", "assigned", "injury", "received"))} == set()


def test_no_header() -> None:
    assert read_header(part("The expert reviewer read the whole case file.")) == HeaderReadings()


def test_case_numbers_each_once() -> None:
    text = part("Case Number: CM16-0000001. Footer CM16 - 0000001. See CM17-0000002.")
    assert values(case_numbers(text)) == ("CM16-0000001", "CM17-0000002")
