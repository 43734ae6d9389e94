"""The kinds of drift: each changes how a letter is printed, and never what it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from imrllm.evals.drift.header import LABELS, relabeled
from imrllm.evals.drift.pieces import ARGUMENTS, SECTIONS, LetterPieces
from imrllm.evals.drift.spoiling import in_another_case, scanned, typed
from imrllm.evals.drift.style import Furniture, Style
from imrllm.evals.drift.wordings import Headings, Labels, Wordings

# Changes a draft's style; returns whether the letter has what it changes.
Change = Callable[["FormDraft"], bool]
# Lines of a page: short, so that most letters have some.
_PAGE_LINES = (18, 30)


@dataclass(frozen=True, slots=True)
class FormDraft:
    """A letter's form while it is changed.

    Attributes:
        style: how the letter is printed, changed in place.
        pieces: the letter's pieces.
        words: the wordings to choose from.
        random: what chooses.
    """

    style: Style
    pieces: LetterPieces
    words: Wordings
    random: Random


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of drift.

    Attributes:
        name: as tables print it.
        slot: what it changes; of two kinds in one slot a letter has one at most.
        is_near: whether the form's own words can still be recognized by their letters.
        change: makes the change.
    """

    name: str
    slot: str
    is_near: bool
    change: Change


KINDS: dict[str, Kind] = {}


def _kind(name: str, slot: str, *, near: bool = False) -> Callable[[Change], Change]:
    def register(change: Change) -> Change:
        KINDS[name] = Kind(name, slot, near, change)
        return change

    return register


@_kind("renamed headings", "headings")
def rename_headings(draft: FormDraft) -> bool:
    """Print headings in wholly other words."""
    return _set_headings(draft, draft.words.renamed.headings)


@_kind("reworded headings", "headings", near=True)
def reword_headings(draft: FormDraft) -> bool:
    """Print headings in some other words."""
    return _set_headings(draft, draft.words.reworded.headings)


@_kind("lost headings", "headings")
def lose_headings(draft: FormDraft) -> bool:
    """Leave out the headings of some sections."""
    with_leads = draft.random.choice(draft.words.sections.lost_leads)
    for name in draft.random.choice(draft.words.sections.lost):
        draft.style.headings[name] = ""
        if with_leads and name != "credentials":
            draft.style.leads[name] = ""
    return True


@_kind("renamed labels", "labels")
def rename_labels(draft: FormDraft) -> bool:
    """Print the labels of an item's paragraphs in wholly other words."""
    return _set_labels(draft, draft.words.renamed.labels)


@_kind("reworded labels", "labels", near=True)
def reword_labels(draft: FormDraft) -> bool:
    """Print the labels of an item's paragraphs in some other words."""
    return _set_labels(draft, draft.words.reworded.labels)


@_kind("outcome words", "outcomes")
def word_outcomes(draft: FormDraft) -> bool:
    """Print other words for what was upheld and what was overturned."""
    upheld, overturned = draft.random.choice(draft.words.outcomes.words)
    for item, its in zip(draft.pieces.items, draft.style.items, strict=True):
        its.outcome = upheld if item.decision == "upheld" else overturned
    return True


@_kind("reordered sections", "sections")
def reorder_sections(draft: FormDraft) -> bool:
    """Print the sections in another order."""
    draft.style.sections = draft.random.choice(draft.words.sections.orders)
    return True


@_kind("reordered parts", "items")
def reorder_parts(draft: FormDraft) -> bool:
    """Print an item's parts in another order."""
    order = draft.random.choice(draft.words.items.orders)
    label = f"{draft.random.choice(draft.words.items.outcome_labels)}:" if "outcome" in order else ""
    for its in draft.style.items:
        its.order, its.outcome_label = order, label
    return True


@_kind("outcome lines", "items")
def label_outcomes(draft: FormDraft) -> bool:
    """Print each outcome on a line of its own, with a label."""
    label = f"{draft.random.choice(draft.words.items.outcome_labels)}:"
    for its in draft.style.items:
        its.order, its.outcome_label = ("request", "outcome", *ARGUMENTS), label
    return True


@_kind("tables", "items")
def print_a_table(draft: FormDraft) -> bool:
    """Print the requests and their outcomes as a table, and argue them below by number."""
    draft.style.table = draft.random.choice(draft.words.tables)
    return True


@_kind("bullets", "marks")
def mark_items(draft: FormDraft) -> bool:
    """Print a bullet, a number or a letter before each request."""
    return _set_marks(draft, draft.words.items.bullets)


@_kind("issue labels", "marks")
def number_issues(draft: FormDraft) -> bool:
    """Print a label with its number before each request."""
    return _set_marks(draft, draft.words.items.issues)


@_kind("outcomes in front", "front")
def list_outcomes(draft: FormDraft) -> bool:
    """List the outcomes before all sections, and print the items later all the same."""
    draft.style.front = draft.random.choice(draft.words.fronts)
    return True


@_kind("header in prose", "header")
def write_the_header(draft: FormDraft) -> bool:
    """Print the header's values in sentences; only where the header is the usual block."""
    prose = draft.random.choice(draft.words.headers).prose
    if not draft.pieces.header_values:
        return False
    draft.style.header = prose.format(**draft.pieces.header_values)
    return True


@_kind("header labels", "header")
def relabel_the_header(draft: FormDraft) -> bool:
    """Print the labels of the header block in other words."""
    chosen = draft.random.choice(draft.words.header_labels)
    return _relabel(draft, lambda label: str(getattr(chosen, LABELS[label])))


@_kind("header slips", "header", near=True)
def spoil_the_header(draft: FormDraft) -> bool:
    """Print the labels of the header block with slips, a typist's or a scan's."""
    random, slips = draft.random, draft.words.slips
    if random.random() < 0.5:
        return _relabel(draft, lambda label: typed(random, label, slips.typist))
    return _relabel(draft, lambda label: scanned(random, label, slips.scan))


@_kind("page furniture", "furniture")
def end_pages(draft: FormDraft) -> bool:
    """End pages within the letter, with footers, page numbers and letterheads."""
    chosen = draft.random.choice(draft.words.furniture)
    draft.style.furniture = Furniture(chosen.bottom, chosen.top, draft.random.randint(*_PAGE_LINES))
    return True


@_kind("slips", "spelling", near=True)
def mistype(draft: FormDraft) -> bool:
    """Print headings and labels with a typist's slips."""
    return _spoil(draft.style, lambda phrase: typed(draft.random, phrase, draft.words.slips.typist), outcomes=False)


@_kind("scan errors", "spelling", near=True)
def misread(draft: FormDraft) -> bool:
    """Print headings, labels and outcomes as a scan may read them."""
    return _spoil(
        draft.style,
        lambda phrase: scanned(draft.random, phrase, draft.words.slips.scan),
        outcomes=draft.random.random() < 0.5,
    )


@_kind("case", "spelling", near=True)
def change_case(draft: FormDraft) -> bool:
    """Print headings, labels and outcomes in another case, each kind of phrase in one."""
    changed: dict[str, str] = {}

    def another(phrase: str) -> str:
        return changed.setdefault(phrase, in_another_case(draft.random, phrase, draft.words.slips))

    return _spoil(draft.style, another, outcomes=True)


@_kind("lost colons", "colons", near=True)
def lose_colons(draft: FormDraft) -> bool:
    """Print something else than a colon after labels, and nothing between a request and its outcome."""
    other = draft.random.choice(draft.words.slips.colons)
    for its in draft.style.items:
        its.labels = {name: label.removesuffix(":") + other for name, label in its.labels.items()}
        if other != "\n":
            its.glue = f"{other} "
    return True


def _relabel(draft: FormDraft, label: Callable[[str], str]) -> bool:
    if not draft.pieces.header_values:
        return False
    draft.style.header = relabeled(draft.style.header, label)
    return True


def _set_headings(draft: FormDraft, choices: Sequence[Headings]) -> bool:
    chosen, style = draft.random.choice(choices), draft.style
    for name in SECTIONS:
        style.headings[name] = getattr(chosen, name)
    leads = {"summary": chosen.summary_lead, "decisions": chosen.decisions_lead}
    style.leads.update({name: leads[name] or "" for name in SECTIONS[1:] if leads[name] is not None})
    if style.credentials_label and chosen.credentials_label is not None:
        style.credentials_label = chosen.credentials_label
    return True


def _set_labels(draft: FormDraft, choices: Sequence[Labels]) -> bool:
    chosen = draft.random.choice(choices)
    for its in draft.style.items:
        its.labels = {name: f"{getattr(chosen, name)}:" for name in its.labels}
    return True


def _set_marks(draft: FormDraft, choices: Sequence[str]) -> bool:
    mark, style = draft.random.choice(choices), draft.style
    for index, its in enumerate(style.items):
        its.mark = mark.format(n=index + 1, count=len(style.items), letter=chr(ord("A") + index % 26))
    return True


def _spoil(style: Style, spoiled: Callable[[str], str], *, outcomes: bool) -> bool:
    """Change the spelling of every phrase; each time that a label is printed, anew."""
    style.headings = {name: spoiled(heading) for name, heading in style.headings.items()}
    style.credentials_label = spoiled(style.credentials_label)
    for its in style.items:
        its.labels = {name: spoiled(label) for name, label in its.labels.items()}
        if outcomes:
            its.outcome = spoiled(its.outcome)
    return True
