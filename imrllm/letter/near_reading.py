"""Read a letter whose headings, labels or outcome words are nearly those of a form.

The near misses are put right in a copy of the text, which the form's patterns then read as any other. All spans lead
back to what is printed, and each near miss that was read is said (`Unsure`): a person looks at what rests on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from imrllm.folding import Folded
from imrllm.letter.form import Words
from imrllm.letter.label_words import Role
from imrllm.letter.layout import is_cut
from imrllm.letter.near_misses import NearMiss, Phrase, lines_of, near_lead, near_misses
from imrllm.letter.parts import ItemParts, LetterParts, Unsure
from imrllm.letter.patterns import FormPatterns
from imrllm.letter.phrases import placeholders, printings
from imrllm.letter.placing import Found, Placed, Sought, placed
from imrllm.letter.repairing import Repaired, repaired
from imrllm.records import Decision
from imrllm.spans import FoldedSpan

_WORDS = re.compile(r"[\s:;.,=|*-]*(?P<words>.*?)[\s:;.,!*=|-]*(?:(?<=\s)\d{1,3}\s)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class NearText:
    """A text in which near misses of a form's phrases are put right.

    Attributes:
        repaired: the text.
        gaps: offsets after each paragraph gap of that text.
        placed: the near misses.
    """

    repaired: Repaired
    gaps: tuple[int, ...]
    placed: Placed


def near_texts(
    text: str, folded: Folded, gaps: tuple[int, ...], forms: Sequence[tuple[Words, FormPatterns]]
) -> Iterator[NearText | None]:
    """For each form, the text with near misses of its phrases put right; None if it has none.

    Args:
        text: the source text.
        folded: the same, folded.
        gaps: offsets after each paragraph gap.
        forms: the phrases of each form, and the patterns of these.
    """
    line = folded.text
    lines = lines_of(text, folded, gaps)
    known = [_known(line, patterns) for _, patterns in forms]
    sought = [_sought(words) for words, _ in forms]
    taken = sorted({found.span for each in known for found in each if found.role not in ("outcome", "issue")})
    phrases = tuple(dict.fromkeys(phrase for each in sought for phrase in each.phrases))
    found_near = near_misses(line, lines, phrases, taken=taken)
    candidates = [replace(each, span=_closed(line, each.span)) for each in found_near]
    for (words, patterns), found, form in zip(forms, known, sought, strict=True):
        # Forms with a section for the decisions do not list documents any more: only their own words count for that.
        lists = words.layout != "headings" or "documents" not in words.sections.may_lack
        own = [each for each in _of_form(candidates, form) if lists or _in_letters(each)]
        chosen = placed(line, lines, form, own, found)
        if chosen.near or chosen.undecided:
            chosen = _with_leads(line, chosen, words, patterns)
            mended = repaired(line, chosen.near)
            yield NearText(mended, tuple(map(mended.repaired_offset, gaps)), chosen)
        else:
            yield None


def _closed(line: str, span: FoldedSpan) -> FoldedSpan:
    """A near miss with the bracket that closes one in it: "RATIONALE(S" leaves none to what follows."""
    start, end = span
    for opening, closing in ("()", "[]"):
        if line[end : end + 1] == closing and line.count(opening, start, end) > line.count(closing, start, end):
            # The space after it belongs to the near miss, too.
            return FoldedSpan((start, end + 1 + (line[end + 1 : end + 2] == " ")))
    return span


def printed_parts(folded: Folded, parts: LetterParts, near: NearText) -> LetterParts:
    """The parts of a repaired text as parts of the text that is printed, with what was unsure.

    Args:
        folded: the printed text, folded.
        parts: the parts of the repaired text.
        near: the repaired text.
    """

    def span(of: FoldedSpan | None) -> FoldedSpan | None:
        return None if of is None else near.repaired.printed_span(of)

    outcomes = {each.span: _words_of(folded.text, each) for each in near.placed.near}

    def item(of: ItemParts) -> ItemParts:
        outcome = span(of.outcome)
        return ItemParts(
            span(of.heading),
            of.decision,
            outcomes.get(outcome, outcome) if outcome else None,
            span(of.claims_administrator),
            span(of.reviewer_basis),
            span(of.rationale),
        )

    items = tuple(map(item, parts.items))
    return LetterParts(
        folded=folded,
        form=parts.form,
        header=span(parts.header),
        credentials=span(parts.credentials),
        summary=span(parts.summary),
        items=items,
        unsure=(
            *_unsure(folded.text, near.placed.near, items, parts.patterns),
            *(replace(each, span=near.repaired.printed_span(each.span)) for each in parts.unsure),
        ),
        undecided=(*(near.repaired.printed_span(each) for each in parts.undecided), *near.placed.undecided),
        patterns=parts.patterns,
    )


def _known(line: str, patterns: FormPatterns) -> list[Found]:
    """What a form's own words find, wherever it stands."""
    sections: list[tuple[Role, re.Pattern[str]]] = list(patterns.headings.items())
    labels: list[tuple[Role, re.Pattern[str]]] = list(patterns.labels.items())
    found = [
        Found(role, FoldedSpan(each.span()))
        for role, pattern in (*sections, *labels)
        for each in pattern.finditer(line)
        if not is_cut(line, *each.span())
    ]
    found += [Found("outcome", FoldedSpan(each.span())) for each in patterns.outcome.finditer(line)]
    found += [Found("issue", FoldedSpan(each.span())) for each in patterns.argument.finditer(line)]
    return sorted(found, key=lambda each: each.span)


@cache
def _sought(words: Words) -> Sought:
    sections, items = words.sections, words.items
    mark = "" if words.layout == "blocks" else ": "
    decisions: tuple[Decision, ...] = ("upheld", "overturned")
    outcomes = tuple(
        Phrase(mark + text, "outcome", decision)
        for decision in decisions
        for phrase in getattr(words.outcomes, decision)
        for text in printings(phrase)
    )
    phrases = [
        Phrase(text, role)
        for role in sections.order
        for phrase in getattr(sections, role)
        for text in printings(phrase)
    ]
    for role in items.order:
        for phrase in getattr(items, role):
            if "outcome" in placeholders(phrase):
                phrases += [
                    Phrase(text, role, outcome.decision)
                    for outcome in outcomes
                    for text in printings(phrase, outcome.text.removeprefix(": "))
                ]
            else:
                phrases += [Phrase(text, role) for text in printings(phrase)]
    return Sought(sections.order, items.order, tuple(phrases), outcomes, words.layout == "blocks")


def _in_letters(near: NearMiss) -> bool:
    return near.phrase.role != "documents" or near.by == "letters"


def _of_form(candidates: Sequence[NearMiss], form: Sought) -> list[NearMiss]:
    """The candidates of a form's roles, each with a phrase of this form."""
    own = []
    for each in candidates:
        if each.phrase in form.phrases:
            own.append(each)
        elif each.phrase.decision is None:
            phrase = next(
                (phrase for phrase in form.phrases if phrase.role == each.phrase.role and phrase.decision is None), None
            )
            if phrase:
                own.append(NearMiss(phrase, each.span, each.edits, each.by, each.place))
    return own


def _with_leads(line: str, chosen: Placed, words: Words, patterns: FormPatterns) -> Placed:
    """Also the sentences after the headings, where they are near misses too: they belong to no part."""
    near = []
    for each in chosen.near:
        near.append(each)
        role = each.phrase.role
        if role not in ("summary", "decisions"):
            continue
        lead, pattern = (
            (words.leads.summary, patterns.summary_lead)
            if role == "summary"
            else (words.leads.decisions, patterns.decisions_lead)
        )
        if not pattern.match(line, each.span[1]):
            phrases = [Phrase(text, role) for phrase in lead if not placeholders(phrase) for text in printings(phrase)]
            found = near_lead(line, each.span[1], phrases)
            near += [found] if found else []
    return Placed(tuple(near), chosen.undecided)


def _words_of(line: str, near: NearMiss) -> FoldedSpan:
    """The words of a near miss, without marks and spaces at its ends."""
    start, end = near.span
    words = _WORDS.fullmatch(line, start, end)
    return FoldedSpan(words.span("words")) if words and words["words"] else near.span


def _unsure(
    line: str, near: Sequence[NearMiss], items: Sequence[ItemParts], patterns: FormPatterns
) -> Iterator[Unsure]:
    own_credentials = any(each.phrase.role == "credentials" for each in near)
    for each in near:
        if each.phrase.role == "outcome" and _is_exact(line, each, patterns):
            continue
        pointer = _pointer(each, items, own_credentials=own_credentials)
        yield Unsure(pointer, _words_of(line, each), each.phrase.text.strip(": "), "distance")


def _is_exact(line: str, near: NearMiss, patterns: FormPatterns) -> bool:
    """Whether an outcome is the form's own: only the label after it is not."""
    words = _words_of(line, near)
    return patterns.any_outcome.fullmatch(line[near.span[0] : words[1]].strip()) is not None


def _pointer(near: NearMiss, items: Sequence[ItemParts], *, own_credentials: bool) -> str:
    """What of the record rests on a near miss."""
    role = near.phrase.role
    parts = [_part(item, role) for item in items]
    following = [(part[0], number) for number, part in enumerate(parts) if part and part[1] > near.span[0]]
    index = min(following, default=(0, 0))[1]
    item = f"/disputed_items/{index}"
    pointers = {
        "method": "/letter" if own_credentials else "/reviewer",
        "credentials": "/reviewer",
        "summary": "/clinical_summary",
        "documents": "/clinical_summary",
        "decisions": "/disputed_items/0",
        "claims_administrator": f"{item}/claims_administrator",
        "reviewer": f"{item}/reviewer_basis",
        "rationale": f"{item}/rationale",
        "outcome": f"{item}/decision",
        "issue": item,
    }
    return pointers[role]


def _part(item: ItemParts, role: Role) -> FoldedSpan | None:
    """The part of an item that a label or outcome of a role opens or is."""
    parts = {
        "claims_administrator": item.claims_administrator,
        "reviewer": item.reviewer_basis,
        "rationale": item.rationale,
        "outcome": item.outcome,
    }
    return parts.get(role, item.heading)
