"""Lists in running text: find them and split them into entries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import count

from imrllm.grammar.reading import MASK, Part, Reading, split_outside_brackets, tightened
from imrllm.grammar.summary.stated_dates import SENTENCE_END, sentence_ends
from imrllm.grammar.word_lists import read_words
from imrllm.spans import PartSpan

WORDS = read_words("summary/words.txt")
_MONTHS = read_words("words.txt")["months"]
# The words between the name of a list and its entries. Written for `re.VERBOSE`.
LISTS = r"""
(?:
    (?:\ (?:is|are|was|were|has|have|had)(?:\ (?:also|previously|currently|reportedly))?)?
    (?:\ (?:documented|listed|noted|given|reported|stated)(?:\ as(?=\ ))?)?
    (?:
        \ as\ follows
        | (?<=\ as)  # "are listed as"
        | \ (?:to\ )?(?:include[sd]?|including|consist(?:s|ed)?\ of|compris(?:es?|ed)(?:\ of)?|to\ be)
            (?:\ the\ following(?:\ \w+(?=:))?)?  # "were noted to include", "has included the following"
        | \s?:  # "are noted:"
    )
)
"""
# The most characters of an entry.
LONGEST_ENTRY = 110
# The most words of a last entry behind a semicolon that follows commas.
_FEW = 6
_VERB = re.compile(rf"\b(?:{WORDS['clause']}|{WORDS['use_verb']})\b", re.IGNORECASE)
_CLAUSE = re.compile(rf"\b(?:{WORDS['clause']})\b", re.IGNORECASE)
_NOTHING = re.compile(r"(?:no|not|none|never|unknown|unclear|n/a)\b", re.IGNORECASE)
_DASHES = re.compile(r"(?:^|(?<=[a-z)])\s?)-\s", re.IGNORECASE)
_BULLETS = re.compile("[\u2022\u25aa\u25e6\u00b7\uf0b7]")
_BRACKET = re.compile(r"[()]")
# The number that opens an entry inside a list: " 2. ", " (3) ".
_ENTRY_NUMBER = re.compile(r"\s(?=\(?\d{1,2}[.)]\s?(?:[a-z]|\d{3}\.\d))", re.IGNORECASE)
_MARK = re.compile(r"(?<![\w/-])\(?(?P<number>\d{1,2})[.)]\s?(?:(?!\d)|(?=\d{3}\.\d))")
_END = re.compile(rf"{SENTENCE_END.pattern}|\.(?=[\"']\s)")
# Of a list with numbers or dashes the last entry may be glued to the next sentence: "3. Anxiety disorderPast care".
_GLUED_END = re.compile(rf"{_END.pattern}|(?<=[a-z])(?=[A-Z][a-z])")
# The text before the name of a list inside another list: ", medications include".
_ENTRY_BEFORE = re.compile(r"(?:[,;:(]\s?(?:and\s)?|\sand\s)$", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9']+", re.IGNORECASE)
_JOINED = re.compile(rf"(?:{WORDS['joining']})(?:\s+|$)", re.IGNORECASE)
_NUMBER_FIRST = re.compile(r"\s*\(?\d{1,2}[.)]\s?")
_TRAILING_AND = re.compile(r"\s(?:and|or|with|then)$", re.IGNORECASE)
_QUOTES = "\"'"
# A word that names a place, a side, a level, a date or the course of a condition.
_MODIFIER = re.compile(
    rf"{WORDS['sides']}|{WORDS['course']}|{WORDS['parts']}|{WORDS['connecting']}|{_MONTHS}"
    r"|[ctls]?\d{1,2}|(?:19|20)\d\d",
    re.IGNORECASE,
)
_SIDE = re.compile(WORDS["sides"], re.IGNORECASE)
_COURSE = re.compile(WORDS["course"], re.IGNORECASE)
_PART = re.compile(rf"{WORDS['parts']}|{WORDS['connecting']}", re.IGNORECASE)
# An opening bracket that is never closed: it would hide the separators behind it.
_UNPAIRED = re.compile(r"[(\[](?![^()\[\]]*[)\]])")
_BRACKETED = re.compile(r"\([^()]*\)")
# The rest of a date after a comma: "on March 3, 2016", "in April, July and October 2016".
_YEAR = re.compile(rf"\s(?:and\s)?(?:(?:19|20)\d\d|{_MONTHS})\b", re.IGNORECASE)
_REGION = re.compile(r"spine|regions?|areas?|levels?|extremit(?:y|ies)|limbs?", re.IGNORECASE)
_PLACED = re.compile(r"\b(?:of|in|to|at|for|on)\s", re.IGNORECASE)


def remembered(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    """Whether a pattern matches a whole word. Letters have the same few thousand words: the answers are kept."""
    return lru_cache(maxsize=4096)(lambda word: pattern.fullmatch(word) is not None)


_is_modifier, _is_side = remembered(_MODIFIER), remembered(_SIDE)
_is_course, _is_part = remembered(_COURSE), remembered(_PART)


def read_entries(lists: Iterable[tuple[Part, str]], split: Callable[[Part, str], Iterator[Part]]) -> list[Reading[str]]:
    """Read the entries of several lists, each entry once.

    Args:
        lists: the lists, each with the separator of its entries, "," or ";".
        split: splits a list, given its separator, into tidy entries.
    """
    readings: list[Reading[str]] = []
    seen: set[str] = set()
    for listed, separator in lists:
        for entry in split(listed, separator):
            # An entry is a name. Text with a verb of its own is no longer the list.
            if (
                entry.text
                and len(entry.text) <= LONGEST_ENTRY
                and not _CLAUSE.search(entry.text)
                and not _NOTHING.match(entry.text)
                and entry.text.lower() not in seen
            ):
                seen.add(entry.text.lower())
                readings.append(entry.reading(entry.printed, 0, len(entry.text)))
    return readings


def find_lists(part: Part, lead: re.Pattern[str]) -> Iterator[tuple[Part, str]]:
    """Find the lists that follow a name, in printed order.

    Args:
        part: the text to search.
        lead: matches the name before a list, in lower case. Its group "bracket" matches if the list is in brackets.

    Yields:
        Each list without its name, and the separator of its entries, "," or ";".
    """
    position, lower = 0, part.lower
    while match := lead.search(lower, position):
        last = _last_number(part.text, match.end())
        dashed = part.text.startswith("- ", match.end())
        stop = (_END if last is None and not dashed else _GLUED_END).search(part.text, last or match.end())
        end = stop.start() if stop else len(part.text)
        if match["bracket"]:
            end = _closing(part.text, match.end())
        for following in lead.finditer(lower, match.end(), end):
            if _ENTRY_BEFORE.search(part.text, max(match.end(), following.start() - 9), following.start()):
                end = following.start()
                break
        position = max(end, match.end())
        text = _BULLETS.sub(";", _UNPAIRED.sub(" ", part.text[match.end() : end]))
        if dashed:
            text = _DASHES.sub(lambda dash: ";".ljust(len(dash.group())), text)
        if last is not None:
            text = _ENTRY_NUMBER.sub(";", text)
        # A list that has semicolons is split at them alone: its commas belong to the entries. One semicolon behind many
        # commas ends the list, or stands before its last entry.
        separator = ";" if ";" in text else ","
        if last is None and text.count(";") == 1 and text.count(",", 0, text.index(";")) >= 2:
            before, _, after = text.partition(";")
            is_entry = after.startswith(" and ") or (len(words_of(after)) <= _FEW and not _VERB.search(after))
            text, separator = f"{before},{after}" if is_entry else before, ","
        yield Part(text, part.printed[match.end() : match.end() + len(text)], part.start + match.end()), separator


def _closing(text: str, at: int) -> int:
    """Where the bracket that was opened before an offset closes; the text's end where it does not."""
    depth = 1
    for found in _BRACKET.finditer(text, at):
        depth += 1 if found.group() == "(" else -1
        if not depth:
            return found.start()
    return len(text)


def _last_number(text: str, start: int) -> int | None:
    """Where the last entry of a numbered list begins; None where the list does not open with its number 1."""
    at: int | None = None
    for number in count(1):
        low = start if at is None else at
        marks = _MARK.finditer(text, low, low + LONGEST_ENTRY)
        marked = next((mark for mark in marks if int(mark["number"]) == number), None)
        if marked is None or (number == 1 and marked.start() > start + 1):
            break
        at = marked.end()
    return at


def split_entries(text: str, separator: str, goes_on: Callable[[str, str], bool]) -> list[PartSpan]:
    """Split a list at its separators.

    Args:
        text: the list.
        separator: the character between entries. An entry may contain commas, but no semicolon.
        goes_on: whether the text after a comma continues the entry before the comma, given both texts.

    Returns:
        The span of each entry within the list.
    """
    entries: list[PartSpan] = []
    for start, end in split_outside_brackets(text, separator):
        first, before = entries[-1] if entries else (0, 0)
        if (
            entries
            and separator == ","
            and (
                _YEAR.match(text, start) or goes_on(text[max(first, before - LONGEST_ENTRY) : before], text[start:end])
            )
        ):
            entries[-1] = PartSpan((first, end))
        else:
            entries.append(PartSpan((start, end)))
    return entries


def split_at(
    joint: re.Pattern[str], text: str, start: int, end: int, are_two: Callable[[str, str, str], bool]
) -> list[PartSpan]:
    """Split a stretch of a list at the conjunctions that join two entries.

    Args:
        joint: matches a possible conjunction: "and".
        text: the list.
        start: the start of the stretch.
        end: the end of the stretch.
        are_two: whether the text before a conjunction and the text after it are two entries, given the text before,
            the conjunction, and the text after.

    Returns:
        The span of each entry within the list.
    """
    entries: list[PartSpan] = []
    # A joint inside brackets joins no entries.
    masked = _BRACKETED.sub(lambda found: MASK * len(found.group()), text[start:end])
    joints = [(start + joined.start(), start + joined.end()) for joined in joint.finditer(masked)]
    for index, (left_end, right) in enumerate(joints):
        left = text[max(start, left_end - LONGEST_ENTRY) : left_end]
        # The right side ends at the next joint; in "and right and left elbow", at the one after it.
        ends = [low for low, _ in joints[index + 1 : index + 3]] + [end]
        right_end = ends[1] if len(ends) > 1 and is_side(text[right : ends[0]]) else ends[0]
        if left_end > start and are_two(left.strip(), text[left_end:right], text[right:right_end].strip()):
            entries.append(PartSpan((start, left_end)))
            start = right
    return [*entries, PartSpan((start, end))]


def sentences(part: Part) -> Iterator[Part]:
    """The sentences of a text, each with the full stop of the one before."""
    start = 0
    for end in (*(stop for stop, _ in sentence_ends(part.text)), len(part.text)):
        yield part.cut(start, end)
        start = end


def words_of(text: str) -> list[str]:
    """The words and figures of a text."""
    return _WORD.findall(text)


def is_modifier(text: str) -> bool:
    """Whether a text only names places, sides or the course of a condition: "right knee", "L4-5", "chronic"."""
    return _consists_of(_is_modifier, text)


def is_side(text: str) -> bool:
    """Whether a text only names a side: "right", "bilateral"."""
    return _consists_of(_is_side, text)


def is_course(text: str) -> bool:
    """Whether a text only describes the course of a condition: "chronic", "subsequent encounter"."""
    return _consists_of(_is_course, text)


def _consists_of(is_word: Callable[[str], bool], text: str) -> bool:
    words = words_of(_BRACKETED.sub("", text) if "(" in text else text)
    return bool(words) and all(map(is_word, words))


def places(before: str, text: str) -> bool:
    """Whether a modifier belongs to the text before it: "cuff tear", "right shoulder"; "strain of the hip", "ankle".

    A body part without a side belongs to it only if the text before names a place, too, or if it is a whole region.
    """
    words = words_of(text)
    return (
        not all(map(_is_part, words)) or _REGION.fullmatch(words[-1]) is not None or _PLACED.search(before) is not None
    )


def untied(part: Part) -> Part:
    """Strip an entry's number, quotes and articles, and the words that join it to other entries."""
    # The number comes off first: its bracket would count as the entry's.
    numbered = _NUMBER_FIRST.match(part.text)
    start, end = tightened(part.text, numbered.end() if numbered else 0, len(part.text))
    while (lead := _JOINED.match(part.text, start, end) or _NUMBER_FIRST.match(part.text, start, end)) is not None:
        start = lead.end()
    while start < end and part.text[start] in _QUOTES:
        start += 1
    while start < end and (part.text[end - 1] in _QUOTES or part.text[end - 1] in " .,"):
        end -= 1
    if trailing := _TRAILING_AND.search(part.text, start, end):
        end = trailing.start()
    return part.cut(*tightened(part.text, start, end))
