"""Find headings and labels that are nearly a form's own: with slips, OCR errors, another case or other words.

Pure: a text and the phrases that were not found in, places with the phrase that each stands for out. Two things decide:
how near the words are (few edits, or a short label of the same meaning), and the place (at a line's or sentence's
start, with a colon or a line's end after). Prose that mentions the words has no such place. Time is linear in the text:
a bounded comparison at each start.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from imrllm.folding import Folded
from imrllm.letter.label_words import Role, meaning
from imrllm.records import Decision
from imrllm.spans import FoldedSpan

# Letters of a phrase for each edit that is allowed. "MAXIMUS guideline" may have three, a long heading six.
_LETTERS_AN_EDIT = 5
_MOST_EDITS = 6
# Only phrases with such a beginning are compared whole: so many letters, with so many edits.
_HEAD = 12
_HEAD_EDITS = 6
# A text with more places where a line or sentence begins is not a letter.
_MOST_STARTS = 20_000
# The longest heading of a known form has 117 letters. Characters read at each start, with spaces.
_WINDOW = 160
# A label that is read by its meaning ends within so many characters.
_LABEL_LENGTH = 60
# What OCR takes for each other.
_CONFUSED = str.maketrans(
    {"0": "o", "1": "l", "i": "l", "|": "l", "!": "l", "5": "s", "$": "s", "8": "b", "c": "e", "ﬁ": "fi", "ﬂ": "fl"}
)
_NOT_LETTERS = re.compile(r"[\W_]+")
_SENTENCE = re.compile(r"[.!?:;][\"')\]]{0,2}\s?(?=[A-Za-z0-9|*])")
# Without line breaks, a heading in capitals starts where the capitals start.
_CAPITALS = re.compile(r"(?<=[a-z0-9,:.)] )(?=[A-Zl015|][A-Zl015|/]+ [A-Zl015|(&])")
_BULLET = re.compile(
    r"""
    [\s*#>\-\u2022\u25cf\u25aa\u00b7]*
    (?:\(?(?:\d{1,3}[.)\s]|(?:[A-Ha-h]|[IVX]{1,4})[.)])\s?)?  # "3. ", "(a) "
    [\s*]*
    """,
    re.VERBOSE,
)
# Without line breaks, the first label follows the outcome word: "Up held", "0verturned", "UPHELD. 4".
_OUTCOME_END = re.compile(r"\b(?:[UVuv]\s?\w{3,6}|[Oo0Q]\w{2,5}\s?\w{2,7})[\s.]{1,3}(?:\d{1,3}\s)?(?=[A-Z0-9|])")
# "lMR", "0verturned".
_OCR_CAPITAL = re.compile(r"l(?=[A-Z0-9])|[015|]")
_CLOSING = re.compile(r"[\s*]{0,3}(?P<mark>[:;.,=]|-{1,2})[\s*]{0,3}|[\s*]{1,3}|(?=[A-Z])")

# Near in its letters, or only in its meaning.
Nearness = Literal["letters", "meaning"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A heading, label or outcome of a form, as the form prints it.

    Attributes:
        text: its words.
        role: the part that it opens.
        decision: what it decides, if it is an outcome or states one.
    """

    text: str
    role: Role
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """Where lines and paragraphs of a text start: folded offsets, ascending."""

    starts: tuple[int, ...]
    gaps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A place that nearly prints a phrase.

    Attributes:
        phrase: what it stands for.
        span: the words as printed, with a colon or other mark after them.
        edits: the edits between them, after case, spaces, punctuation and OCR's confusions; 0 if only those differ.
        by: whether it is near in its letters or only in its meaning.
        place: how much the place looks like that of a heading or label, from 3 to 6.
    """

    phrase: Phrase
    span: FoldedSpan
    edits: int
    by: Nearness
    place: int


def lines_of(text: str, folded: Folded, gaps: tuple[int, ...]) -> Lines:
    """Where the lines of a text start, in its folded text.

    Args:
        text: the source text.
        folded: the same, folded.
        gaps: folded offsets after each paragraph gap.
    """
    starts = {folded.folded_offset(found.end()) for found in re.finditer(r"\n\s*", text)}
    return Lines(tuple(sorted({0, *starts})), gaps)


def near_misses(
    line: str,
    lines: Lines,
    phrases: Sequence[Phrase],
    *,
    start: int = 0,
    end: int | None = None,
    taken: Sequence[FoldedSpan] = (),
) -> tuple[NearMiss, ...]:
    """Find the places that nearly print one of the phrases.

    Args:
        line: the folded text.
        lines: where its lines and paragraphs start.
        phrases: what is sought; those of one role stand for the same part.
        start: where to begin.
        end: where to stop; None for the text's end.
        taken: what was found exactly, ascending: nothing is sought in it.

    Returns:
        At most one for each place, ascending; the nearest phrase of each. Which of them are headings is decided by
        `placing.placed`.
    """
    stop = len(line) if end is None else end
    starts = _starts(line, lines, start, stop)
    if len(starts) > _MOST_STARTS:
        return ()
    heads = _heads(tuple(phrases))
    known = _Taken(taken)
    found = []
    for at, opening in starts:
        if known.holds(at):
            continue
        near = _by_letters(line, lines, heads, at, opening)
        if near is None or near.edits:
            # "Decisions & Rationales" is near to "Decision rationale", and means another part.
            near = _by_meaning(line, lines, phrases, at, opening) or near
        if near and near.span[1] <= stop and not known.prints(line, near):
            found.append(near)
    return _apart(found)


def near_lead(line: str, at: int, phrases: Sequence[Phrase]) -> NearMiss | None:
    """The sentence that a form prints after a heading, if the text after the heading is near to it.

    Args:
        line: the folded text.
        at: where the heading ends.
        phrases: the sentences.
    """
    from rapidfuzz.distance import OSA

    for phrase in phrases:
        sought = _letters(phrase)
        window = line[at : at + 2 * len(phrase.text)]
        letters = squeezed(window)
        most = len(sought) // _LETTERS_AN_EDIT
        sizes = range(max(1, len(sought) - most), min(len(sought) + most, len(letters)) + 1)
        edits, size = min(((OSA.distance(sought, letters[:size]), size) for size in sizes), default=(most + 1, 0))
        if edits <= most:
            end = at + _raw_ends(window)[size - 1]
            mark = re.compile(r"[\s.:]*").match(line, end)
            return NearMiss(phrase, FoldedSpan((at, mark.end() if mark else end)), edits, "letters", 6)
    return None


class _Taken:
    """What was found exactly."""

    def __init__(self, spans: Sequence[FoldedSpan]) -> None:
        self._spans = sorted(spans)
        self._starts = [start for start, _ in self._spans]
        # The end of all that begin no later than each.
        self._ends: list[int] = []
        for _, end in self._spans:
            self._ends.append(max(end, self._ends[-1] if self._ends else 0))

    def holds(self, at: int) -> bool:
        """Whether an offset is in it."""
        before = bisect_right(self._starts, at)
        return before > 0 and self._ends[before - 1] > at

    def prints(self, line: str, near: NearMiss) -> bool:
        """Whether it is all of a near miss's phrase: the words before it belong to the sentence before."""
        overlapping = self._spans[bisect_left(self._starts, near.span[0]) : bisect_left(self._starts, near.span[1])]
        return any(squeezed(line[slice(*span)]) == _letters(near.phrase) for span in overlapping)


def _apart(found: Sequence[NearMiss]) -> tuple[NearMiss, ...]:
    """The nearest of those that overlap."""
    kept: list[NearMiss] = []
    for each in found:
        if kept and each.span[0] < kept[-1].span[1]:
            if _distance(each) < _distance(kept[-1]):
                kept[-1] = each
        else:
            kept.append(each)
    return tuple(kept)


def _distance(near: NearMiss) -> tuple[bool, float]:
    return near.by == "meaning", near.edits / len(_letters(near.phrase))


def squeezed(text: str) -> str:
    """Letters in lower case without spaces and punctuation; what OCR takes for each other is alike."""
    return _NOT_LETTERS.sub("", text.lower().translate(_CONFUSED)).replace("rn", "m").replace("vv", "w")


def allowed_edits(letters: int) -> int:
    """The edits that a phrase of so many letters may have."""
    return min(_MOST_EDITS, max(1, letters // _LETTERS_AN_EDIT))


def _starts(line: str, lines: Lines, start: int, stop: int) -> list[tuple[int, int]]:
    """Where a heading or label could start, ascending, each with how much its place speaks for one, 1 to 3."""
    strengths: dict[int, int] = {}
    for found in _SENTENCE.finditer(line, start, stop):
        strengths[found.end()] = 2
    for found in _CAPITALS.finditer(line, start, stop):
        strengths.setdefault(found.end(), 2)
    for found in _OUTCOME_END.finditer(line, start, stop):
        strengths[found.end()] = 2
    for at in _within(lines.starts, start, stop):
        before = line[max(0, at - 3) : at].rstrip()
        strengths[at] = 3 if not before or before[-1] in ".!?:;)" else strengths.get(at, 1)
    for at in _within(lines.gaps, start, stop):
        strengths[at] = 3
    strengths[start] = 3
    starts = []
    for at in sorted(strengths):
        bullet = _BULLET.match(line, at, stop)
        starts.append((bullet.end() if bullet else at, strengths[at]))
    return starts


def _within(offsets: Sequence[int], start: int, stop: int) -> Sequence[int]:
    return offsets[bisect_left(offsets, start) : bisect_left(offsets, stop)]


@cache
def _letters(phrase: Phrase) -> str:
    return squeezed(phrase.text)


@cache
def _heads(phrases: tuple[Phrase, ...]) -> dict[str, list[Phrase]]:
    """Phrases by the first letters that they begin with."""
    heads: dict[str, list[Phrase]] = {}
    for phrase in {(_letters(phrase), phrase.role, phrase.decision): phrase for phrase in reversed(phrases)}.values():
        heads.setdefault(_letters(phrase)[:_HEAD], []).append(phrase)
    return heads


def _by_letters(line: str, lines: Lines, heads: dict[str, list[Phrase]], at: int, opening: int) -> NearMiss | None:
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extract

    window = line[at : at + _WINDOW]
    letters = squeezed(window)
    alike = extract(letters[:_HEAD], heads.keys(), scorer=OSA.distance, score_cutoff=_HEAD_EDITS, limit=None)
    phrases = [phrase for head, _, _ in alike for phrase in heads[head]]
    ends: list[int] = []
    found: list[tuple[float, bool, int, int, int]] = []
    for number, phrase in enumerate(phrases):
        sought = _letters(phrase)
        most = allowed_edits(len(sought))
        # An end that is off by some letters costs as many edits again: it is looked for only where these are few.
        if OSA.distance(sought, letters[: len(sought)], score_cutoff=2 * most) > 2 * most:
            continue
        ends = ends or _raw_ends(window)
        for size in range(max(1, len(sought) - most), min(len(sought) + most, len(letters)) + 1):
            end = ends[size - 1]
            after = window[end : end + 1]
            # A word goes on after the phrase, and it is not the next one, glued to it.
            inside = after.isalnum() and not (after.isupper() and window[end - 1].islower())
            edits = OSA.distance(sought, letters[:size], score_cutoff=most) + 2 * inside
            # Of two ends as near, the one at a colon or line's end.
            is_open = window[end : end + 2].lstrip()[:1] != ":" and not is_in(at + end + 1, lines.starts)
            if edits <= most:
                found.append((edits / len(sought), is_open, edits, end, number))
    placed = (
        _at_place(line, lines, phrases[number], FoldedSpan((at, at + end)), edits, "letters", opening)
        for _, _, edits, end, number in sorted(found)
    )
    return next((near for near in placed if near), None)


def _raw_ends(window: str) -> list[int]:
    """For each letter of the squeezed window, the offset just after what it stands for."""
    letters = [
        (letter, end)
        for end, printed in enumerate(window, 1)
        for letter in _NOT_LETTERS.sub("", printed.lower().translate(_CONFUSED))
    ]
    for pair in ("rn", "vv"):
        kept: list[tuple[str, int]] = []
        for letter, end in letters:
            if kept and kept[-1][0] + letter == pair:
                kept[-1] = ("m" if pair == "rn" else "w", end)
            else:
                kept.append((letter, end))
        letters = kept
    return [end for _, end in letters]


def _at_place(
    line: str,
    lines: Lines,
    phrase: Phrase,
    span: FoldedSpan,
    edits: int,
    by: Nearness,
    opening: int,
) -> NearMiss | None:
    """The near miss, if what follows it is what follows a heading or label."""
    closing = _CLOSING.match(line, span[1])
    end = closing.end() if closing else span[1]
    mark = closing["mark"] if closing else None
    # A sentence goes on with a small letter. Only a colon says more than that.
    goes_on = line[end : end + 1].islower() and not _OCR_CAPITAL.match(line, end)
    small = not (line[span[0]].isupper() or _OCR_CAPITAL.match(line, span[0]))
    if mark == ":":
        strength = 3
    elif goes_on or (small and not (opening == 3 and is_in(end, lines.starts))):
        return None
    elif end == len(line) or is_in(end, lines.gaps):
        strength = 3
    elif mark or is_in(end, lines.starts):
        strength = 2
    else:
        strength = 1
    place = opening + strength
    least = 3 if by == "letters" and 2 * edits <= allowed_edits(len(_letters(phrase))) else 4
    return NearMiss(phrase, FoldedSpan((span[0], end)), edits, by, place) if place >= least else None


def is_in(offset: int, offsets: Sequence[int]) -> bool:
    """Whether an offset is one of some, which ascend."""
    at = bisect_left(offsets, offset)
    return at < len(offsets) and offsets[at] == offset


def _by_meaning(line: str, lines: Lines, phrases: Sequence[Phrase], at: int, opening: int) -> NearMiss | None:
    if opening < 2:
        return None
    stop = at + _LABEL_LENGTH
    colon = line.find(":", at, stop)
    following = bisect_left(lines.starts, at + 1)
    if following < len(lines.starts):
        stop = min(stop, lines.starts[following])
    end = colon if 0 <= colon < stop else stop if stop in (len(line), *lines.starts[following : following + 1]) else -1
    role = meaning(line[at:end].strip(" *")) if end > at else None
    phrase = next((each for each in phrases if each.role == role), None)
    if phrase is None:
        return None
    near = _at_place(line, lines, phrase, FoldedSpan((at, at + len(line[at:end].rstrip(" *")))), 0, "meaning", opening)
    # Other words need the whole place: a start and a colon or line's end.
    return near if near and near.place >= 5 else None
