"""Read a letter by the form that fits it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from imrllm.errors import NotALetterError
from imrllm.folding import Folded, fold
from imrllm.letter.form import Form, Section, Words, known_forms
from imrllm.letter.furniture import without_furniture
from imrllm.letter.items import FoundItems, find_items
from imrllm.letter.layout import paragraph_gaps, without_footers
from imrllm.letter.layout_doubts import layout_doubts
from imrllm.letter.parts import LetterParts, Unsure, trimmed
from imrllm.letter.patterns import FormPatterns, compiled
from imrllm.letter.sections import FoundSections, find_sections
from imrllm.letter.wholeness import is_whole
from imrllm.spans import FoldedSpan

if TYPE_CHECKING:
    from imrllm.letter.near_reading import NearText

# Where the header ends: at the first of these that the letter has.
_AFTER_HEADER: tuple[Section, ...] = ("method", "summary", "decisions")
# The least share of a form's headings and labels with which a text of near misses alone is a letter.
_LEAST_NEAR_FIT = 0.6


@dataclass(frozen=True, slots=True)
class Alike:
    """Forms with the same phrases: they read a letter alike.

    Attributes:
        words: their phrases.
        patterns: the patterns of these.
        forms: the forms, in the order in which they are tried.
    """

    words: Words
    patterns: FormPatterns
    forms: tuple[Form, ...]

    def of(self, line: str) -> Form:
        """The form with the most of its signs in a letter; of several, the first."""
        if len(self.forms) == 1:
            return self.forms[0]
        return max(self.forms, key=lambda form: sum(sign in line for sign in form.signs))


@dataclass(frozen=True, slots=True)
class FormReading:
    """What the phrases of a form find in a letter.

    Attributes:
        sections: the headings of the sections.
        items: the disputed items.
        fit: the share of the form's section headings and of its items' labels that the letter has, from 0 to 1; 0
            without an item.
    """

    sections: FoundSections
    items: FoundItems
    fit: float


def read_letter(text: str, forms: Sequence[Form] | None = None) -> LetterParts:
    """Find a letter's sections and disputed items, by the form that fits it.

    A form fits better the more of its section headings and of its items' labels the letter has. The form that fits
    best is read; of those that fit alike, the first. Of forms with the same headings and labels, it is the one with
    more of its `signs` in the letter.

    Args:
        text: the source text of one letter, from any extractor, with or without its header block.
        forms: the forms to try, in this order; by default the known ones.

    Returns:
        The parts; `folded` maps every span back to the source.

    Raises:
        NotALetterError: the text has no disputed item of any of the forms. Its message has no subject: the caller
            adds the document's name.
    """
    pages = without_furniture(without_footers(text))
    text = pages.text
    folded = fold(text)
    gaps = paragraph_gaps(text, folded)
    page_ends = [folded.folded_offset(at) for at in pages.offsets]
    best: tuple[Alike, FormReading] | None = None
    has_sections = False
    groups = grouped(known_forms() if forms is None else tuple(forms))
    for alike in groups:
        reading = read_by(folded.text, alike, gaps)
        has_sections |= bool(reading.sections.spans.keys() & {"method", "decisions"})
        if reading.items.is_misplaced:
            best = None
            break
        if reading.items.items and (best is None or reading.fit > best[1].fit):
            best = alike, reading
            if reading.fit == 1:
                break
    # Letters that a form's own words read whole are done here. In others, what is nearly a phrase is sought.
    whole = best and best[1].fit == 1 and is_whole(folded.text, best[1].sections, best[1].items, gaps)
    if not whole and (near := _read_near(text, folded, gaps, page_ends, groups, best and best[1])):
        return near
    if best is None:
        raise NotALetterError(
            "has sections of a determination but no disputed item."
            if has_sections
            else "is not an IMR final determination.",
            hint="Give the whole letter, one letter a document, as text or as a PDF that holds text.",
        )
    return _parts(folded.text, folded, *best, gaps, page_ends)


def _read_near(
    text: str,
    folded: Folded,
    gaps: tuple[int, ...],
    page_ends: Sequence[int],
    groups: Sequence[Alike],
    exact: FormReading | None,
) -> LetterParts | None:
    """The parts of a letter with near misses of a form's phrases, if they are more than its exact phrases found."""
    from imrllm.letter.near_reading import near_texts, printed_parts

    best: tuple[float, int, NearText, Alike, FormReading] | None = None
    forms = [(alike.words, alike.patterns) for alike in groups]
    for alike, near in zip(groups, near_texts(text, folded, gaps, forms), strict=True):
        if near is None:
            continue
        reading = read_by(near.repaired.line, alike, near.gaps)
        if reading.items.is_misplaced:
            return None
        rank = (reading.fit, -len(near.placed.near))
        if (best is None or rank > best[:2]) and _is_more(reading, exact):
            best = (*rank, near, alike, reading)
    if best is None:
        return None
    _, _, near, alike, reading = best
    ends = list(map(near.repaired.repaired_offset, page_ends))
    return printed_parts(folded, _parts(near.repaired.line, folded, alike, reading, near.gaps, ends), near)


def _is_more(reading: FormReading, exact: FormReading | None) -> bool:
    """Whether a reading with near misses finds all that one without them finds: each is of a phrase not found else."""
    if exact is None:
        return reading.fit >= _LEAST_NEAR_FIT
    return len(reading.items.items) >= len(exact.items.items) and reading.fit >= exact.fit


@cache
def grouped(forms: tuple[Form, ...]) -> tuple[Alike, ...]:
    """Forms by their phrases, in the order of the first of each."""
    alike: dict[Words, list[Form]] = {}
    for form in forms:
        alike.setdefault(form.words, []).append(form)
    return tuple(Alike(words, compiled(words), tuple(each)) for words, each in alike.items())


def read_by(line: str, alike: Alike, gaps: tuple[int, ...]) -> FormReading:
    """Read a letter by the phrases of a form.

    Args:
        line: the folded text.
        alike: the form.
        gaps: offsets after each paragraph gap, ascending.
    """
    sections = find_sections(line, alike.words.sections, alike.patterns)
    items = find_items(line, alike.words, alike.patterns, sections, gaps)
    return FormReading(sections, items, _fit(alike, sections, items))


def _fit(alike: Alike, sections: FoundSections, found: FoundItems) -> float:
    items = found.items
    if not items:
        return 0.0
    expected = [each for each in alike.patterns.headings if each not in alike.words.sections.may_lack]
    has: list[float] = [each in sections.spans for each in expected]
    # An opened item without an outcome has none of its labels: a form with another word for the outcome fits better.
    opened = len(items) + len(found.undecided)
    for label in alike.patterns.labels:
        if label in ("issue", "outcome"):
            # An item is one of this form only with both.
            has.append(len(items) / opened)
        else:
            name = "reviewer_basis" if label == "reviewer" else label
            has.append(sum(getattr(item, name) is not None for item in items) / opened)
    return sum(has) / len(has)


def _parts(
    line: str, folded: Folded, alike: Alike, reading: FormReading, gaps: Sequence[int], page_ends: Sequence[int]
) -> LetterParts:
    """The parts of a letter, with spans of the line that was read."""
    sections, items = reading.sections, reading.items
    opened = (start for each in _AFTER_HEADER if (start := sections.start(each)) is not None)
    after = next(opened, items.starts[0])
    if alike.words.layout == "blocks":
        after = min(after, items.starts[0])
    return LetterParts(
        folded=folded,
        form=alike.of(line).name,
        header=trimmed(line, 0, after),
        credentials=_credentials(line, sections, items),
        summary=sections.text(line, "summary", items.starts),
        items=items.items,
        unsure=_doubts(line, alike, items, gaps, page_ends),
        undecided=items.undecided,
        patterns=alike.patterns,
    )


def _doubts(
    line: str, alike: Alike, found: FoundItems, gaps: Sequence[int], page_ends: Sequence[int]
) -> tuple[Unsure, ...]:
    """What the layout leaves in doubt, where items are printed below their headings."""
    return layout_doubts(line, found.items, gaps, page_ends) if alike.words.layout == "headings" else ()


def _credentials(line: str, sections: FoundSections, items: FoundItems) -> FoldedSpan | None:
    """The section of its own if the letter has one; otherwise the first section, which states them in a sentence."""
    own = "credentials" in sections.spans
    return sections.text(line, "credentials" if own else "method", items.starts)
