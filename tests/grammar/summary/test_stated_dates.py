"""The dates that the case summary states."""

from __future__ import annotations

import time
from datetime import date

import pytest

from imrllm.grammar.summary.stated_dates import read_injury_date, read_lead_date, read_review_date
from tests.grammar.folded import part, values

LETTER = date(2016, 12, 30)


@pytest.mark.parametrize(
    ("text", "injured", "reason"),
    [
        ("The worker sustained an industrial injury on 10-13-14.", "2014-10-13", "two digits of the year"),
        ("She was injured on November 28, 1989.", "1989-11-28", "words"),
        ("with a date of injury of 11/16/2014", "2014-11-16", "named"),
        ("On 6/1/12 the worker was injured when lifting.", "2012-06-01", "the date before"),
        ("with a 4/2/2008 date of injury. On 5/5/15 she was seen.", "2008-04-02", "the date before its name"),
        ("an industrial injury in March 2009", "2009-03", "a month"),
        ("an injury in 2009", "2009", "a year"),
        ("a fall event of 3 June 2009", "2009-06-03", "the day first, and an event"),
        ("was hurt (DOI 01-Sep-2011) while unloading", "2011-09-01", "hyphens about the month"),
        ("cumulative trauma between the dates June 1, 2010 and June 2, 2012", "2012-06-02", "between the dates"),
        ("an industrial injury on 11-2-76", "1976-11-02", "the injury precedes the letter"),
        ("cumulative trauma from 1/1/2012 to 3/4/2014.", "2014-03-04", "a range: its end"),
        ("cumulative trauma from 1/1/12 through 3/4/14.", "2014-03-04", "through"),
        ("cumulative trauma 5/1/12 - 6/2/13", "2013-06-02", "a dash"),
        ("cumulative trauma from January 2010 to June 2012", "2012-06", "months"),
        ("injuries between 2008 and 2012", "2012", "between and and"),
        ("cumulative trauma 2008-2012", "2012", "years joined by a hyphen"),
        ("The worker sustained an injury. An MRI was taken on 5/5/15.", None, "another sentence's date"),
        ("an injury on 10/13", None, "no year"),
    ],
)
def test_injury_date(text: str, injured: str | None, reason: str) -> None:
    assert values(read_injury_date(part(text), LETTER)) == injured, reason


@pytest.mark.parametrize(
    ("text", "reviewed", "reason"),
    [
        ("On 11-3-16, utilization review denied the request.", date(2016, 11, 3), "before"),
        ("On November 16, 2016 the Utilization Review non-certified MRI.", date(2016, 11, 16), "in words"),
        ("The utilization review dated 11/3/16 denied the request.", date(2016, 11, 3), "after"),
        ("The UR determination of 11/3/16 denied it.", date(2016, 11, 3), "abbreviated"),
        ("The utilization reviewer on 11/3/16 certified the sling.", date(2016, 11, 3), "the reviewer"),
        ("after a previous 11/3/16 adverse determination", date(2016, 11, 3), "an adverse determination"),
        ("A prior review dated 11/3/16 modified Norco.", date(2016, 11, 3), "a prior review"),
        ("The request was denied in a review of 11/3/16.", date(2016, 11, 3), "in a review of"),
        ("May 2, 2016 was the date of the UR decision.", date(2016, 5, 2), "the date as the subject"),
        ("At the time (11/3/16) of the Decision for MRI, there is", date(2016, 11, 3), "the time of the decision"),
        ("At the time (11/3/16) of request for authorization for MRI, there is", None, "the request's is another date"),
        ("On 12-19-16 the request was non-certified.", date(2016, 12, 19), "without its name"),
        ("An MRI of 5/5/16 showed a tear.", None, "no review"),
        ("He has pain. On 11-3-16, request for a brace for the left knee.", date(2016, 11, 3), "the verb is lost"),
        ("He has pain. On 11-3-16, the request for a brace was submitted.", None, "the day of the request"),
        ("On 11-3-16, request for a brace. He has pain.", None, "not at the end"),
    ],
)
def test_review_date(text: str, reviewed: date | None, reason: str) -> None:
    assert values(read_review_date(part(text), LETTER)) == reviewed, reason


def test_the_lead_of_2013() -> None:
    lead = "The summary was taken directly from the utilization review denial/modification dated August 30, 2013:"
    assert values(read_lead_date(part(lead))) == date(2013, 8, 30)


def test_many_verbs_in_one_sentence_take_no_longer_each() -> None:
    started = time.process_time()
    assert read_review_date(part("On 1/5/16 " + "denied request certified " * 8000)) is not None
    # Each verb once looked for its sentence from the start of the summary: 10 s.
    assert time.process_time() - started < 5
