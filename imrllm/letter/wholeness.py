"""Whether a form's own words found all that a letter prints of the form: then nothing else is sought."""

from __future__ import annotations

import re
from bisect import bisect_left

from imrllm.folding import caseless, lowered
from imrllm.letter.items import FoundItems
from imrllm.letter.layout import is_cut
from imrllm.letter.sections import FoundSections
from imrllm.spans import FoldedSpan

# Characters of a paragraph in which a label's colon is looked for.
_LABEL_REACH = 90
_LABEL_IN_SENTENCES = re.compile(r"(?<=[.!?)] )[A-Z0-9][^.:!?]{2,50}:")
# What the heading of the documents has in any wording, with or without slips.
_DOCUMENTS = caseless(r"(?:d[o0]cu|rec[o0]r|mater)\w{0,6}.{0,4}rev|rev[i1l]ewed.{0,20}:")


def is_whole(line: str, sections: FoundSections, items: FoundItems, gaps: tuple[int, ...]) -> bool:
    """Whether no part of a letter holds what looks like a heading or label of its own.

    Args:
        line: the folded text.
        sections: the headings that a form's own words found; all but those that a letter may lack.
        items: the items that they found, each with all of its parts.
        gaps: offsets after each paragraph gap, ascending.
    """
    if any(is_cut(line, *span) for span in sections.spans.values()):
        return False
    parts = [
        part
        for item in items.items
        for part in (item.heading, item.claims_administrator, item.reviewer_basis, item.rationale)
    ]
    # A section that a letter may lack can have a damaged heading. It would stand in the section before it.
    if "credentials" not in sections.spans:
        parts.append(sections.text(line, "method", items.starts))
    if "documents" not in sections.spans:
        summary = sections.text(line, "summary", items.starts)
        # Forms with a section for the decisions do not list documents any more. A summary has other labels.
        may_list = summary and ("decisions" not in sections.order or _DOCUMENTS.search(lowered(line[slice(*summary)])))
        parts += [summary] if may_list else []
    return not any(_holds_label(line, part, gaps) for part in parts)


def _holds_label(line: str, part: FoldedSpan | None, gaps: tuple[int, ...]) -> bool:
    """Whether a later paragraph of a part has a colon near its start; without paragraphs, whether a sentence has."""
    if part is None:
        return False
    start, end = part
    if not gaps:
        return _LABEL_IN_SENTENCES.search(line, start, end) is not None
    at = bisect_left(gaps, start + 1)
    while at < len(gaps) and gaps[at] < end:
        if ":" in line[gaps[at] : min(gaps[at] + _LABEL_REACH, end)]:
            return True
        at += 1
    return False
