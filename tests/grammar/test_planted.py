"""Values planted in filler: each reader gives the value, and the span of exactly the characters that state it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from imrllm.documents import fold
from imrllm.grammar import Part
from imrllm.grammar.basis.basis import read_basis
from imrllm.grammar.dates import read_dates
from imrllm.grammar.request.medications import read_strengths
from imrllm.grammar.request.request import read_request
from imrllm.grammar.summary.patient import read_age
from imrllm.normalization import printed_number
from imrllm.spans import FoldedSpan
from tests.grammar.folded import values

# Words that no reader takes for anything, and what the layout puts between words.
WORDS = ("the", "record", "shows", "blue", "paper", "garden", "stone", "often", "quiet", "river")
GAPS = (" ", "  ", "\n", "\n\n", " \n ", "\t", "\u00a0", "\n\x0c")
LAYOUT = re.compile(r"\s+")

words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8)
gaps = st.sampled_from(GAPS)
numbers = st.one_of(st.integers(1, 9_999), st.sampled_from([0.5, 2.5, 7.5, 0.025, 1.3]))
units = st.sampled_from(["mg", "mcg", "%", "mg/ml", "mcg/hr"])


@st.composite
def fillers(draw: st.DrawFn) -> str:
    return "".join(word + draw(gaps) for word in draw(words))


def planted(before: str, stated: str, after: str) -> tuple[str, Part, int]:
    """The source text, the whole of it as a part that starts at 0, and the source offset of what was planted."""
    source = f"{before}{stated} {after}"
    folded = fold(source)
    return source, Part.of(folded, FoldedSpan((0, len(folded.text)))), len(before)


def at(source: str, span: FoldedSpan) -> str:
    """The characters of the source that a span of its folding stands for, layout folded."""
    folded = fold(source)
    start, end = folded.source_span(span)
    return LAYOUT.sub(" ", source[start:end])


@given(
    fillers(),
    st.dates(date(1950, 1, 1), date(2016, 12, 31)),
    st.sampled_from(["%m/%d/%Y", "%m-%d-%Y", "%Y-%m-%d"]),
    fillers(),
)
def test_dates(before: str, planted_date: date, form: str, after: str) -> None:
    stated = planted_date.strftime(form)
    source, part, offset = planted(before, stated, after)
    (reading,) = read_dates(part)
    assert reading.value == planted_date
    assert at(source, reading.span) == stated
    assert fold(source).source_span(reading.span) == (offset, offset + len(stated))


@given(fillers(), st.dates(date(1957, 1, 1), date(2016, 12, 31)), fillers())
def test_two_digit_years(before: str, planted_date: date, after: str) -> None:
    latest = date(2016, 12, 31)
    _, part, _ = planted(before, planted_date.strftime("%m-%d-%y"), after)
    (reading,) = read_dates(part, latest)
    assert reading.value == planted_date
    assert timedelta(0) <= latest - reading.value <= timedelta(days=60 * 366)


@given(fillers(), numbers, units, st.booleans(), fillers())
def test_strengths(before: str, value: float, unit: str, spaced: bool, after: str) -> None:
    stated = printed_number(value) + (" " if spaced else "") + unit
    source, part, offset = planted(before, stated, after)
    (reading,) = read_strengths(part)
    assert reading.value == f"{printed_number(value)} {unit}"
    assert fold(source).source_span(reading.span) == (offset, offset + len(stated))


@given(fillers(), st.integers(1, 119), st.sampled_from([" year old", "-year-old", " years old", " y/o"]), fillers())
def test_ages(before: str, age: int, form: str, after: str) -> None:
    source, part, offset = planted(before, f"{age}{form}", after)
    reading = read_age(part)
    assert reading is not None
    assert reading.value == age
    assert fold(source).source_span(reading.span) == (offset, offset + len(str(age)))


@given(
    st.sampled_from(["Norco", "Gabapentin", "Voltaren gel"]),
    numbers,
    st.integers(1, 999),
    st.sampled_from(["#{}", "# {}", "Qty {}", "Qty: {}", "x {}", "{} tablets"]),
    st.one_of(st.none(), st.integers(0, 12)),
    gaps,
)
def test_medication_requests(
    name: str, strength: float, quantity: int, form: str, refills: int | None, gap: str
) -> None:
    stated = [name, f"{printed_number(strength)}mg", form.format(quantity)] + (
        [] if refills is None else [f"with {refills} refills"]
    )
    source = gap.join(stated)
    folded = fold(source)
    fields = read_request(Part.of(folded, FoldedSpan((0, len(folded.text)))))
    assert values(fields.treatment) == name
    assert values(fields.strengths) == (f"{printed_number(strength)} mg",)
    assert values(fields.quantity) == quantity
    assert values(fields.refills) == refills
    assert at(source, fields.quantity.span) == form.format(quantity)
    assert at(source, fields.strengths[0].span) == f"{printed_number(strength)}mg"
    assert at(source, fields.treatment.span) == name


@given(
    st.integers(1, 7),
    st.integers(1, 12),
    st.sampled_from(["{} times a week for {} weeks", "{}x{}", "{} times {}"]),
    gaps,
)
def test_courses(times: int, weeks: int, form: str, gap: str) -> None:
    stated = form.format(times, weeks)
    source = f"Physical therapy{gap}{stated}"
    folded = fold(source)
    fields = read_request(Part.of(folded, FoldedSpan((0, len(folded.text)))))
    assert values(fields.total_visits) == times * weeks
    assert fields.quantity is None
    assert at(source, fields.total_visits.span) == stated


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Low Back Complaints", "Knee Complaints", "Chronic Pain Medical Treatment"]),
            st.sampled_from([2004, 2007, 2009, 2016]),
            st.lists(
                st.sampled_from(["Opioids", "Special Studies", "Summary", "Initial Care"]), unique=True, max_size=3
            ),
        ),
        min_size=1,
        max_size=4,
    ),
    gaps,
)
def test_chapters(chapters: list[tuple[str, int, list[str]]], gap: str) -> None:
    stated = [
        f"{chapter} {year}" + (f", Section(s): {', '.join(sections)}" if sections else "")
        for chapter, year, sections in chapters
    ]
    source = f"Decision based on MTUS{gap}{', and '.join(stated)}."
    folded = fold(source)
    readings = read_basis(Part.of(folded, FoldedSpan((0, len(folded.text))))).citations
    assert [(c.chapter, c.year, list(c.sections)) for c in values(readings)] == [tuple(each) for each in chapters]
    assert [at(source, reading.span) for reading in readings] == stated
