"""Find the sections of a letter by the headings of its form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from imrllm.letter.form import Section, Sections
from imrllm.letter.parts import trimmed
from imrllm.letter.patterns import FormPatterns
from imrllm.spans import FoldedSpan


@dataclass(frozen=True, slots=True)
class FoundSections:
    """The headings of a letter's sections.

    Attributes:
        spans: by section, its heading with its lead sentence; without those that were not found.
        order: the form's order of the sections.
    """

    spans: Mapping[Section, FoldedSpan]
    order: tuple[Section, ...]

    def start(self, section: Section) -> int | None:
        """Where a section's heading starts; None if it was not found."""
        span = self.spans.get(section)
        return span[0] if span else None

    def after(self, section: Section) -> list[int]:
        """Where the sections start that come after one, in the form's order and in the letter."""
        following = self.order[self.order.index(section) + 1 :] if section in self.order else ()
        end = self.spans[section][1]
        return [span[0] for each in following if (span := self.spans.get(each)) and span[0] >= end]

    def text(self, line: str, section: Section, others: Iterable[int]) -> FoldedSpan | None:
        """The text of a section: up to the next section, or to another part that starts after its heading.

        Args:
            line: the folded text.
            section: the section.
            others: where other parts start.
        """
        span = self.spans.get(section)
        if span is None:
            return None
        end = min([*self.after(section), *(each for each in others if each >= span[1])], default=len(line))
        return trimmed(line, span[1], end)


def find_sections(line: str, form: Sections, patterns: FormPatterns) -> FoundSections:
    """Find the headings of a letter's sections.

    Args:
        line: the folded text.
        form: the sections of the form.
        patterns: its patterns.
    """
    headings = patterns.headings
    found: dict[Section, FoldedSpan] = {}
    if "method" in headings and (method := headings["method"].search(line)):
        found["method"] = FoldedSpan(method.span())
    if "decisions" in headings and (decisions := _confirmed(headings["decisions"], patterns.decisions_lead, line)):
        found["decisions"] = decisions
    # Prose or a list of records may say "case summary" too.
    if "summary" in headings:
        start, end = _between("summary", form.order, found, len(line))
        if summary := _confirmed(headings["summary"], patterns.summary_lead, line, start, end):
            found["summary"] = summary
    if "credentials" in headings and (own := headings["credentials"].search(line)):
        found["credentials"] = FoldedSpan(own.span())
    if "documents" in headings:
        anchors: dict[Section, FoldedSpan] = {each: span for each, span in found.items() if each != "credentials"}
        start, end = _between("documents", form.order, anchors, len(line))
        if documents := headings["documents"].search(line, start, end):
            found["documents"] = FoldedSpan(documents.span())
    return FoundSections(found, form.order)


def _confirmed(
    heading: re.Pattern[str], lead: re.Pattern[str], line: str, start: int = 0, end: int | None = None
) -> FoldedSpan | None:
    """The heading that is followed by its lead sentence, with that sentence; otherwise the first one."""
    first = None
    for found in heading.finditer(line, start, len(line) if end is None else end):
        if sentence := lead.match(line, found.end()):
            return FoldedSpan((found.start(), sentence.end()))
        first = first or FoldedSpan(found.span())
    return first


def _between(
    section: Section, order: tuple[Section, ...], found: Mapping[Section, FoldedSpan], length: int
) -> tuple[int, int]:
    """Where a section's heading can be: after those before it in the form's order, and before those after it."""
    place = order.index(section)
    start = max((found[each][1] for each in order[:place] if each in found), default=0)
    return start, min(
        (found[each][0] for each in order[place:] if each in found and found[each][0] >= start), default=length
    )
