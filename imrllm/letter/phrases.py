"""The syntax of a form's phrases, and the patterns that they become.

A phrase is plain text. `[words]` may be absent, `{one|another}` is either, and `{item}`, `{number}` and the like stand
for what differs from letter to letter. A space stands for white space, and a colon may have a space before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

# What a placeholder stands for. Every repeat is bounded, or the token after it starts with another character.
PLACEHOLDERS: Mapping[str, str] = {
    "number": r"(?P<number>\d{1,2})\s?",
    # One sentence, with the decimals of its numbers: "Norco 7.5/325mg #60".
    "item": r"(?P<item>[^.]{1,400}(?:\.\d[^.]{0,400}){0,6}?)\s?\b",
    "date": r"(?:[\d/-]{6,10}|[A-Z][a-z]{2,8}\ \d{1,2},\ \d{4})",
    "words": r"[a-z,\ ]{0,60}",
}
# What `{outcome}` and `{value}` stand for depends on where they are.
_PLACED = ("outcome", "value")
# The value of a label that is printed around it, in characters.
_VALUE_REACH = 40
_PIECE = re.compile(r"[\[\]{}|]|[^\[\]{}|]+")
_DEEPEST = 4
# Brackets and braces of one phrase, and placeholders in it that stand for any words: each multiplies the ways in which
# a text can fail to match.
_MOST_GROUPS = 16
_LONG = ("{item}", "{words}", "{value}")
_MOST_PRINTINGS = 24


@dataclass(frozen=True, slots=True)
class _Node:
    """A piece of a phrase: its kind, its text, and the alternatives that are within it."""

    kind: str
    text: str = ""
    inner: tuple[tuple[_Node, ...], ...] = ()


@cache
def parsed(phrase: str) -> tuple[_Node, ...]:
    """A phrase's pieces.

    Raises:
        ValueError: a bracket or brace is not closed, a placeholder is unknown, or there are too many of them. The
            message says which.
    """
    if phrase.count("[") + phrase.count("{") > _MOST_GROUPS:
        raise ValueError(f"a phrase can have {_MOST_GROUPS} brackets and braces")
    if sum(map(phrase.count, _LONG)) > 1:
        raise ValueError(f"a phrase can have one of {', '.join(f'`{each}`' for each in _LONG)}, once")
    nodes, rest = _parsed(_PIECE.findall(phrase), "", 0)
    if rest:
        raise ValueError(f"`{rest[0]}` has nothing that it closes")
    return nodes[0]


def _parsed(pieces: list[str], closing: str, depth: int) -> tuple[tuple[tuple[_Node, ...], ...], list[str]]:
    """The alternatives up to a closing character, and the pieces from that character on."""
    if depth > _DEEPEST:
        raise ValueError("brackets are nested too deeply")
    alternatives: list[list[_Node]] = [[]]
    while pieces and pieces[0] not in ("]", "}"):
        piece, *pieces = pieces
        if piece == "|" and closing == "}":
            alternatives.append([])
        elif piece in ("[", "{"):
            ends = "]" if piece == "[" else "}"
            inner, pieces = _parsed(pieces, ends, depth + 1)
            if pieces[:1] != [ends]:
                raise ValueError(f"`{piece}` is not closed")
            pieces = pieces[1:]
            alternatives[-1].append(_Node("optional", inner=inner) if piece == "[" else _braced(inner))
        else:
            alternatives[-1].append(_Node("text", piece))
    return tuple(map(tuple, alternatives)), pieces


def _braced(inner: tuple[tuple[_Node, ...], ...]) -> _Node:
    if len(inner) > 1:
        return _Node("either", inner=inner)
    name = "".join(node.text for node in inner[0] if node.kind == "text")
    if name not in (*PLACEHOLDERS, *_PLACED):
        known = ", ".join(f"`{{{each}}}`" for each in (*PLACEHOLDERS, *_PLACED))
        raise ValueError(f"`{{{name}}}` is not a placeholder: {known} are")
    return _Node("placeholder", name)


def placeholders(phrase: str) -> frozenset[str]:
    """The names of a phrase's placeholders, at any depth."""

    def within(nodes: Iterable[_Node]) -> Iterable[str]:
        for node in nodes:
            if node.kind == "placeholder":
                yield node.text
            for alternative in node.inner:
                yield from within(alternative)

    return frozenset(within(parsed(phrase)))


def states_outcome(phrase: str) -> bool:
    """Whether a phrase has the placeholder `{outcome}`."""
    return "outcome" in placeholders(phrase)


def plain(phrase: str) -> str:
    """A phrase as it is usually printed: with what may be absent, and the first of alternatives."""

    def text(nodes: Iterable[_Node]) -> str:
        return "".join(
            node.text if node.kind == "text" else "" if node.kind == "placeholder" else text(node.inner[0])
            for node in nodes
        )

    return re.sub(r"\s+", " ", text(parsed(phrase))).strip()


def printings(phrase: str, outcome: str = "") -> tuple[str, ...]:
    """How a phrase can be printed, the shortest first: each choice of alternatives, up to some dozens.

    Args:
        phrase: the phrase.
        outcome: what `{outcome}` stands for; other placeholders are left out.
    """

    def of(nodes: Iterable[_Node]) -> list[str]:
        texts = [""]
        for node in nodes:
            if node.kind == "text":
                choices = [node.text]
            elif node.kind == "placeholder":
                choices = [outcome if node.text == "outcome" else ""]
            else:
                choices = [""] if node.kind == "optional" else []
                choices += [text for alternative in node.inner for text in of(alternative)]
            texts = [text + choice for text in texts for choice in choices][:_MOST_PRINTINGS]
        return texts

    return tuple(dict.fromkeys(re.sub(r"\s+", " ", text).strip() for text in of(parsed(phrase)) if text.strip()))


def expression(
    phrases: Iterable[str], *, outcome: str = "", spaces_may_be_lost: bool = False, ends_open: bool = False
) -> str:
    """The regular expression of some phrases, in the syntax of `re.VERBOSE`, without a group around it.

    Args:
        phrases: the alternatives.
        outcome: the expression of `{outcome}`.
        spaces_may_be_lost: whether words can be joined, as in texts that lost their spaces.
        ends_open: whether the colon at a phrase's end may be absent too.
    """
    space = r"\s?" if spaces_may_be_lost else r"\ "

    def of(nodes: Iterable[_Node]) -> str:
        pieces = []
        value = False
        for node in nodes:
            if node.kind == "text":
                pieces.append("".join(space if each == " " else _literal(each) for each in node.text))
            elif node.kind == "placeholder" and node.text == "value":
                pieces.append(rf"(?=.{{0,{_VALUE_REACH}}}")
                value = True
            elif node.kind == "placeholder":
                pieces.append(outcome if node.text == "outcome" else PLACEHOLDERS[node.text])
            else:
                group = "|".join(map(of, node.inner))
                pieces.append(f"(?:{group}){'?' if node.kind == 'optional' else ''}")
        return "".join(pieces) + (")" if value else "")

    def ended(phrase: str) -> str:
        found = of(parsed(phrase))
        colon = _literal(":")
        if found.endswith(colon):
            return found.removesuffix(colon) if ends_open else found + r"\s?"
        return found

    return "|".join(map(ended, phrases))


def _literal(character: str) -> str:
    return r"\s?:" if character == ":" else re.escape(character)
