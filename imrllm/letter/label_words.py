"""What a short label line means by its words: "Reviewer's rationale" opens the rationale, whatever the form prints.

The classes are data (`label_words.toml`). A label has a meaning only if every word of it is of a class: a sentence that
mentions a rationale has other words too.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

# The parts of a letter that a heading or label opens, and the word of an item's outcome.
Role = Literal[
    "method",
    "credentials",
    "summary",
    "documents",
    "decisions",
    "claims_administrator",
    "reviewer",
    "rationale",
    "outcome",
    "issue",
]
# The most words of a label that is read by its meaning.
MOST_WORDS = 8
_WORD = re.compile(r"[a-z]+(?:/[a-z]+)?|&|'s")


@cache
def word_classes() -> dict[str, dict[str, tuple[str, ...]]]:
    """The classes of `label_words.toml`: its tables by name, each with its lists by name."""
    tables = tomllib.loads((files("imrllm.letter") / "label_words.toml").read_text(encoding="utf-8"))
    return {table: {name: tuple(map(str, words)) for name, words in lists.items()} for table, lists in tables.items()}


@cache
def _phrases() -> dict[tuple[str, ...], str]:
    """Each phrase of a class, in words, with its class."""
    tables = word_classes()
    named = {table: tables[table].items() for table in ("who", "what", "glue")}
    return {
        _words(phrase): ("glue" if table == "glue" else name)
        for table in named
        for name, phrases in named[table]
        for phrase in phrases
    }


def _words(phrase: str) -> tuple[str, ...]:
    """The words of a phrase in lower case, each in the singular."""
    return tuple(
        word[:-1] if len(word) > 2 and word.endswith("s") and not word.endswith(("ss", "is", "us")) else word
        for word in _WORD.findall(phrase.lower())
    )


def label_classes(label: str) -> frozenset[str] | None:
    """The word classes of a label; None if a word is of no class.

    Args:
        label: the label's words, without its colon: "Reviewer's rationale".
    """
    words = _words(label)
    if not 0 < len(words) <= MOST_WORDS or re.search(r"[\d.,;:?!]", label):
        return None
    found = set()
    at = 0
    while at < len(words):
        for size in range(min(4, len(words) - at), 0, -1):
            if name := _phrases().get(words[at : at + size]):
                found.add(name)
                at += size
                break
        else:
            return None
    return frozenset(found)


def meaning(label: str) -> Role | None:
    """What part of a letter a label opens, by the classes of its words; None if it opens none for certain.

    Args:
        label: the label's words, without its colon.
    """
    classes = label_classes(label)
    if classes is None:
        return None
    # "Decisions and rationales" opens the section of all items, "Reason for the decision" one item's paragraph.
    # "Decision and rationale" could be either.
    sections = re.search(r"(?i)\b(?:decisions|determinations|issues|findings)\b", label) is not None
    joined = re.search(r"(?i)\band\b|&", label) is not None
    whose: Role | None = None
    if "claims_administrator" in classes:
        whose = "claims_administrator"
    elif "reviewer" in classes:
        whose = "reviewer"
    # Each test is of two classes together, but for words that are a label of their own.
    rules: tuple[tuple[Role | None, bool], ...] = (
        ("method", {"how", "decision", "made"} <= classes),
        ("decisions", sections and joined and "decision" in classes and bool({"rationale", "issue"} & classes)),
        ("credentials", "credentials" in classes and whose != "claims_administrator"),
        ("documents", "document" in classes and bool({"reviewed", "review"} & classes)),
        ("issue", {"issue", "disputed"} <= classes),
        ("summary", {"summary", "case"} <= classes and not {"decision", "rationale"} & classes),
        (
            "rationale",
            "rationale" in classes and whose != "claims_administrator" and not (joined and "decision" in classes),
        ),
        (whose, whose is not None and "guideline" in classes and "rationale" not in classes),
    )
    return next((role for role, fits in rules if fits), None)
