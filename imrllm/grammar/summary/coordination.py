"""Whether a comma or "and" in a list of diagnoses stands inside one diagnosis or between two."""

from __future__ import annotations

import re

from imrllm.grammar.summary.lists import WORDS, is_course, is_modifier, is_side, places, words_of

# Text after a comma that continues the diagnosis before it.
_GOES_ON = re.compile(
    r"""
    \s?(?:and\s)?(?:
        with(?:out)?\s  # "cuff tear, right shoulder, with residual stiffness"
        | (?:(?:due|secondary|related)\ to|associated\ with)\s
        | (?:aggravated|exacerbated|caused|complicated)\ by\s
        | (?:resulting|arising)\ (?:in|from)\s
        | not\ (?:otherwise|elsewhere|specified)\s
        | (?:initial|subsequent)\ encounter\b  # "fracture, initial encounter for closed fracture"
        | current\ injury\b  # "tear of medial meniscus, current injury"
        | (?:fascia|tendons?|ligaments?)\b  # "strain of muscle, fascia and tendon"
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What may follow the place of a condition: "C6-7 with stenosis".
_ADJUNCT = re.compile(
    r"\s(?:with(?:out)?|due to|secondary to|related to|associated with|status[ -]post|s/p)\s", re.IGNORECASE
)
_CONDITION = re.compile(WORDS["condition"], re.IGNORECASE)
_PLURAL = re.compile(
    r"(?:sprain|strain|tear|contusion|fracture|abrasion|laceration|injurie|syndrome|disorder|thought)s", re.IGNORECASE
)
_PAIRED = re.compile(WORDS["paired"], re.IGNORECASE)
_INFLAMED = re.compile(WORDS["inflamed"], re.IGNORECASE)
_GENERAL = re.compile(WORDS["general"], re.IGNORECASE)
_ADJECTIVAL = re.compile(WORDS["adjectival"], re.IGNORECASE)
_OPERATION = re.compile(
    rf"{WORDS['operation']}|{WORDS['connecting']}|surgical|arthroscopic|open|closed|internal|reduction|total|partial|\d+",
    re.IGNORECASE,
)
_STATUS_POST = re.compile(r"\s?(?:status[ -]post|s/p)\s", re.IGNORECASE)
_PLACED = re.compile(r"\b(?:of|in|to)\s", re.IGNORECASE)
_AFFECTING = re.compile(r"\b(?:affecting|involving|causing|both)\s", re.IGNORECASE)
_CAUSED = re.compile(r"\b(?:due|secondary|related) to\s", re.IGNORECASE)
_WITH = re.compile(r"\swith(?:out)?\s", re.IGNORECASE)
_HISTORY = re.compile(r"(?:\w+\s)?history of\s", re.IGNORECASE)
_MOOD = re.compile(r"depressed mood\b", re.IGNORECASE)
_LAST = re.compile(r"^\s?(?:and|as well as)\s", re.IGNORECASE)
# A side that its own noun does not follow: "low back pain with right", not "pain, left" or "pain on the left".
_DANGLING = re.compile(r"(?<![,(])\s(?P<side>\w+)$")
_ON_THE = re.compile(r"\b(?:the|than|on)$", re.IGNORECASE)


def continues(before: str, text: str) -> bool:
    """Whether the text after a comma continues the diagnosis before it: "cuff tear", "right shoulder"."""
    if _GOES_ON.match(text):
        return True
    if operated := _STATUS_POST.match(text):
        return _is_operation_on(before, text[operated.end() :])
    # "lumbar, hip, and neck strain" shares its noun.
    if is_modifier(before):
        return True
    pieces = _LAST.sub("", text).split(" and ")
    if is_course(pieces[0]):
        return True
    # "history of hypertension, asthma" shares its head.
    if _HISTORY.match(before.strip()) and _is_general(words_of(text)):
        return True
    # "sprain of the neck, right shoulder and anxiety"
    other = next((words for words in map(words_of, pieces) if words and not is_modifier(" ".join(words))), [])
    if other and is_modifier(pieces[0]) and not is_modifier(other[0]):
        return places(before, pieces[0]) and _PLACED.search(before) is not None
    return is_modifier(_bare(text)) and places(before, _bare(text))


def are_two(left: str, right: str, *, last: bool, closes_list: bool) -> bool:
    """Whether "and" separates two diagnoses: "sciatica and asthma", not "lumbar and cervical sprain".

    Args:
        left: the text before "and", from the start of its entry.
        right: the text after "and", to the next one or to the end of the entry.
        last: whether the entry is the last of its list.
        closes_list: whether a list with commas needs this "and" before its last entry.
    """
    if is_modifier(left) or is_modifier(_bare(right)):
        return False
    first, second = words_of(left), words_of(right)
    if not first or not second or _shares_noun(left, first, second):
        return False
    # "stress affecting sleep and mood", "adjustment disorder with anxiety and depressed mood"
    if _AFFECTING.search(left) or _MOOD.match(right) or _are_paired(first, words_of(_bare(right)), second):
        return False
    if not closes_list and (_share_preposition(left, second) or (_HISTORY.match(left) and _is_general(second))):
        return False
    return last or (has_condition(first) and has_condition(second))


def has_condition(words: list[str]) -> bool:
    """Whether one of the words is the head of a diagnosis: "strain", "neuritis"."""
    return any(_CONDITION.fullmatch(word) for word in words)


def _bare(text: str) -> str:
    """A text without what comes with it: "C6-7" of "C6-7 with stenosis"."""
    adjunct = _ADJUNCT.search(text, 1)
    return text[: adjunct.start()] if adjunct else text


def _is_operation_on(before: str, text: str) -> bool:
    """Whether an operation names no part of the body but those of the diagnosis before it: "cuff tear", "repair"."""
    named = {word.lower() for word in words_of(before)}
    return all(_OPERATION.fullmatch(word) or (word.lower() in named and is_modifier(word)) for word in words_of(text))


def _shares_noun(left: str, first: list[str], second: list[str]) -> bool:
    """Whether the noun of the text before "and" stands behind the text after it."""
    dangling = _DANGLING.search(left)
    if dangling and is_side(dangling["side"]) and not _ON_THE.search(left[: dangling.start()]):
        return True
    if has_condition(first):
        return False
    # "homicidal and suicidal thoughts", "flexor and extensor strain", "De Quervain's and carpal tunnel syndromes"
    return _ADJECTIVAL.fullmatch(first[-1]) is not None or any(_PLURAL.fullmatch(word) for word in second)


def _are_paired(first: list[str], bare: list[str], second: list[str]) -> bool:
    """Whether two conditions share their place.

    "Cervical sprain and strain", "numbness and weakness of the hand" and "wrist tendinitis and bursitis" do.
    """
    if _PAIRED.fullmatch(first[-1]) and _PAIRED.fullmatch(second[0]) and 1 in (len(first), len(bare)):
        return True
    return (
        _INFLAMED.fullmatch(first[-1]) is not None
        and len(bare) == 1
        and _INFLAMED.fullmatch(bare[0]) is not None
        and any(is_modifier(word) for word in first)
    )


def _share_preposition(left: str, second: list[str]) -> bool:
    """Whether the text after "and" depends on a preposition before it: "disc disease with radiculitis and stenosis"."""
    if any(is_modifier(word) and not is_course(word) for word in second):
        return False
    if _CAUSED.search(left):
        return True
    joined = list(_WITH.finditer(left))
    if not joined or not has_condition(second):
        return False
    return _is_general(words_of(left[joined[-1].end() :])) == _is_general(second)


def _is_general(words: list[str]) -> bool:
    """Whether a condition is one of the whole person, not of a place: "insomnia", "hypertension"."""
    return any(_GENERAL.fullmatch(word) for word in words)
