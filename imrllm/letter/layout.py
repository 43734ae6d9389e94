"""Where paragraphs and sentences end: the layout that separates a heading from the rationale before it."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from imrllm.folding import Folded

# A partly authorized request is a heading of two or three sentences, each with one of these endings.
PARTLY_AUTHORIZED = re.compile(
    r"""
    was\ the\ original\ request\.?$
    | (?:was|were)\ authorized\ by\ the\ Claims\ Administrator\.?$
    | leaving\ the\ original\ request\ IMR\ eligible\.?$
    | ^The\ Claims\ Administrator\ authorized\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Running footers of the full letters belong to no paragraph.
FOOTER_WORDS = "Final Determination Letter for IMR Case Number"
FOOTER = re.compile(
    rf"""
    ^[^\S\n]*{re.escape(FOOTER_WORDS)}[^\n]{{0,60}}$  # a line of its own, with its page number
    # In a text without line breaks, the number after it could also be the count at the start of a heading.
    | {re.escape(FOOTER_WORDS)}:?[^\S\n]?CM[^\S\n]?\d{{2}}[^\S\n]?-[^\S\n]?\d{{6,7}}\b
    """,
    re.MULTILINE | re.VERBOSE,
)
_CAPITALS_BEFORE = re.compile(r"(?<![A-Z0-9-])[A-Z][A-Za-z0-9|]{2,}[A-Z] $")
# Starts at the first newline: leading white space would be retried from each of its characters.
_BREAK = re.compile(r"\n\s*")
# A text with a longer line, in characters, is not wrapped: each line break ends a paragraph.
_LONGEST_WRAPPED_LINE = 240
# Also matches where a lost line break joined two sentences.
_SENTENCE_END = re.compile(r"[.!?][\"')\]]{0,2}\s(?=[A-Z0-9(\"'#])|(?<=[a-z])[.!?](?=[A-Z][a-z])")
_ENDS_SENTENCE = re.compile(r"[.!?:][\"')\]]{0,2}$")
_FINITE_VERB = re.compile(
    r"""
    \b(?:
        is | are | was | were | has | have | had | does | do | did | not
        | should | would | will | may | can | cannot | be | been | states? | recommends?
    )\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Words that conclude and never name a treatment: with them, even a short sentence belongs to a rationale ("Denied.").
_CONCLUDES = re.compile(
    r"""
    \bmedical(?:ly)?\s?(?:necess|unnecess)  # "medically necessary", "medical necessity"
    | \bdenied\b
    | \bnot\ (?:certified|approved|supported|recommended|indicated|warranted|justified|established|authorized)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_cut(line: str, start: int, end: int) -> bool:
    """Whether a heading or label that was found is only a part of what is printed.

    A word goes on after it ("CLINICAL CASE SUMMARYS"), or its first word was not found ("CLINIICAL CASE SUMMARY").
    """
    after = line[end : end + 2]
    if line[end - 1 : end].isalpha() and (after[:1].islower() or (after[:1] == "S" and not after[1:].isalpha())):
        return True
    return line[start : start + 4].isupper() and _CAPITALS_BEFORE.search(line, max(0, start - 12), start) is not None


def without_footers(text: str) -> str:
    """Replace running footers with spaces. All other characters keep their offsets."""
    if FOOTER_WORDS not in text:
        return text
    return FOOTER.sub(lambda footer: " " * len(footer.group()), text)


def paragraph_gaps(text: str, folded: Folded) -> tuple[int, ...]:
    """Folded offsets of the first character after each paragraph gap.

    A gap is a break with more newlines than the text usually has: some extractors print every newline twice. If the
    lines are not wrapped, every break is a gap.
    """
    breaks = [(found.end(), found.group().count("\n")) for found in _BREAK.finditer(text)]
    if not breaks:
        return ()
    usual = Counter(count for _, count in breaks).most_common(1)[0][0]
    if max(map(len, text.split("\n"))) > _LONGEST_WRAPPED_LINE:
        usual = 0
    return tuple(folded.folded_offset(end) for end, count in breaks if count > usual)


def heading_start(text: str, start: int, end: int, gaps: tuple[int, ...]) -> int:
    """Find where the heading that ends at `end` starts, in text that begins with the rationale before it.

    The heading is the last paragraph, except in three layouts: a page break can remove the gap before a heading or add
    one inside it, and a text without line breaks has no gaps. Then the sentences decide: a rationale consists of
    sentences, and a heading does not, except for the fixed sentences of a partly authorized request.

    Args:
        text: the folded text.
        start: offset of the rationale's first character.
        end: offset just after the heading.
        gaps: offsets after each paragraph gap of the letter, ascending.

    Returns:
        The offset of the heading's first character.
    """
    starts = [start, *(gap for gap in gaps if start < gap < end)]
    chosen = len(starts) - 1
    while chosen > 1 and _is_fragment(text[starts[chosen - 1] : starts[chosen]].rstrip()):
        chosen -= 1
    begin = starts[chosen]
    sentences = [begin, *(found.end() for found in _SENTENCE_END.finditer(text, begin, end))]
    least_words = 8 if chosen else 4
    for sentence, following in pairwise(sentences):
        if is_prose(text[sentence:following].strip(), least_words):
            begin = following
    return _with_original_request(text, start, begin)


def _with_original_request(text: str, start: int, begin: int) -> int:
    """Move the start back over the fixed sentences of a partly authorized request directly before it."""
    before = [start, *(found.end() for found in _SENTENCE_END.finditer(text, start, begin))]
    for sentence in reversed(before):
        if sentence < begin:
            if not PARTLY_AUTHORIZED.search(text[sentence:begin].strip()):
                break
            begin = sentence
    return begin


def _is_fragment(paragraph: str) -> bool:
    """Whether a paragraph is the first half of a heading that a page break split."""
    if _ENDS_SENTENCE.search(paragraph):
        return bool(PARTLY_AUTHORIZED.search(paragraph))
    last = max((found.end() for found in _SENTENCE_END.finditer(paragraph)), default=0)
    return not is_prose(paragraph[last:], 4)


def is_prose(sentence: str, least_words: int) -> bool:
    """Whether a sentence argues, as in a rationale, and does not name a treatment."""
    if PARTLY_AUTHORIZED.search(sentence):
        return False
    if _CONCLUDES.search(sentence):
        return True
    return sentence.count(" ") + 1 >= least_words and bool(_FINITE_VERB.search(sentence))
