"""Outcome words of forms that nobody has seen: what a few printed words decide of a request, by a lexicon."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from imrllm.records import Decision

_HEADING = re.compile(r"\[(?P<name>\w+)\]")
# Words between two words that belong together: "is not considered to be medically necessary".
_REACH = 5
_SMALL = re.compile(r"[\s\W]*(?:(?:is|are|was|were|has|have|been|be|to|considered|deemed|found)[\s\W]*)*")
_SEPARATOR = re.compile(r"[.;:|]|\s-\s")


@cache
def _pattern() -> re.Pattern[str]:
    """One pattern with a group for each class of the word list."""
    classes: dict[str, list[str]] = {}
    name = ""
    for line in (files("imrllm.letter") / "outcome_words.txt").read_text(encoding="utf-8").splitlines():
        if heading := _HEADING.fullmatch(line.strip()):
            name = heading["name"]
            classes[name] = []
        elif line.strip() and not line.startswith("#"):
            classes[name].append(line.strip())
    groups = (f"(?P<{name}>{'|'.join(sorted(words, key=len, reverse=True))})" for name, words in classes.items())
    # "in part" is before "part", "no longer" before "no": of two words at one place the longer one counts.
    return re.compile(rf"(?<![a-z])(?:{'|'.join(groups)})(?![a-z])")


def read_outcome(words: str) -> Decision | None:
    """What printed outcome words decide.

    Args:
        words: the words of one outcome in folded text, with the rest of their line or sentence: a word that was left
            out could be "not".

    Returns:
        `upheld` if they leave the request denied, `overturned` if they allow it; None if they say neither, both, or
        something between.
    """
    found = list(_pattern().finditer(words.lower()))
    kinds = [(str(each.lastgroup), each) for each in found]
    if any(kind in ("between", "conditions") for kind, _ in kinds):
        return None
    decided = {_decided(kinds, index, words) for index, (kind, _) in enumerate(kinds) if kind in _SAYS}
    return decided.pop() if len(decided) == 1 else None


_SAYS: dict[str, Decision] = {"keeps": "upheld", "ends": "overturned", "refuses": "upheld", "allows": "overturned"}


def _decided(kinds: list[tuple[str, re.Match[str]]], index: int, words: str) -> Decision | None:
    """What one word decides, with its negation and what it is said of; None if that is unclear."""
    kind, word = kinds[index]
    negated = False
    of: set[str] = set()
    for other, (name, each) in enumerate(kinds):
        between = words[each.end() : word.start()] if other < index else words[word.end() : each.start()]
        if other == index or _SEPARATOR.search(between) or len(between.split()) > _REACH:
            continue
        if name == "not" and other < index and not _has_said(kinds[other + 1 : index]):
            negated = not negated
        elif name in ("decision", "request"):
            of.add(name)
    said = _SAYS[kind]
    if kind in ("keeps", "ends"):
        # "The appeal is sustained" is the opposite of "the denial is sustained"; of a request it is anyone's guess.
        if of == {"request"}:
            return None
    elif of == {"decision"}:
        return None
    if not negated:
        return said
    return "overturned" if said == "upheld" else "upheld"


def _has_said(between: list[tuple[str, re.Match[str]]]) -> bool:
    """Whether another outcome word stands between a negation and a word: the negation belongs to that one."""
    return any(kind in _SAYS for kind, _ in between)


def is_between(words: str) -> bool:
    """Whether words say something between the two outcomes: partly, modified, withdrawn."""
    return any(found.lastgroup == "between" for found in _pattern().finditer(words.lower()))


def outcome_start(words: str) -> int:
    """Where the words of an outcome begin, with its negation and what it is said of; their length if there is none."""
    found = list(_pattern().finditer(words.lower()))
    first = next((index for index, each in enumerate(found) if each.lastgroup in (*_SAYS, "between")), None)
    if first is None:
        return len(words)
    start = found[first].start()
    for before in reversed(found[:first]):
        # "The denial is upheld": nothing but small words between.
        if before.lastgroup not in ("decision", "not") or not _SMALL.fullmatch(words[before.end() : start].lower()):
            break
        start = before.start()
    return start


def speaks_of_review(words: str) -> bool:
    """Whether words keep or end the decision under review: no claims administrator says that of its own."""
    return any(found.lastgroup in ("keeps", "ends") for found in _pattern().finditer(words.lower()))
