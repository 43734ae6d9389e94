"""Read an outcome word that is nearly a form's own: "0verturned", "Up held", "Decision: Uphold"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from imrllm.letter.label_words import word_classes
from imrllm.letter.near_misses import NearMiss, Nearness, Phrase, allowed_edits, squeezed
from imrllm.spans import FoldedSpan

# What separates an outcome from the heading before it.
_MARKS = ":;.,=|*-"
# What can follow it, before a page number.
_AFTER = " .,;:!*"
# OCR prints these for letters.
_IN_WORDS = "|!$"
# Directly before the word, it decides otherwise, or only a part. "Upheld in part" does not end with an outcome's word.
_OTHERWISE = re.compile(
    r"\b(?:partial(?:ly)?|partly|in part|modified|conditionally|not|non|never|un)\b[\s:,-]*$", re.IGNORECASE
)
# Characters of the longest outcome with what is around it, and its words.
_REACH = 80
_PAGE_DIGITS = 3
_MOST_WORDS = 5
# The other outcome must be farther by so many edits: "medically necessary" is near to "not medically necessary".
_CLEARLY = 2


def outcome_before(line: str, start: int, end: int, outcomes: Sequence[Phrase]) -> NearMiss | None:
    """An outcome directly before an item's first label, near to one of a form's.

    Args:
        line: the folded text.
        start: where to look from.
        end: the label's start.
        outcomes: the form's outcome words, each with its decision.

    Returns:
        The near miss, with the mark before it, up to the item's label. None for a word
        that is neither outcome, for a part of the request, and for a word of a sentence.
    """
    begin = max(start, end - _REACH)
    tail = line[begin:end]
    words: list[_Word] = []
    while len(words) < _MOST_WORDS and (found := _last_word(tail[: words[-1].mark] if words else tail)):
        words.append(found)
        if found.is_marked:
            break
    # Longer ones first: "not medically necessary" ends with the other outcome.
    for first in reversed(words):
        read = decided(tail[first.start : words[0].end], outcomes)
        # A sentence can end with the word: "was upheld".
        if read is None or (tail[first.start].islower() and not first.is_marked):
            continue
        if _OTHERWISE.search(tail, 0, first.start):
            return None
        phrase, edits, by = read
        return NearMiss(phrase, FoldedSpan((begin + first.mark, end)), edits, by, 6)
    return None


def decided(printed: str, outcomes: Sequence[Phrase]) -> tuple[Phrase, int, Nearness] | None:
    """What some words decide.

    Args:
        printed: the words.
        outcomes: the form's outcome words.

    Returns:
        The form's outcome, the edits to it, and in what the words are near to it; None if they are near to none, or to
        both decisions.
    """
    from rapidfuzz.distance import OSA

    letters = squeezed(printed)
    edits = sorted(
        ((OSA.distance(squeezed(phrase.text), letters), phrase) for phrase in outcomes), key=lambda each: each[0]
    )
    nearest, phrase = edits[0]
    other = next((far for far, each in edits if each.decision != phrase.decision), len(letters))
    if nearest <= allowed_edits(len(squeezed(phrase.text))) and other - nearest >= _CLEARLY:
        return phrase, nearest, "letters"
    classes = word_classes()["outcome"]
    for each in outcomes:
        if each.decision and any(letters == squeezed(word) for word in classes[each.decision]):
            return each, 0, "meaning"
    return None


@dataclass(frozen=True, slots=True)
class _Word:
    """The last word or words of a text.

    Attributes:
        mark: where the marks and spaces before it start.
        start: where it starts.
        end: where it ends.
        is_marked: whether more than spaces separate it from what is before.
    """

    mark: int
    start: int
    end: int
    is_marked: bool


def _last_word(text: str) -> _Word | None:
    """The last word of a text, without marks and a page number after it; None if it is a number."""
    ended = text.rstrip()
    before, _, last = ended.rpartition(" ")
    if ended != text and last.isdigit() and len(last) <= _PAGE_DIGITS:
        ended = before
    end = len(ended.rstrip(_AFTER))
    start = end
    while start and (text[start - 1].isalnum() or text[start - 1] in _IN_WORDS):
        start -= 1
    word = text[start:end]
    # "0verturned", not "90" and not "5mg".
    if not word[:1].isalpha() and not (word[:1].isdigit() and len(word) > _PAGE_DIGITS and word[1:].isalpha()):
        return None
    return _marked(text, start, end)


def _marked(text: str, start: int, end: int) -> _Word:
    mark = len(text[:start].rstrip(_MARKS + " "))
    return _Word(mark, start, end, bool(text[mark:start].strip()))
