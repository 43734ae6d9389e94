"""Read an outcome word that is nearly a form's own: "0verturned", "Up held", "Decision: Uphold"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from imrllm.letter.label_words import word_classes
from imrllm.letter.near_misses import Lines, NearMiss, Nearness, Phrase, allowed_edits, squeezed
from imrllm.spans import FoldedSpan

# What separates an outcome from the heading before it.
_MARKS = ":;.,=|*-"
# A word at the end of a text, with the mark before it; a page number can follow it.
_LAST_WORD = re.compile(
    rf"""
    (?P<mark>[\s{_MARKS}]*)
    (?P<word>[^\W\d_][\w|!$]*|\d[A-Za-z]\w+)
    [\s.,;:!*]*(?:(?<=\s)\d{{1,3}}\s)?$
    """,
    re.VERBOSE,
)
# Directly before the word, it decides otherwise, or only a part. "Upheld in part" does not end with an outcome's word.
_OTHERWISE = re.compile(
    r"\b(?:partial(?:ly)?|partly|in part|modified|conditionally|not|non|never|un)\b[\s:,-]*$", re.IGNORECASE
)
# Characters of the longest outcome with its label, and its words.
_REACH = 80
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
        The near miss, with the mark and label before it (": ", "Decision:"), up to the item's label. None for a word
        that is neither outcome, for a part of the request, and for a word of a sentence.
    """
    begin = max(start, end - _REACH)
    tail = line[begin:end]
    words: list[re.Match[str]] = []
    stop = len(tail)
    while len(words) < _MOST_WORDS and (found := _LAST_WORD.search(tail, 0, stop)):
        words.append(found)
        stop = found.start("mark")
        if found["mark"].strip():
            break
    # Longer ones first: "not medically necessary" ends with the other outcome.
    for first in reversed(words):
        read = decided(tail[first.start("word") : words[0].end("word")], outcomes)
        # A sentence can end with the word: "was upheld".
        if read is None or (first["word"][0].islower() and not first["mark"].strip()):
            continue
        if _OTHERWISE.search(tail, 0, first.start("word")):
            return None
        stop = first.start("mark")
        if labelled := _label().search(tail, 0, stop):
            stop = labelled.start()
        phrase, edits, by = read
        return NearMiss(phrase, FoldedSpan((begin + stop, end)), edits, by, 6)
    return None


def outcome_with_label(line: str, lines: Lines, outcome: NearMiss) -> NearMiss | None:
    """A form's own outcome with a label before it that the form does not print: "Decision: Upheld".

    Args:
        line: the folded text.
        lines: where its lines and paragraphs start.
        outcome: the outcome without that label.

    Returns:
        The outcome with the label; None if there is none.
    """
    start, end = outcome.span
    label = _label().search(line, max(0, start - _REACH), start)
    # The last words of a heading can be those of a label.
    if label is None or not (label["mark"].strip() or label.end("mark") in lines.starts):
        return None
    return NearMiss(outcome.phrase, FoldedSpan((label.start(), end)), 0, "meaning", 6)


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


@cache
def _label() -> re.Pattern[str]:
    """The label of an outcome ("Decision:") at the end of a text, with the mark before it."""
    labels = "|".join(sorted(word_classes()["outcome"]["labels"], key=len, reverse=True))
    return re.compile(rf"(?P<mark>[\s{_MARKS}]*)\b(?:{labels})$", re.IGNORECASE)
