"""What is wrong with a prompt file, each with its line and column, and the error that says it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from imrllm.errors import PromptError

# The line and the column of a place in a file, from 1.
Place = tuple[int, int]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong with a prompt file.

    Attributes:
        line: its line in the file, from 1.
        column: its column, from 1.
        message: what is wrong, without a period.
        hint: how to fix it, in one sentence, or an empty string.
        is_error: whether no call can be made with the prompt; otherwise its answers may be worse than they need be.
    """

    line: int
    column: int
    message: str
    hint: str = ""
    is_error: bool = True

    def __str__(self) -> str:
        """The problem with its place."""
        return f"line {self.line}, column {self.column}: {self.message}"


class MalformedPromptError(PromptError):
    """A prompt file that no call can be made with.

    Attributes:
        problems: what is wrong with it.
    """

    def __init__(self, name: str, file: Path | None, problems: Sequence[Problem]) -> None:
        whose = f"Prompt `{name}`" + (f" (`{file}`)" if file else "")
        hints = dict.fromkeys(problem.hint for problem in problems if problem.hint)
        super().__init__(f"{whose}, {'; '.join(map(str, problems))}.", hint=" ".join(hints))
        self.problems = tuple(problems)
        self._given = (name, file, self.problems)

    def __reduce__(self) -> tuple[type[MalformedPromptError], tuple[str, Path | None, tuple[Problem, ...]]]:
        """Another process raises it as it is."""
        return type(self), self._given


def nearest(name: str, known: Iterable[str]) -> str:
    """A question that names the known name nearest to a misspelt one; an empty string if none is near."""
    close = get_close_matches(name, list(known), 1)
    return f" (did you mean `{close[0]}`?)" if close else ""


def line_of(source: str, offset: int) -> int:
    """The line of a character in a text, from 1."""
    return source.count("\n", 0, offset) + 1
