"""Proposes a form file: headings, labels and outcome words that stand before the parts of letters which a model read.

Only phrases that recur over letters are proposed: what one letter alone prints may be its own text.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from imrllm.errors import FormError
from imrllm.letter.form import Label, Section, known_forms, read_form
from imrllm.letter.outcomes import read_outcome
from imrllm.letter.parts import LetterParts
from imrllm.letter.phrases import plain
from imrllm.letter.quote_finding import Page
from imrllm.records import Decision

# A phrase that fewer letters print may be one letter's own.
FEWEST_LETTERS = 2
_LONGEST_LABEL = 90
_MOST_WORDS = 14
_LABELS: tuple[tuple[Label, str], ...] = (
    ("claims_administrator", "claims_administrator"),
    ("reviewer", "reviewer_basis"),
    ("rationale", "rationale"),
)
_SECTIONS: tuple[Section, ...] = ("credentials", "summary")
# An outcome with its label: "Result: Denial upheld", ": Upheld".
_LABELLED = re.compile(r"(?P<label>[^:|]*(?P<mark>[:|]))?\s*(?P<words>.+)", re.DOTALL)
_NUMBER = re.compile(r"(?<!\w)\d{1,2}(?!\w)")
_BULLET = re.compile(r"^[\W_]+|^\d{1,2}[.)]\s+")
# Characters with a meaning in a form's phrases.
_SYNTAX = re.compile(r"[\[\]{}|]")


@dataclass(slots=True)
class Counted:
    """Phrases of one kind, each with the letters and the items that print it."""

    letters: dict[str, set[int]] = field(default_factory=dict)
    items: Counter[str] = field(default_factory=Counter)

    def add(self, phrase: str | None, letter: int) -> None:
        """Count a phrase in a letter."""
        if phrase:
            self.letters.setdefault(phrase, set()).add(letter)
            self.items[phrase] += 1

    def recurring(self) -> list[str]:
        """The phrases that enough letters print, the most frequent first."""
        found = [phrase for phrase, letters in self.letters.items() if len(letters) >= FEWEST_LETTERS]
        return sorted(found, key=lambda phrase: (-len(self.letters[phrase]), -self.items[phrase], phrase))


@dataclass(slots=True)
class LearnedForm:
    """What recurs over letters that were read by a model's quotes.

    Attributes:
        letters: how many letters were counted.
        items: how many disputed items they have.
    """

    letters: int = 0
    items: int = 0
    _phrases: dict[str, Counted] = field(default_factory=dict)
    _orders: Counter[tuple[str, ...]] = field(default_factory=Counter)
    _section_orders: Counter[tuple[str, ...]] = field(default_factory=Counter)
    _after_heading: int = 0

    def add(self, text: str, parts: LetterParts) -> None:
        """Count the phrases before the parts of one letter.

        Args:
            text: its source text.
            parts: its parts by a model's quotes.
        """
        page = Page.of(text)
        self.letters += 1
        number = self.letters
        claimed = _ends(parts)
        starts: list[tuple[int, str]] = []
        for section in _SECTIONS:
            if span := getattr(parts, section):
                starts.append((span[0], section))
                self._count(f"sections.{section}", _before(page, span[0], claimed), number)
        for item in parts.items:
            if item.heading is None or item.outcome is None:
                continue
            self.items += 1
            order: list[tuple[int, str]] = []
            label = _before(page, item.heading[0], claimed)
            self._count("items.issue", label, number)
            order.append((item.heading[0], "issue"))
            order.append((item.outcome[0], "outcome"))
            self._count_outcome(page, item.outcome, item.heading[1], claimed, number)
            for name, part in _LABELS:
                if span := getattr(item, part):
                    order.append((span[0], name))
                    self._count(f"items.{name}", _before(page, span[0], claimed), number)
            self._orders[tuple(name for _, name in sorted(order))] += 1
        if parts.items and (heading := parts.items[0].heading):
            starts.append((heading[0], "decisions"))
            self._count("sections.decisions", _heading_above(page, heading[0], claimed), number)
        self._section_orders[tuple(name for _, name in sorted(starts))] += 1
        self._count_known_labels(page, number)

    def text(self, name: str) -> str:
        """The file of the form, with a comment on each phrase: on how many letters and before how many items.

        Args:
            name: the form's name.

        Raises:
            FormError: too little recurs for a form.
        """
        outcomes = {decision: self._of(f"outcomes.{decision}") for decision in ("upheld", "overturned")}
        labels: dict[str, list[str]] = {name: self._of(f"items.{name}") for name, _ in _LABELS}
        if self.letters < FEWEST_LETTERS or not any(outcomes.values()) or not any(labels.values()):
            raise FormError(
                f"No labels and outcome words recur over the {self.letters} letters that the model could read.",
                hint="Give more letters of one form, or another model.",
            )
        in_heading = self._after_heading * 2 > self.items
        issue, outcome = self._of("items.issue"), self._of("items.outcome")
        order = [name for name in self._order(in_heading) if labels.get(name) or (name in ("issue", "outcome"))]
        lines = [
            "# Proposed from letters that a model read. Read each phrase before you use it, and check the file:",
            "#   imrllm form check LETTERS --form FILE",
            f"# Counts are of {self.letters} letters with {self.items} disputed items; what recurs is here.",
            f"name = {json.dumps(name)}",
            f'seen_on = "{self.letters} letters with {self.items} disputed items, read by a model"',
            f"letters = {self.letters}",
            f'layout = "{"headings" if in_heading else "blocks"}"',
            "",
            "[sections]",
            *self._sections(),
            "",
            "[items]",
            f"order = {json.dumps(order)}",
        ]
        if not in_heading:
            if not issue or not outcome:
                lines.append("# No label of the treatment or of the outcome recurs: without both, no item is found.")
            lines += self._array("issue", "items.issue", issue)
            lines += self._array("outcome", "items.outcome", outcome)
        for label, phrases in labels.items():
            lines += self._array(label, f"items.{label}", phrases)
        lines += ["", "[outcomes]"]
        for decision, words in outcomes.items():
            if not words:
                lines.append(f"# No words for {decision} recur: what the known forms print is a guess.")
            lines += self._array(decision, f"outcomes.{decision}", words or [decision.capitalize()])
        header = [key for key in self._phrases if key.startswith("header.")]
        if any(self._of(key) for key in header):
            lines += ["", "[header]"]
            for key in header:
                lines += self._array(key.partition(".")[2], key, self._of(key))
        return "\n".join(lines) + "\n"

    def checked_text(self, name: str) -> str:
        """The file of the form, which can be read as one.

        Raises:
            FormError: too little recurs for a form.
        """
        text = self.text(name)
        try:
            read_form(text, f"{name}.toml")
        except FormError as error:
            raise FormError(
                f"What recurs over {self.letters} letters does not make a form: {error}", hint="Give more letters."
            ) from None
        return text

    def _sections(self) -> Iterator[str]:
        order = max(self._section_orders, key=self._section_orders.__getitem__, default=())
        yield f"order = {json.dumps([each for each in order if self._of(f'sections.{each}')])}"
        for section in (*_SECTIONS, "decisions"):
            yield from self._array(section, f"sections.{section}", self._of(f"sections.{section}"))

    def _order(self, in_heading: bool) -> list[str]:
        """The order of most items' parts; without the treatment and the outcome, if both are in the heading."""
        order = max(self._orders, key=lambda each: (self._orders[each], len(each)))
        rest = [name for name, _ in _LABELS if name not in order]
        return [name for name in (*order, *rest) if not (in_heading and name in ("issue", "outcome"))]

    def _array(self, key: str, kind: str, phrases: Sequence[str]) -> Iterator[str]:
        if not phrases:
            return
        counted = self._phrases.get(kind, Counted())
        yield f"{key} = ["
        for phrase in phrases:
            letters = len(counted.letters.get(phrase, ()))
            seen = f"{letters} of {self.letters} letters"
            seen += f", {counted.items[phrase]} items" if kind.startswith("items.") else ""
            yield f"  {json.dumps(phrase, ensure_ascii=False)},  # {seen}"
        yield "]"

    def _count(self, kind: str, phrase: str | None, letter: int) -> None:
        self._phrases.setdefault(kind, Counted()).add(phrase, letter)

    def _of(self, kind: str) -> list[str]:
        return self._phrases[kind].recurring() if kind in self._phrases else []

    def _count_outcome(
        self, page: Page, outcome: tuple[int, int], heading_end: int, claimed: Sequence[int], letter: int
    ) -> None:
        """Count the words of an outcome and its label."""
        printed = page.folded.printed[slice(*outcome)]
        found = _LABELLED.fullmatch(printed)
        if found is None:
            return
        words = found["words"].strip(" .")
        label = _phrase(found["label"] or "") or _before(page, outcome[0], claimed)
        decision: Decision | None = read_outcome(words)
        beside = page.folded.text[heading_end : outcome[0]].strip(" .-")
        if found["mark"] and not (found["label"] or "").strip(" :") and not beside:
            self._after_heading += 1
        else:
            self._count("items.outcome", label, letter)
        if decision and len(words.split()) <= _MOST_WORDS and not _SYNTAX.search(words):
            self._count(f"outcomes.{decision}", words, letter)

    def _count_known_labels(self, page: Page, letter: int) -> None:
        """Count the header labels of the known forms that a letter prints."""
        for form in known_forms():
            for key, phrases in form.header.model_dump(exclude={"prose"}).items():
                for phrase in phrases:
                    if plain(phrase).lower() in page.lower and letter not in self._phrases.setdefault(
                        f"header.{key}", Counted()
                    ).letters.get(phrase, ()):
                        self._count(f"header.{key}", phrase, letter)


def _ends(parts: LetterParts) -> list[int]:
    """Where the parts of a letter end: no label begins before."""
    spans = [parts.header, parts.credentials, parts.summary]
    for item in parts.items:
        spans += [item.heading, item.outcome, item.claims_administrator, item.reviewer_basis, item.rationale]
    return sorted(span[1] for span in spans if span)


def _before(page: Page, at: int, ends: Sequence[int]) -> str | None:
    """The label directly before a part: on its own line, or else the line above."""
    floor = max((end for end in ends if end <= at), default=0)
    line, _ = page.line_of(at)
    label = page.folded.printed[max(line, floor) : at]
    if not _BULLET.sub("", label).strip():
        if line <= floor:
            return None
        above, _ = page.line_of(line - 1)
        label = page.folded.printed[max(above, floor) : line]
    return _phrase(label)


def _heading_above(page: Page, at: int, ends: Sequence[int]) -> str | None:
    """The line between the parts before the first item and the item's own label."""
    floor = max((end for end in ends if end <= at), default=0)
    line, _ = page.line_of(at)
    above: list[str] = []
    while line > floor and len(above) < 3:
        start, _ = page.line_of(line - 1)
        above.append(page.folded.printed[max(start, floor) : line])
        line = start
    found = [phrase for each in above if (phrase := _phrase(each)) and not phrase.endswith(":")]
    return found[-1] if found else None


def _phrase(printed: str) -> str | None:
    """Printed words as a phrase of a form; None for what cannot be a label: figures, many words, a sentence."""
    words = _BULLET.sub("", printed.strip()).strip()
    if not words or len(words) > _LONGEST_LABEL or len(words.split()) > _MOST_WORDS or _SYNTAX.search(words):
        return None
    words = _NUMBER.sub("{number}", words)
    if any(map(str.isdigit, words)) or words.endswith((".", "?", "!", ",")) or not re.search(r"[A-Za-z]{3}", words):
        return None
    return words
