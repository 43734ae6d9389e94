"""Dates in figures and in words, full and in part."""

from __future__ import annotations

from datetime import date

import pytest

from imrllm.grammar.dates import full_date, read_dates, read_partial_dates
from tests.grammar.folded import part, values

LETTER = date(2016, 12, 30)


@pytest.mark.parametrize(
    ("text", "dates", "reason"),
    [
        ("10-13-16", ("2016-10-13",), "hyphens, two digits of the year"),
        ("11/16/2016", ("2016-11-16",), "slashes"),
        ("10/14/ 2016", ("2016-10-14",), "a space lost its way at a line's end"),
        ("3.12.09", ("2009-03-12",), "full stops"),
        ("2016-11-03", ("2016-11-03",), "ISO"),
        ("November 28, 1989", ("1989-11-28",), "words"),
        ("Nov. 28 1989", ("1989-11-28",), "abbreviated"),
        ("28 November 1989", ("1989-11-28",), "the day first"),
        ("3rd of May 2016", ("2016-05-03",), "the day first, an ordinal"),
        ("01-Sep-2011", ("2011-09-01",), "hyphens about the month"),
        ("Sept 3, 2016", ("2016-09-03",), "four letters"),
        ("November 28th, 1989", ("1989-11-28",), "an ordinal"),
        ("(1/5/16),", ("2016-01-05",), "in brackets"),
        ("12-19-2016 and 12/20/2016.", ("2016-12-19", "2016-12-20"), "in printed order"),
        ("11/03/76", ("1976-11-03",), "no later than the letter: the century before"),
        ("11/03/16", ("2016-11-03",), "the letter's own year"),
        ("13/40/2016", (), "no such day"),
        ("02/30/2016", (), "no such day of the month"),
        ("10/13-16", (), "mixed separators"),
        ("555-12-3456", (), "a telephone number"),
        ("5-325-60", (), "a prescription's code"),
        ("CM16-0213037", (), "a case number"),
        ("June 2009", (), "a month is no full date"),
    ],
)
def test_full_dates(text: str, dates: tuple[str, ...], reason: str) -> None:
    assert tuple(reading.value.isoformat() for reading in read_dates(part(text), LETTER)) == dates, reason


@pytest.mark.parametrize(
    ("text", "dates", "reason"),
    [
        ("March 2009", ("2009-03",), "a month"),
        ("March of 2009", ("2009-03",), "a month of a year"),
        ("03/2009", ("2009-03",), "a month in figures"),
        ("in 2009", ("2009",), "a year"),
        ("2009-2012", ("2009", "2012"), "a range of years"),
        ("from 1/1/12 to March 2014", ("2012-01-01", "2014-03"), "full and in part"),
        ("13/2009", (), "no such month"),
        ("2000 mg", (), "an amount"),
        ("#2009", (), "a count"),
        ("2009.5", (), "a decimal"),
    ],
)
def test_partial_dates(text: str, dates: tuple[str, ...], reason: str) -> None:
    assert values(read_partial_dates(part(text), LETTER)) == dates, reason


@pytest.mark.parametrize(
    ("year", "latest", "expected"),
    [
        (16, LETTER, 2016),
        (17, LETTER, 1917),
        (76, LETTER, 1976),
        (99, None, 1999),
        (12, None, 2012),
        (1989, LETTER, 1989),
    ],
)
def test_century(year: int, latest: date | None, expected: int) -> None:
    read = full_date(year, 3, 4, latest)
    assert read is not None
    assert read.year == expected
