"""White-space folding with an exact map back to the source.

Patterns and prompts see one line of text with plain quotes and dashes; every span found there maps back to the
characters of the original. What is dropped or joined follows the record's rule for text values: runs of white
space become one space, and a hyphen at the end of a printed line joins its halves.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from imrllm.spans import FoldedSpan, SourceSpan

# Prints nothing: control characters (a terminal would obey them), soft hyphens and joiners, marks of the writing
# direction, variation selectors, and the tags U+E0000 to U+E007F, in which a text can be hidden from all but a model.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\U000e0100-\U000e01ef"
)
# Only what changes is matched, so that plain text costs one scan.
_CHANGES = re.compile(
    rf"""
    ([\s\-{_INVISIBLE}]  # what can change: the engine skips to it
    (?!(?<=\ )[^\s{_INVISIBLE}])  # a space between words: most are
    (?:
        (?<=\w-)[^\S\n]*\n\s*(?=\w)  # an end-of-line hyphen, not a dash set off by a space
        | (?<=[\s{_INVISIBLE}])[\s{_INVISIBLE}]+  # a run of white space and of characters that print nothing
        | (?<=[^\S ])  # one of white space, but not a plain space
        | (?<=[{_INVISIBLE}])
    ))
    """,
    re.VERBOSE,
)
# Not those of escapes, and of what a bracket opens.
_OWN_CASE = re.compile(r"\(\?[a-z]*-?i")
_CAPITALS = re.compile(r"(?<!\\)(?<!\(\?)[A-Z]+")
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        "\u00d7": "x",
        "\uff1a": ":",
    }
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A text on one line, with a map back to its source.

    Attributes:
        text: the folded text with plain quotes, dashes and multiplication signs: what patterns read.
        printed: the same text with the characters as printed; same length, so one offset serves both.
    """

    text: str = field(repr=False)
    printed: str = field(repr=False)
    _folded_at: tuple[int, ...] = field(repr=False)
    _source_at: tuple[int, ...] = field(repr=False)

    def source_offset(self, offset: int) -> int:
        """The source offset of the character at a folded offset."""
        piece = bisect_right(self._folded_at, offset) - 1
        return self._source_at[piece] + offset - self._folded_at[piece]

    def folded_offset(self, offset: int) -> int:
        """The folded offset of the first character kept at or after a source offset."""
        piece = bisect_right(self._source_at, offset) - 1
        end = self._folded_at[piece + 1] if piece + 1 < len(self._folded_at) else len(self.text)
        return min(self._folded_at[piece] + offset - self._source_at[piece], end)

    def source_span(self, span: FoldedSpan) -> SourceSpan:
        """The span of the source that a non-empty span of the folded text stands for."""
        return SourceSpan((self.source_offset(span[0]), self.source_offset(span[1] - 1) + 1))


def fold(text: str) -> Folded:
    """Fold a text.

    Args:
        text: any text, in code points.

    Returns:
        The folded text. It holds no line break, no two spaces in a row and nothing invisible.
    """
    parts = _CHANGES.split(text)
    folded_at = [0]
    source_at = [0]
    folded = source = 0
    # Stretches that stay and runs that change, in turn.
    for index in range(1, len(parts), 2):
        stays, run = len(parts[index - 1]), parts[index]
        kept = "-" if run[0] == "-" else " " if run.isspace() or any(map(str.isspace, run)) else ""
        parts[index] = kept
        # The kept character stands for the run's first; what follows resumes after the run.
        folded += stays + len(kept)
        source += stays + len(run)
        folded_at.append(folded)
        source_at.append(source)
    # U+FFFE is how one extractor prints a hyphen at a line's end.
    printed = "".join(parts).replace("\ufffe", "-")
    plain = printed if printed.isascii() else printed.translate(_PLAIN)
    return Folded(plain, printed, tuple(folded_at), tuple(source_at))


def lowered(text: str) -> str:
    """A text in lower case, offset for offset: what patterns of `caseless` run over."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    # A few letters of other alphabets are longer in lower case.
    return "".join(letter if len(letter.lower()) > 1 else letter.lower() for letter in text)


def caseless(source: str, flags: int = 0) -> re.Pattern[str]:
    """Compile a pattern for text in lower case: it finds what it would find with `re.IGNORECASE` in any case.

    The engine compares no letter in two cases, and passes over alternatives by their first letter: such a pattern takes
    a third to a half of the time. Only letters that are no English ones can differ, such as a long s.

    Args:
        source: the pattern, in any case, without flags of its own.
        flags: its other flags.

    Raises:
        ValueError: a part of the pattern has a flag for its case: it is nothing that text in lower case can decide.
    """
    return re.compile(in_lower_case(source), flags)


def in_lower_case(source: str) -> str:
    """The source of a pattern in lower case; escapes stay."""
    if _OWN_CASE.search(source):
        raise ValueError(f"a part of the pattern is compared in its own case: {source}")
    return _CAPITALS.sub(lambda capitals: capitals[0].lower(), source)
