"""Signals on the parts of a letter and on what was read of them: why any value of a part may be wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from imrllm.fields import PartName
from imrllm.folding import caseless, lowered
from imrllm.grammar import ItemReadings, is_known_chapter, known_years, named_categories, subject_of
from imrllm.records import Citation, DisputedItem, Guideline
from imrllm.spans import FoldedSpan

# Characters beyond which a part is long, and very long.
_LONG: Mapping[PartName, tuple[int, int]] = {
    "heading": (60, 110),
    "claims_administrator": (160, 320),
    "reviewer_basis": (160, 320),
    "summary": (1500, 3000),
    "credentials": (160, 260),
    "rationale": (1200, 2400),
}
# More numbers in a request, citations of a side, or dates in a summary than these are many.
_MANY_FIGURES = 2
_MANY_CITATIONS = 3
_MANY_DATES = 6
# More unread words of a basis than this are several.
_FEW_WORDS = 2

# Words that a basis paragraph may hold beside its citations.
_BASIS_WORDS = frozenset((Path(__file__).parent / "basis_words.txt").read_text(encoding="utf-8").split())
_WORD = re.compile(r"[a-z][a-z']*[a-z]|\d+(?:[./-]\d+)*")
FIGURE = re.compile(r"\d+(?:\.\d+)?")
# What joins two names: a comma, a sign or a word.
JOINED = re.compile(r",|;|/|&|\+|\band\b|\bwith\b|\bor\b", re.IGNORECASE)
_COUNT = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|x ?\d|times|visits?|sessions?|weekly|monthly)\b"
)
_UNIT = re.compile(
    # Not the unit of "TENS unit".
    r"\b\d+ ?(?:tab(?:let)?|cap(?:sule)?|patch|pad|visit|session|tube|bottle|box|kit|gram|gm|ml|unit|hour|day)"
    r"(?:e?s)?\b"
)
# What a chapter's name does not hold, if it was cut in the right place.
_NOT_IN_CHAPTER = re.compile(r"[:/()\d]|\b(?:section|version|edition|online|web|page)\b|\bchapter\b.", re.IGNORECASE)
# What a section does not hold: a label, or a year at its end. A chapter after it may not have been recognized.
_NOT_IN_SECTION = re.compile(r"\b(?:section|topic)s?(?:\(s\))?\s?:|\s\(?(?:19|20)\d\d\)?$", re.IGNORECASE)
_CITED: Mapping[Guideline, str] = {"ODG": "ODG cited", "ACOEM": "ACOEM cited", "other": "other cited"}
# How a summary may state each of the worker's values; more than one place is a rival. Each alternative opens with a
# letter: the engine skips to it, a tenth of the time.
_MENTIONS: Mapping[str, re.Pattern[str]] = {
    "age": re.compile(r"year[ -]?old|years? of age|y(?<=\by)o\b|y/o"),
    "injury_date": caseless(r"injur(?:y|ed|ies)|DOI\b|cumulative"),
    "ur_decision_date": re.compile(r"utilization review|U(?<=\bU)R\b|non-?certif|denied|denial|modified"),
}
_DATE = re.compile(r"[\dA-Z](?:(?<=\d)\d?[/-]\d{1,2}[/-]\d{2,4}|(?<=[A-Z])[a-z]{2,8}\.? \d{1,2}, ?\d{4})")

# Looking a treatment up is a third of the time of all signals, and letters repeat treatments.
_named_categories = lru_cache(maxsize=4096)(named_categories)


def of_length(part: PartName, span: FoldedSpan | None) -> Iterator[str]:
    """Whether a part is absent or long."""
    if span is None:
        yield "part is absent"
    elif part in _LONG:
        long, very_long = _LONG[part]
        length = span[1] - span[0]
        if length > long:
            yield "long part" if length <= very_long else "very long part"


def of_summary(text: str) -> Mapping[str, frozenset[str]]:
    """By the name of a field of the worker, whether the summary has other candidates for its value, or none."""
    has_many_dates = len(_DATE.findall(text)) > _MANY_DATES
    found = {}
    for name in ("age", "sex", *_MENTIONS):
        said = lowered(text) if name == "injury_date" else text
        mentions = len(_MENTIONS[name].findall(said)) if name in _MENTIONS else 0
        signals = {"no mention"} if not mentions else {"several mentions"} if mentions > 1 else set()
        if name.endswith("date") and has_many_dates:
            signals.add("many dates")
        found[name] = frozenset(signals)
    return found


def of_request(reading: ItemReadings, item: DisputedItem) -> Iterator[str]:
    """What is odd about a heading, or what no value of the item holds of it."""
    request = reading.request
    if request.unread:
        yield "unread figures" if any(FIGURE.search(each.value) for each in request.unread) else "unread words"
    if request.doubtful:
        yield "doubtful request"
    if item.original_request:
        yield "partly authorized"
    if reading.contested:
        yield "contested amounts"
    if item.category == "medication" and not item.ingredients:
        yield "unknown drug"
    if item.retrospective:
        yield "retrospective"
    yield from _of_amounts(item)
    yield from _of_name(item)


def _of_amounts(item: DisputedItem) -> Iterator[str]:
    """Figures and counts of a request that no value of the record holds."""
    amounts = (item.quantity, item.refills, item.total_visits, item.frequency, item.duration, item.date_of_service)
    held = " ".join(map(str, (*amounts, item.treatment, *item.strengths, *item.body_parts, *item.ingredients)))
    values = {float(each) for each in FIGURE.findall(held)}
    figures = FIGURE.findall(item.request or "")
    if left := sum(float(each) not in values for each in figures):
        yield "a figure is left" if left == 1 else "figures are left"
    if len(figures) > _MANY_FIGURES:
        yield "many figures"
    request = (item.request or "").lower()
    if item.quantity is None and item.total_visits is None and _COUNT.search(request):
        yield "a count without a value"
    if item.quantity_unit is None and _UNIT.search(request):
        yield "a unit without a value"


def _of_name(item: DisputedItem) -> Iterator[str]:
    """Whether the lexicon knows the treatment, and agrees with its category."""
    if item.treatment is None or item.category is None:
        yield "unknown treatment"
    if item.treatment and JOINED.search(item.treatment):
        yield "joined treatments"
    named, unknown = _named_categories(item.treatment or "")
    if item.ingredients:
        named |= {"medication"}
    if not named:
        yield "no known term"
    elif len(named) > 1:
        yield "several categories"
    elif item.category not in named:
        yield "category of another term"
    if unknown:
        yield "an unknown word" if unknown == 1 else "unknown words in the name"


def of_basis(text: str | None, citations: Sequence[Citation]) -> Iterator[str]:
    """What no citation of a side holds of its paragraph, which is None where it is absent."""
    if text is None:
        return
    held: set[str] = set()
    for citation in citations:
        held.update(_words(" ".join((citation.chapter or "", *citation.sections, *citation.pages))))
        if citation.year:
            held.add(str(citation.year))
    left = [word for word in _words(text) if word not in _BASIS_WORDS and word not in held]
    figures = sum(word[0].isdigit() for word in left)
    if figures:
        yield "unread figures"
    if words := len(left) - figures:
        yield "unread words" if words > _FEW_WORDS else "an unread word"
    if len(citations) > _MANY_CITATIONS:
        yield "many citations"


def of_citation(citation: Citation) -> Iterator[str]:
    """What is odd about a citation, or what it lacks."""
    if citation.guideline != "MTUS":
        yield _CITED[citation.guideline]
    if citation.guideline != "other" and citation.chapter is None:
        yield "no chapter"
    if len(citation.sections) > 1:
        yield "several sections"
    if citation.chapter and citation.within_mtus:
        if not is_known_chapter(citation.chapter, citation.year):
            yield "unknown chapter"
        # An edition that is not known, or a year or a chapter that was cut in the wrong place.
        elif citation.year and (years := known_years(citation.chapter)) and citation.year not in years:
            yield "unexpected year"
    if citation.chapter and _NOT_IN_CHAPTER.search(citation.chapter) and not _is_named_so(citation.chapter):
        yield "odd chapter"
    if any(map(is_odd_section, citation.sections)):
        yield "odd section"
    if any(map(is_known_chapter, citation.sections)):
        yield "a section named as a chapter"
    if citation.within_mtus and citation.year is None:
        yield "no year"
    if not citation.sections and not citation.pages:
        yield "neither section nor page"


def is_odd_section(section: str) -> bool:
    """Whether a section holds what belongs to a citation of its own: a label, or a year at its end."""
    return _NOT_IN_SECTION.search(section) is not None


def _is_named_so(chapter: str) -> bool:
    """Whether a chapter of the MTUS has such a name itself: "Workplace Mental Health: Anxiety Disorders"."""
    return subject_of(chapter) is not None and "chapter" not in chapter.lower()


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
