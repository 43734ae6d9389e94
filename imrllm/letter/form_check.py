"""How well the forms fit some letters: which are read whole, what is absent, and which headings no form has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from imrllm.errors import NotALetterError
from imrllm.folding import fold
from imrllm.letter.form import Form
from imrllm.letter.layout import paragraph_gaps, without_footers
from imrllm.letter.phrases import plain
from imrllm.letter.reading import Alike, FormReading, grouped, read_by, read_letter

# A line that nobody knows is shown if so many letters have it, and this share of all: it is the form's, and no one's
# name or illness.
_LEAST_LETTERS = 3
_LEAST_SHARE = 0.05
_LONGEST_HEADING = 60
_MOST_WORDS = 9
# A short text before a colon at a line's start, or a line in capitals. Without digits: no dates, doses or numbers.
_LABEL = re.compile(r"[A-Z][^\W\d]*(?:[ /&'()-]{1,2}[^\W\d]+[)'s]{0,3}){0,8} ?:")
_CAPITALS = re.compile(r"[A-Z][A-Z/&'(),-]+(?: [A-Z/&'(),-]+){1,8}")


@dataclass(frozen=True, slots=True)
class UnknownLine:
    """A line that looks like a heading or label, and that no form has.

    Attributes:
        text: the line; of a label, the words up to its colon.
        letters: how many letters have it.
    """

    text: str
    letters: int


@dataclass(slots=True)
class FormCheck:
    """Counts how forms read letters, one letter at a time.

    Attributes:
        forms: the forms, in the order in which they are tried.
        letters: the number of letters.
        read: by form, the letters that it reads.
        whole: by form, those of them with all of its section headings, and an outcome and all labels of every item.
        near: by form, the letters with a heading, label or outcome that is only near to the form's own.
        not_read: the letters that no form reads.
        absent: by form and part, in how many of its letters the part's heading or label was not found. For the first
            form, also in the letters that no form reads.
    """

    forms: tuple[Form, ...]
    letters: int = 0
    read: Counter[str] = field(default_factory=Counter)
    whole: Counter[str] = field(default_factory=Counter)
    near: Counter[str] = field(default_factory=Counter)
    not_read: int = 0
    absent: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lines: Counter[str] = field(default_factory=Counter)

    def add(self, text: str) -> None:
        """Count one letter."""
        self.letters += 1
        groups = grouped(self.forms)
        text = without_footers(text)
        self._lines.update(_headings(text, [alike.patterns.any_outcome for alike in groups]))
        folded = fold(text)
        gaps = paragraph_gaps(text, folded)
        try:
            parts = read_letter(text, self.forms)
        except NotALetterError:
            self.not_read += 1
            alike = groups[0]
            name = self.forms[0].name
            self.absent.update((name, part) for part in _never_found(folded.text, alike))
            return
        alike = next(each for each in groups if parts.form in {form.name for form in each.forms})
        reading = read_by(folded.text, alike, gaps)
        self.read[parts.form] += 1
        self.whole[parts.form] += reading.fit == 1 and not parts.undecided
        self.near[parts.form] += bool(parts.unsure)
        self.absent.update((parts.form, part) for part in _absent(alike, reading))

    @property
    def unknown(self) -> tuple[UnknownLine, ...]:
        """Lines that look like headings or labels of no form, the most frequent first.

        Only those that several letters have: such a line belongs to the form, not to one letter's text.
        """
        least = max(_LEAST_LETTERS, round(_LEAST_SHARE * self.letters))
        lines = ((line, count) for line, count in self._lines.items() if count >= least)
        found = [UnknownLine(line, count) for line, count in lines if not self._is_known(line)]
        return tuple(sorted(found, key=lambda line: (-line.letters, line.text)))

    def _is_known(self, line: str) -> bool:
        if any(sign in line for form in self.forms for sign in form.signs):
            return True
        groups = grouped(self.forms)
        # A label of the header can be printed on two lines.
        header = (each for alike in groups for each in _header(alike))
        return any(each.endswith(line) for each in header) or any(
            pattern.search(line) for alike in groups for pattern in _patterns(alike)
        )

    def to_json(self) -> dict[str, Any]:
        """The counts as JSON."""
        return {
            "letters": self.letters,
            "not_read": self.not_read,
            "forms": [
                {
                    "name": form.name,
                    "letters": self.read[form.name],
                    "whole": self.whole[form.name],
                    "near": self.near[form.name],
                    "absent": {part: count for (name, part), count in self.absent.items() if name == form.name},
                }
                for form in self.forms
            ],
            "unknown_lines": [{"text": line.text, "letters": line.letters} for line in self.unknown],
        }


def _absent(alike: Alike, reading: FormReading) -> Iterator[str]:
    """The sections that a form expects and a letter lacks, and the labels that one of its items lacks."""
    sections = alike.words.sections
    for section in alike.patterns.headings:
        if section not in sections.may_lack and section not in reading.sections.spans:
            yield section
    for label in alike.patterns.labels:
        name = "reviewer_basis" if label == "reviewer" else label
        if label not in ("issue", "outcome") and any(getattr(item, name) is None for item in reading.items.items):
            yield label


def _never_found(line: str, alike: Alike) -> Iterator[str]:
    """The headings and labels of a form that a text has nowhere, and its outcome."""
    patterns = alike.patterns
    for section, heading in patterns.headings.items():
        if section not in alike.words.sections.may_lack and not heading.search(line):
            yield section
    for label, pattern in patterns.labels.items():
        if label != "outcome" and not pattern.search(line):
            yield label
    if not patterns.outcome.search(line):
        yield "outcome"


def _headings(text: str, outcomes: Sequence[re.Pattern[str]]) -> set[str]:
    """The lines of a text that look like headings or labels, each once; not what an outcome follows, a request."""
    found = set()
    for line in text.splitlines():
        words = " ".join(line.split())
        label = _LABEL.match(words[: _LONGEST_HEADING + 1])
        heading = label.group() if label else words
        if len(heading) > _LONGEST_HEADING or len(heading.split()) > _MOST_WORDS:
            continue
        if label and any(outcome.match(words, label.end() - 1) for outcome in outcomes):
            continue
        if label or _CAPITALS.fullmatch(words):
            found.add(heading)
    return found


def _header(alike: Alike) -> Iterator[str]:
    header = alike.words.header
    yield from (plain(each) for name in alike.patterns.header.labels for each in getattr(header, name))


def _patterns(alike: Alike) -> Iterator[re.Pattern[str]]:
    patterns = alike.patterns
    yield from patterns.headings.values()
    yield from patterns.labels.values()
    yield from patterns.header.labels.values()
    yield from patterns.credentials.values()
    yield from (patterns.both_sides, patterns.any_outcome)
