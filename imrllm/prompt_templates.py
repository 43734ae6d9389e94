"""The templates of prompts: the parts of a letter that each kind of call offers, and what is wrong with a template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, get_args

from imrllm.answer_models import Kind
from imrllm.fields import BY_NAME
from imrllm.prompt_problems import Problem, nearest
from imrllm.records import Ground

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import SandboxedEnvironment

# The tags of a letter's parts in a prompt. A letter's own text can neither open nor close one.
TAGS = (
    "letter",
    "requests",
    "credentials",
    "summary",
    "heading",
    "request",
    "claims_administrator",
    "reviewer_basis",
    "rationale",
    "rationales",
)
# "<|" also opens the special tokens between chat turns, which some self-hosted servers read in plain text.
_TAG = re.compile(rf"<(?=\||\s*/?\s*(?:{'|'.join(TAGS)})\b)", re.IGNORECASE)
# The names that the template of each kind of call may use.
OFFERED: dict[Kind, tuple[str, ...]] = {
    "letter": ("letter", "requests"),
    "case": ("credentials", "summary"),
    "item": ("heading", "request", "claims_administrator", "reviewer_basis", "rationale"),
    "grounds": ("rationale", "decision"),
    "verify": ("rationale", "decision", "ground"),
    "form": ("letter",),
    "heading": ("letter",),
}
_ASKED_WITH: dict[Kind, tuple[str, ...]] = {
    "verify": ("rationale", "ground"),
    "form": ("letter",),
    "heading": ("letter",),
}
_EMPTY = "the parts are empty"
_SHOWN_CASES = 2
_DECISIONS = ("upheld", "overturned")
# Calls of kind `verify` are about upheld items, for which these two are not reasons.
_FOR_ALLOWING = ("guideline_criteria_met", "supports_recovery_or_function")


def delimited(text: str | None, tag: str) -> str:
    """Put a part of the letter between its tags. Tags in the letter's text are escaped; None gives an empty part."""
    inner = _TAG.sub("&lt;", text or "")
    return f"<{tag}>\n{inner}\n</{tag}>"


@cache
def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    # Chat turns are not HTML: only the tags that delimit the letter's parts are escaped.
    environment = SandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["delimited"] = delimited
    return environment


@cache
def compiled(text: str) -> Template:
    """The template of a chat turn.

    Raises:
        jinja2.TemplateError: the text is not a template.
    """
    from jinja2 import TemplateSyntaxError

    try:
        return _environment().from_string(text)
    except (RecursionError, SyntaxError):
        # Jinja2 parses by recursion, and the Python that it writes may nest brackets only so deeply.
        raise TemplateSyntaxError("it is nested too deeply", 1) from None


def states(kind: Kind, asks: Sequence[str]) -> tuple[str, ...]:
    """The parts of a letter that state what a call asks for.

    Args:
        kind: the kind of call.
        asks: what it asks for, out of `answer_models.ASKABLE[kind]`.
    """
    if kind in _ASKED_WITH:
        return _ASKED_WITH[kind]
    if kind in ("letter", "grounds"):
        return OFFERED[kind]
    # A side's basis is asked for whole: its name is its part's.
    parts = {BY_NAME[name].part if name in BY_NAME else name for name in asks}
    # `request` repeats the heading, without what was not decided.
    return tuple(part for part in OFFERED[kind] if part in parts and part != "heading")


class CallTemplates:
    """The turns of one kind of call, with their places in the file."""

    def __init__(self, kind: Kind, asks: Sequence[str], turns: Sequence[tuple[str, int]], line: int) -> None:
        """Parse the turns.

        Args:
            kind: the kind of call.
            asks: what it asks for.
            turns: the text of each turn with the line of the file at which it begins.
            line: the line of the call's heading.
        """
        self.kind = kind
        self.line = line
        self._asks = asks
        self._turns = turns
        # By name, the line of the file and the text of that line, for the first use of each name.
        self._used: dict[str, tuple[int, str]] = {}
        self.errors = [problem for text, first in turns for problem in self._parsed(text, first)]

    def _parsed(self, text: str, first: int) -> Iterator[Problem]:
        from jinja2 import TemplateSyntaxError, nodes
        from jinja2.meta import find_undeclared_variables

        try:
            compiled(text)
        except TemplateSyntaxError as error:
            yield Problem(
                first + error.lineno - 1,
                1,
                f"the template of call `{self.kind}` is not valid Jinja2: {(error.message or '').rstrip('.')}",
                "Fix the template.",
            )
            return
        tree = _environment().parse(text)
        free = find_undeclared_variables(tree)
        lines = text.splitlines()
        for node in tree.find_all(nodes.Name):
            if node.name in free and node.ctx == "load":
                self._used.setdefault(node.name, (first + node.lineno - 1, lines[node.lineno - 1]))

    def problems(self) -> Iterator[Problem]:
        """What is wrong with the turns: first what fails for every letter, then what only makes answers worse."""
        yield from self.errors
        offered = OFFERED[self.kind]
        unknown = [name for name in self._used if name not in offered]
        for name in unknown:
            line, text = self._used[name]
            found = re.search(rf"\b{re.escape(name)}\b", text)
            yield Problem(
                line,
                found.start() + 1 if found else 1,
                f"call `{self.kind}` has no part `{name}`{nearest(name, offered)}",
                f"Its parts are {', '.join(f'`{part}`' for part in offered)}.",
            )
        if self.errors or unknown:
            return
        yield from self._rendered()
        for part in states(self.kind, self._asks):
            if part not in self._used:
                yield Problem(
                    self.line,
                    1,
                    f"call `{self.kind}` never shows `{part}`, {self._reason(part)}",
                    f'Write `{{{{ {part} | delimited("{part}") }}}}`, or do not ask for that.',
                    is_error=False,
                )

    @property
    def unused(self) -> tuple[str, ...]:
        """The parts that the kind of call offers and no turn uses."""
        return tuple(part for part in OFFERED[self.kind] if part not in self._used)

    def _reason(self, part: str) -> str:
        fields = [name for name in self._asks if part == (BY_NAME[name].part if name in BY_NAME else name)]
        if self.kind in ("case", "item") and fields:
            more = f" and {len(fields) - 3} more" if len(fields) > 3 else ""
            return f"which states {', '.join(f'`{name}`' for name in fields[:3])}{more}"
        return "which it asks about"

    def _rendered(self) -> Iterator[Problem]:
        """What fails when the turns are filled in; no letter is needed to find it."""
        for text, first in self._turns:
            failed = [(given, why) for given, parts in self._trials() if (why := _failure(text, parts))]
            if not failed:
                continue
            cases = [given for given, _ in failed]
            more = f" or {len(cases) - _SHOWN_CASES} more" if len(cases) > _SHOWN_CASES else ""
            yield Problem(
                first,
                1,
                f"this turn of call `{self.kind}` cannot be filled in where {' or '.join(cases[:_SHOWN_CASES])}{more}: "
                f"{failed[0][1]}",
                "Fix the template.",
                # Parts are seldom empty: most letters can be asked about all the same.
                is_error=cases != [_EMPTY],
            )

    def _trials(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Parts to fill the turns with, each with what is special about them."""
        filled = {part: f"The words of {part}." for part in OFFERED[self.kind]}
        if self.kind == "verify":
            for ground in get_args(Ground):
                if ground not in _FOR_ALLOWING:
                    yield f"`ground` is `{ground}`", filled | {"decision": "upheld", "ground": ground}
        elif self.kind == "grounds":
            for decision in _DECISIONS:
                yield f"`decision` is `{decision}`", filled | {"decision": decision}
        else:
            yield "the parts are not empty", filled
            yield _EMPTY, dict.fromkeys(filled, "")


def _failure(text: str, parts: dict[str, str]) -> str:
    """Why a turn cannot be filled in; an empty string if it can."""
    from jinja2 import TemplateError

    try:
        compiled(text).render(**parts)
    except TemplateError as error:
        return (error.message or type(error).__name__).rstrip(".")
    except Exception as error:  # noqa: BLE001 - a template's expressions can raise anything
        return type(error).__name__
    return ""
