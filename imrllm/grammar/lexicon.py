"""Many patterns over one text: a single scan finds where each may begin, and only there it is tried.

An engine that is given a list of patterns tries each at every character. Most cannot begin there: their first letters
are others. What the matches of a pattern begin with is derived from its source.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from imrllm.folding import caseless, in_lower_case

# A beginning is known up to so many characters, and a pattern may have so many: more cost more than they save.
_LONGEST = 4
_MOST = 400
_SET = r"\[\^?\]?(?:\\.|[^\]\\])*\]"
_TOKEN = re.compile(
    rf"""
    (?:
        (?P<never>\(\?!\))
        | (?P<looks>\(\?<?[=!])  # what is only looked at
        | (?P<opens>\((?:\?(?:P<\w+>|:))?)
        | \\[bBAZ] | [\^$]  # a place, and no character
        | (?P<digit>\\d)
        | \[(?P<letters>\w+)\]
        | (?P<any>\\\w | \. | {_SET})
        | \\?(?P<letter>.)
    )
    (?P<quantifier>[*+?]|\{{\d*,?\d*\}})?\??
    """,
    re.VERBOSE | re.DOTALL,
)
_BRACKET = re.compile(rf"\\.|{_SET}|(?P<bracket>[()|])", re.DOTALL)
_CLOSING = re.compile(r"\)(?P<quantifier>[*+?]|\{\d*,?\d*\})?\??")
# Spaces and comments of `re.VERBOSE`, beside what keeps its own.
_SPACING = re.compile(rf"(\\.|{_SET})|\s+|\#[^\n]*", re.DOTALL)


class _Beginnings(NamedTuple):
    """What matches begin with: texts right after which the match may go on, and texts of which no more is known."""

    open: frozenset[str]
    closed: frozenset[str]


_NONE: frozenset[str] = frozenset()
_EMPTY = _Beginnings(frozenset({""}), _NONE)
_UNKNOWN = _Beginnings(_NONE, frozenset({""}))


class Lexicon:
    """Patterns that are searched in a text together.

    Attributes:
        patterns: the patterns, compiled for text in lower case.
    """

    def __init__(self, alternatives: Sequence[Sequence[str]], sources: Sequence[str] | None = None) -> None:
        """Compile patterns.

        Args:
            alternatives: of each pattern, what it may begin with, without a bar outside of brackets.
            sources: the patterns, in any case, as `re.compile` takes them without flags; by default the alternatives
                with bars between them. None has a condition, a back-reference or flags of its own, and none matches an
                empty text.
        """
        sources = ["|".join(each) for each in alternatives] if sources is None else sources
        self.patterns = tuple(map(caseless, sources))
        numbers: dict[str, list[int]] = {}
        for number, each in enumerate(alternatives):
            for text in frozenset[str]().union(*map(beginnings, each)):
                numbers.setdefault(text, []).append(number)
        # A pattern that may begin with anything is searched by itself.
        self._anywhere = numbers.pop("", [])
        self._begun_by = {
            text: sorted({number for size in range(1, len(text) + 1) for number in numbers.get(text[:size], ())})
            for text in numbers
        }
        by_letter: dict[str, list[str]] = {}
        # The longest comes first: it says of all others whether they stand there.
        for text in sorted(numbers, key=lambda text: (-len(text), text)):
            by_letter.setdefault(text[0], []).append(re.escape(text))
        letters = (f"(?:{'|'.join(by_letter[letter])})" for letter in sorted(by_letter))
        place = r"\b" if all(source.startswith(r"\b") for source in sources) else ""
        self._scan = re.compile(f"{place}(?=({'|'.join(letters)}))")

    def matches(
        self, text: str, start: int = 0, end: int | None = None, *, without: Collection[int] = ()
    ) -> Iterator[tuple[int, re.Match[str]]]:
        """Find all patterns.

        Args:
            text: the text in lower case.
            start: where to begin, as in `re.Pattern.finditer`.
            end: where to end.
            without: numbers of patterns that are not searched.

        Yields:
            The number of a pattern and a match, in the order of the patterns: those that `finditer` of each finds.
        """
        end = len(text) if end is None else end
        begun: dict[str, list[int]] = {}
        for begin in self._scan.finditer(text, start, end):
            begun.setdefault(begin[1], []).append(begin.start())
        places: dict[int, list[int]] = {number: [] for number in self._anywhere}
        for beginning, found_at in begun.items():
            for number in self._begun_by[beginning]:
                places.setdefault(number, []).extend(found_at)
        for number in sorted(places.keys() - set(without)):
            if number in self._anywhere:
                yield from ((number, found) for found in self.patterns[number].finditer(text, start, end))
                continue
            match, free = self.patterns[number].match, start
            for at in sorted(places[number]):
                if at >= free and (found := match(text, at, end)):
                    yield number, found
                    free = found.end()

    def found_in(self, text: str) -> frozenset[int]:
        """The numbers of the patterns that a text in lower case has a match of."""
        return frozenset(number for number, _ in self.matches(text))

    def possible_in(self, text: str) -> list[int]:
        """The numbers of the patterns that may match somewhere in a text in lower case, in their order."""
        begun = set(self._anywhere)
        for begin in self._scan.finditer(text):
            begun.update(self._begun_by[begin[1]])
        return sorted(begun)


def glancing(source: str, flags: int = 0) -> re.Pattern[str]:
    """Compile a pattern as `caseless` does, with a glance at the next two letters before any of it is tried.

    At most places a pattern of many alternatives cannot begin: there, one comparison takes the place of many.

    Args:
        source: the pattern, in any case: without a condition, a back-reference or flags of its own.
        flags: 0 or `re.VERBOSE`.

    Returns:
        A pattern that finds what `caseless` would find. It is the same one if a match may begin with anything.
    """
    lower = in_lower_case(source)
    dense = _SPACING.sub(r"\1", lower) if flags & re.VERBOSE else lower
    begun = _beginnings(dense)
    by_letter: dict[str, set[str]] = {}
    for text in begun.open | begun.closed:
        by_letter.setdefault(text[:1], set()).add(re.escape(text[1:2]))
    if "" in by_letter:
        return re.compile(lower, flags)
    letters = (
        re.escape(letter) + ("" if "" in following else f"[{''.join(sorted(following))}]")
        for letter, following in sorted(by_letter.items())
    )
    place = r"\b" if all(each.startswith(r"\b") for each in _alternatives(dense)) else ""
    # The source may end in a comment.
    end = "\n" if flags & re.VERBOSE else ""
    return re.compile(f"{place}(?={'|'.join(letters)})(?:{lower}{end})", flags)


def beginnings(alternative: str) -> frozenset[str]:
    """What the matches of an alternative begin with: each begins with one of these.

    Args:
        alternative: the alternative, as `Lexicon` takes it.

    Returns:
        Texts of up to 4 characters, in lower case; an empty one if a match may begin with anything.
    """
    begun = _of_alternative(in_lower_case(alternative))
    return begun.open | begun.closed


@cache
def _beginnings(source: str) -> _Beginnings:
    found = [_of_alternative(each) for each in _alternatives(source)]
    return _Beginnings(_NONE.union(*(each.open for each in found)), _NONE.union(*(each.closed for each in found)))


def _alternatives(source: str) -> Iterator[str]:
    """What stands between the bars of a pattern that are outside of its brackets."""
    at = 0
    while at <= len(source):
        end = _end(source, at, "|")
        yield source[at:end]
        at = end + 1


def _of_alternative(source: str) -> _Beginnings:
    begun, at = _EMPTY, 0
    while at < len(source) and begun.open:
        token = _TOKEN.match(source, at)
        if token is None:
            raise ValueError(f"not a pattern: {source}")
        at, own, quantifier = token.end(), _EMPTY, token["quantifier"]
        if token["never"]:
            return _Beginnings(_NONE, _NONE)
        if token["looks"] or token["opens"]:
            closing = _CLOSING.match(source, end := _end(source, at, ")"))
            if closing is None:
                raise ValueError(f"a bracket is not closed: {source}")
            if token["opens"]:
                own, quantifier = _beginnings(source[at:end]), closing["quantifier"]
            at = closing.end()
        elif token["any"]:
            own = _UNKNOWN
        elif letters := "0123456789" if token["digit"] else token["letters"] or token["letter"]:
            own = _Beginnings(frozenset(letters), _NONE)
        begun = _joined(begun, _repeated(own, quantifier))
    return begun


def _end(source: str, at: int, stop: str) -> int:
    """The offset of a bar, or of the bracket that closes a group, outside groups of its own; else the source's end."""
    depth = 0
    for found in _BRACKET.finditer(source, at):
        bracket = found["bracket"]
        if not depth and bracket == stop:
            return found.start()
        depth += (bracket == "(") - (bracket == ")")
    return len(source)


def _repeated(own: _Beginnings, quantifier: str | None) -> _Beginnings:
    if not quantifier:
        return own
    once = own if quantifier == "?" else _Beginnings(_NONE, own.open | own.closed)
    return once if quantifier == "+" else _Beginnings(once.open | {""}, once.closed)


def _joined(begun: _Beginnings, own: _Beginnings) -> _Beginnings:
    """What begins with a text that goes on with another."""
    if own == _EMPTY:
        return begun
    longer = {first + then for first in begun.open for then in own.open}
    closed = {(first + then)[:_LONGEST] for first in begun.open for then in own.closed}
    closed |= {text[:_LONGEST] for text in longer if len(text) >= _LONGEST}
    if len(longer) + len(closed) > _MOST:
        return _Beginnings(_NONE, begun.open | begun.closed)
    return _Beginnings(frozenset(text for text in longer if len(text) < _LONGEST), begun.closed | closed)
