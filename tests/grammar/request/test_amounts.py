"""Quantities, units and counts of visits that a request states (record.md: `quantity`, Rulings: Amounts)."""

from __future__ import annotations

import pytest

from imrllm.grammar.request.request import read_request
from tests.grammar.folded import part, values

DRUG = "Norco 10/325mg"


@pytest.mark.parametrize(
    ("request_text", "quantity", "unit", "visits", "reason"),
    [
        (f"{DRUG} #30", 30, None, None, "a number sign alone gives no unit"),
        (f"{DRUG} # 30", 30, None, None, "a space after the sign"),
        (f"{DRUG} Qty 30", 30, None, None, "Qty"),
        (f"{DRUG}, Qty: 30", 30, None, None, "Qty with a colon"),
        (f"{DRUG} quantity 30", 30, None, None, "written out"),
        (f"{DRUG} x 30", 30, None, None, "times as a sign"),
        (f"{DRUG} x30", 30, None, None, "times as a sign without a space"),
        (f"{DRUG} #1,000", 1000, None, None, "a comma between thousands"),
        (f"{DRUG} #30-60", None, None, None, "a range is no number"),
        (f"{DRUG} 60 tabs", 60, "tablet", None, "tabs is tablet"),
        (f"{DRUG} 60 tablets", 60, "tablet", None, "singular"),
        (f"{DRUG} #60 tablets", 60, "tablet", None, "sign and unit"),
        (f"{DRUG} 60 capsules", 60, "capsule", None, "capsules"),
        (f"{DRUG} one tablet Q8 hours PRN #90", 90, "tablet", None, "a unit that the directions state counts"),
        ("Tylenol #3 #60", 60, None, None, "the number of a drug's name is no quantity"),
        ("Lidoderm 5% patches #30", 30, "patch", None, "the form is the unit"),
        ("Voltaren gel 120 grams", 120, "gram", None, "a weight"),
        ("Voltaren gel 120gm", 120, "gram", None, "abbreviated"),
        ("Voltaren gel 120gm #2", 2, None, None, "a count of what weighs so much"),
        ("Voltaren gel 120gm, 1 tube", 120, "gram", None, "the one container of a weight"),
        ("Voltaren gel #120gm", 120, "gram", None, "a marked weight"),
        ("Soma, sixty (60) count", 60, None, None, "words and figures before a count"),
        ("Crown, tooth #14", None, None, None, "a tooth's number"),
        ("Synvisc-One injection, left knee", None, None, None, "a number of the name"),
        ("Vitamin B-12 injection", None, None, None, "a number of the name, behind a hyphen"),
        ("Retrospective request for 90 Soma 350mg", 90, None, None, "the number before the drug"),
        ("Terocin patches, box of 10, QTY: 2", 2, "patch", None, "packages, and what one holds"),
        ("Cyclobenzaprine cream 500ml", 500, "ml", None, "a volume"),
        ("Lidocaine cream 1 box", 1, "box", None, "a box"),
        ("Physical therapy times 12", 12, None, 12, "times 12 gives 12 without a unit"),
        ("Acupuncture x 8", 8, None, 8, "and so does its sign"),
        ("Physical therapy 12 visits", 12, "visit", 12, "printed visits fill both"),
        ("Acupuncture 8 sessions", 8, "session", 8, "printed sessions fill both"),
        ("Acupuncture sessions #6", 6, "session", 6, "the unit apart from its number"),
        ("Acupuncture sessions x8", 8, "session", 8, "also beside the sign of times"),
        ("Twelve physical therapy visits", 12, "visit", 12, "a written number counts"),
        ("Six (6) visits of acupuncture", 6, "visit", 6, "repeated in figures"),
        ("Acupuncture, 1-2 visits", None, None, None, "a range gives nothing"),
        ("Acupuncture, 1 to 2 visits", None, None, None, "a range in words"),
        ("Acupuncture x 6-8", None, None, None, "a range after times"),
        ("Physical therapy two times four visits (8) for the low back", 8, "visit", 8, "a course's count in brackets"),
        ("Chiropractic treatment 2 x 6 visits (12)", 12, "visit", 12, "in figures"),
        ("Acupuncture 2 times a week for 3 weeks (6)", 6, None, 6, "without a unit"),
        ("Physical therapy 3x4 = 12, left knee", 12, None, 12, "behind a sign of equality"),
        ("Salonpas pad #60", 60, "pad", None, "a drug's form"),
        ("Lidocaine pads 5%, 30 pads", 30, "pad", None, "counted"),
        ("TENS unit pads, 4 pads", 4, "pad", None, "a device's, counted apart"),
        ("Kinesio tape, 2 rolls", 2, "roll", None, "rolls"),
        ("Flector patches 30", 30, "patch", None, "the number behind what it counts"),
        ("Physical therapy 2x6", None, None, 12, "times a week and weeks: total_visits has the product"),
        ("Physical therapy 2 x 6", None, None, 12, "with spaces"),
        ("Physical therapy 2 times 6", None, None, 12, "in words"),
        ("Physical therapy two times six", None, None, 12, "all in words"),
        ("Physical therapy 2-3 x 6", None, None, None, "null where either factor is a range"),
        ("Physical therapy 2x4-6", None, None, None, "whichever it is"),
        ("Acupuncture two times a week for three weeks (6 visits)", 6, "visit", 6, "a printed count beside a course"),
        ("Physical therapy 2 times a week for 6 weeks", None, None, 12, "a course has no quantity"),
        ("Physical therapy 1-2 times a week for 6 weeks", None, None, None, "a range of times"),
        ("Physical therapy 2 times a week for 4-6 weeks", None, None, None, "a range of weeks"),
        ("two evaluations and eight sessions of physical therapy", None, None, None, "two amounts in one request"),
        ("5cc of lidocaine and 1cc of Kenalog injection", None, None, None, "two amounts of two drugs"),
        (f"{DRUG}", None, None, None, "none printed"),
        ("Physical therapy (8-sessions)", 8, "session", 8, "a hyphen before the noun"),
        (
            "Physical therapy 12 visits, evaluation and treatment",
            12,
            "visit",
            12,
            "the nearest noun that counts visits",
        ),
        ("Functional restoration program, 160 hours", 160, "hour", None, "hours that are counted"),
        ("Home care 4 hours per day", None, None, None, "hours of each day are how often"),
        ("Eight hours of home care daily", None, None, None, "also where the day stands apart"),
        ("24 hour urine collection", None, None, None, "a length is no amount"),
        ("Viagra 100mg, ten count", 10, None, None, "count behind its number"),
        ("Synvisc injection, right knee, series of 3", 3, None, None, "a series"),
        ("Three Supartz injections", 3, "injection", None, "a noun that names the treatment too"),
        ("30 Lidoderm patches", 30, "patch", None, "a form that names it"),
        ("One follow up visit with a neurologist", 1, "visit", 1, "a visit that names it"),
        ("L4-5 facet injections", None, None, None, "the tail of a level counts nothing"),
        ("C5-6 and C6-7 facet injections", None, None, None, "nor do two"),
        ("1 MRI of the left hip", 1, None, None, "a number that opens the request"),
        ("(1) MRI of the left hip", 1, None, None, "in brackets"),
        ("1) MRI of the left hip", None, None, None, "the number of a list's entry"),
        ("Two elbow pads", 2, None, None, "in words"),
        ("Three phase bone scan", None, None, None, "what the scan itself has"),
        ("12 lead EKG", None, None, None, "what the test itself has"),
        ("Four wheeled walker", None, None, None, "what the device itself has"),
        ("1 prescription of Norco #60", 60, None, None, "a count of prescriptions beside the amount"),
        ("Botox injection 155 units", 155, "unit", None, "a toxin is asked for by its units"),
        ("Vitamin D 50,000 units #8", 8, None, None, "a vitamin by its count"),
        (f"{DRUG} #60 - 2 refills", 60, None, None, "refills behind a dash are no range"),
        (f"{DRUG} #30/3 refills", 30, None, None, "nor a fraction"),
        ("Compression unit VascuTherm 4 unit", None, None, None, "a model's number"),
        ("Sumatriptan 50mg, repeat in 2 hours, #9", 9, None, None, "hours to wait"),
        ("Duloxetine 30mg capsules, 60", 60, "capsule", None, "a number alone behind a comma"),
        ("Zanaflex 4mg, ninety, 2 refills", 90, None, None, "in words, between two"),
        ("Ibuprofen 800mg tablet, sixty (60)", 60, "tablet", None, "said twice"),
        ("Tramadol 50mg 60", 60, None, None, "behind a strength"),
        ("Opana ER 20mg BID - 60", 60, None, None, "behind a dash"),
        ("Aquatic therapy (8)", 8, None, 8, "alone in brackets"),
        ("Psychotherapy sessions, 12", 12, "session", 12, "what it counts stands before it"),
        ("Pain evaluation, one time", 1, None, None, "times"),
        ("Acupuncture, 2 times a week, 6", None, None, None, "behind a frequency it may count weeks"),
        ("Facet injections L3, 4, 5", None, None, None, "entries of a list of levels"),
        ("MRI without contrast, 1.5 Tesla", None, None, None, "a field strength"),
        ("Naproxen 550mg #60 (sixty)", 60, None, None, "said again in words"),
        ("Flector patches, 2 boxes of 30", 2, "box", None, "boxes are counted, not what they hold"),
        ("Butrans patch, 1 box (4 patches)", 1, "box", None, "also where that stands in brackets"),
        ("Lidoderm patches, box of 30", None, None, None, "a size alone is no amount"),
        ("Voltaren gel 100g tube x 3", 3, None, None, "tubes of a size"),
        ("Dendracin 120ml, 2 bottles", 2, "bottle", None, "bottles of a size"),
        ("Naloxone spray 4mg, 2 units", 2, "unit", None, "units beside another strength"),
        ("Knee brace, 2 units", 2, "unit", None, "units of what is no drug"),
        ("Tylenol/Codeine (Tylenol #3) 300/30mg #60", 60, None, None, "the number of a second name"),
    ],
)
def test_amounts(request_text: str, quantity: float | None, unit: str | None, visits: int | None, reason: str) -> None:
    fields = read_request(part(request_text))
    read = tuple(values(getattr(fields, name)) for name in ("quantity", "quantity_unit", "total_visits"))
    assert read == (quantity, unit, visits), reason


@pytest.mark.parametrize(
    ("request_text", "frequency", "duration", "visits", "reason"),
    [
        ("Acupuncture 2 times a week for 6 weeks", "2 times a week", "6 weeks", 12, "as printed"),
        ("Acupuncture 2 times aweek for6 weeks", "2 times aweek", "6 weeks", 12, "lost spaces"),
        ("6 monthly medication management sessions", "monthly", None, 6, "six sessions, monthly"),
        ("Range of motion testing, once every 30 days", "once every 30 days", None, None, "an interval"),
        ("Acupuncture 1 time a week for 6 weeks", "1 time a week", "6 weeks", 6, "one time is no plural"),
        ("Acupuncture once a week for 8 weeks", "once a week", "8 weeks", 8, "once"),
        ("Acupuncture twice weekly for 4 weeks", "twice weekly", "4 weeks", 8, "weekly"),
        ("Acupuncture 2x/week x 6 weeks", "2x/week", "6 weeks", 12, "signs"),
        ("Acupuncture 3 x week x 4 weeks", "3 x week", "4 weeks", 12, "signs without a slash"),
        ("Acupuncture 3 per week for 2 weeks", "3 per week", "2 weeks", 6, "per"),
        ("Acupuncture two times per week times three weeks", "two times per week", "three weeks", 6, "words"),
        (
            "Acupuncture three (3) times per week for four (4) weeks",
            "three (3) times per week",
            "four (4) weeks",
            12,
            "words repeated in figures",
        ),
        ("Acupuncture 1-2 times a week for 6 weeks", "1-2 times a week", "6 weeks", None, "a range stays as printed"),
        ("Acupuncture 2 times a week for 4 to 6 weeks", "2 times a week", "4 to 6 weeks", None, "a range of weeks"),
        ("Acupuncture 2x6 weeks", None, "6 weeks", 12, "weeks named after the short form"),
        ("Follow-up visit in 6 weeks", None, None, None, "a wait is no duration"),
        ("Acupuncture 2xwk x 6wks", "2xwk", "6wks", 12, "signs without spaces"),
        ("H-wave unit, one month rental", None, "one month", None, "a rental"),
        ("Urine drug screen x 1 per quarter", "1 per quarter", None, None, "a quarter"),
        ("Aide 6 hours a day x 5 days a week", "6 hours a day x 5 days a week", None, None, "two that go together"),
        ("TENS unit, 30 day trial", None, "30 day", None, "a trial"),
        ("Functional restoration program for 14 days", None, "14 days", None, "days"),
    ],
)
def test_courses(
    request_text: str, frequency: str | None, duration: str | None, visits: int | None, reason: str
) -> None:
    fields = read_request(part(request_text))
    read = tuple(values(getattr(fields, name)) for name in ("frequency", "duration", "total_visits"))
    assert read == (frequency, duration, visits), reason


def test_every_figure_that_no_reader_took_is_named() -> None:
    assert values(read_request(part("Norco 10/325mg #60 per form 17")).unread) == ("form 17",)


def test_strengths_without_a_unit_are_unread_and_no_part_of_the_name() -> None:
    reading = read_request(part("Percocet 5/325 #60"))
    assert values(reading.treatment) == "Percocet"
    assert values(reading.strengths) == ()
    assert values(reading.unread) == ("5/325",)
    # The number of a list's entry is read: there is nothing to flag.
    assert read_request(part("1) Percocet 5/325mg #60")).unread == ()
