"""Prompt versions: files of Markdown with front matter whose sections are chat turns, rendered with Jinja2.

A file's front matter names it and says what it asks for; below, a first-level heading opens one kind of call (`letter`,
`case`, `item` or `grounds`) and each second-level heading one chat turn (`system`, `user`, `assistant`). Turns are
split before anything is filled in, so that no letter can open a turn of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal, cast, get_args

from pydantic import BaseModel

from imrllm.answer_models import Kind, answer_model
from imrllm.errors import PromptError
from imrllm.prompt_front_matter import (
    COMPARE,
    FileProblems,
    FrontMatter,
    Places,
    asked_fields,
    read_front_matter,
    refuse_conflicts,
)
from imrllm.prompt_problems import MalformedPromptError, Problem, line_of
from imrllm.prompt_templates import TAGS, CallTemplates, compiled, delimited
from imrllm.records import strict_schema

__all__ = ["DEFAULT_PROMPT", "TAGS", "Prompt", "delimited", "load_prompt", "parse_prompt", "prompt_names"]

Role = Literal["system", "user", "assistant"]

# Judgment alone, at a small part of v5's tokens: docs/accuracy.md.
DEFAULT_PROMPT = "v4"
# The start of a Jinja2 expression, statement or comment.
_TEMPLATE = re.compile(r"\{[{%#]")
_FRONT_MATTER = re.compile(r"\A---\n(?P<front>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_CALL = re.compile(r"^# (?P<kind>\w+)[^\S\n]*\n", re.MULTILINE)
_TURN = re.compile(r"^## (?P<role>\w+)[^\S\n]*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt version.

    Attributes:
        name: its name, the file's stem.
        asks: by kind of call, the fields that it asks for.
        only_if_unsure: kinds of call that are made only if the grammar is unsure of a field that they ask for.
        temperature: sampling temperature; None is the model's default.
        max_tokens: length limit of an answer, in tokens, by kind of call.
        change: what changed since the version before, and why.
        source: the text of the file.
        sha256: hash of everything that it sends except the letter: turns, parameters, schemas.
        problems: what is wrong with it, by line. `load_prompt` refuses a prompt with an error among them.
    """

    name: str
    asks: dict[Kind, tuple[str, ...]]
    only_if_unsure: tuple[Kind, ...]
    temperature: float | None
    max_tokens: dict[Kind, int]
    change: str
    source: str = field(repr=False)
    sha256: str
    _turns: dict[Kind, tuple[tuple[Role, str], ...]] = field(repr=False)
    _lines: dict[Kind, tuple[int, ...]] = field(repr=False)
    problems: tuple[Problem, ...] = field(default=(), repr=False)

    def messages(self, kind: Kind, **parts: Any) -> list[dict[str, str]]:
        """The chat turns of one call.

        Args:
            kind: one of the kinds of call in `asks`.
            parts: the letter's parts by their names in the template.

        Raises:
            PromptError: the template uses an unknown part.
        """
        from jinja2 import TemplateError

        try:
            return [
                {"role": role, "content": compiled(template).render(**parts)} for role, template in self._turns[kind]
            ]
        except TemplateError as error:
            raise PromptError(
                f"Prompt `{self.name}` cannot be rendered: {error.message}.", hint="Fix its template."
            ) from error

    def answer_model(self, kind: Kind) -> type[BaseModel]:
        """The model of the answer to a kind of call; its strict schema is sent."""
        return answer_model(kind, self.asks[kind])

    @property
    def is_full(self) -> bool:
        """Whether it asks about every letter as a whole, or about its case and every item."""
        return any(kind in self.asks and kind not in self.only_if_unsure for kind in ("letter", "case", "item"))

    def turns(self) -> dict[Kind, list[tuple[Role, str, int]]]:
        """By kind of call, the role of each turn, its template, and the line of the file at which that begins."""
        return {
            kind: [(role, text, line) for (role, text), line in zip(turns, self._lines[kind][1:], strict=True)]
            for kind, turns in self._turns.items()
        }

    def opening(self, kind: Kind) -> list[dict[str, str]]:
        """The turns of a kind of call before the first one with a part of the letter. Providers can cache them."""
        constant = takewhile(lambda turn: not has_template(turn[1]), self._turns[kind])
        return [{"role": role, "content": text} for role, text in constant]


def has_template(text: str) -> bool:
    """Whether a turn holds a Jinja2 expression, statement or comment."""
    return bool(_TEMPLATE.search(text))


_OWN_PROMPTS = Path("prompts")


def prompts_folder() -> Path:
    """The folder of the bundled prompts: in the installed package, or beside it in a checkout."""
    installed = _installed_prompts()
    return installed if installed.is_dir() else Path(__file__).parent.parent / "prompts"


def _installed_prompts() -> Path:
    return Path(__file__).parent / "_prompts"


def prompt_names() -> list[str]:
    """The names of the prompts, sorted: the bundled ones, and those in `prompts/` of the working folder."""
    return sorted({file.stem for folder in (prompts_folder(), _OWN_PROMPTS) for file in folder.glob("*.md")})


@cache
def load_prompt(name: str) -> Prompt:
    """Load a prompt version.

    Args:
        name: a name from `prompt_names`, or the path of a file. Bundled prompts go before the working folder's.

    Raises:
        PromptError: there is no such prompt, or its file is malformed.
    """
    file = prompt_file(name)
    try:
        source = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PromptError(f"Prompt `{name}` is not a text file.", hint="Save the file as UTF-8.") from error
    except OSError as error:
        known = ", ".join(f"`{known}`" for known in prompt_names())
        raise PromptError(f"There is no prompt `{name}`.", hint=f"Name one of {known}, or a prompt file.") from error
    prompt = parse_prompt(source, file.stem, file)
    if file.parent == _installed_prompts():
        # The tests check the prompts of the package; importing Jinja2 takes longer than reading a letter.
        return prompt
    problems = template_problems(prompt)
    if errors := [problem for problem in problems if problem.is_error]:
        raise MalformedPromptError(prompt.name, file, errors)
    return replace(prompt, problems=problems)


def prompt_file(name: str) -> Path:
    """The file of a prompt, by its name or path; it may not exist. Bundled prompts go before the working folder's."""
    file = Path(name) if name.endswith(".md") else prompts_folder() / f"{name}.md"
    return _OWN_PROMPTS / file.name if not file.is_file() and (_OWN_PROMPTS / file.name).is_file() else file


def template_problems(prompt: Prompt) -> tuple[Problem, ...]:
    """What is wrong with a prompt's templates, by line: unknown and unused parts, and what cannot be filled in."""
    found = [problem for templates in call_templates(prompt).values() for problem in templates.problems()]
    return tuple(sorted(found))


def call_templates(prompt: Prompt) -> dict[Kind, CallTemplates]:
    """The templates of a prompt with their places in its file, by kind of call."""
    return {
        kind: CallTemplates(kind, prompt.asks[kind], [(text, line) for _, text, line in turns], prompt._lines[kind][0])
        for kind, turns in prompt.turns().items()
    }


def parse_prompt(source: str, stem: str, file: Path | None = None) -> Prompt:
    """Parse a prompt file. Its templates are not checked: `load_prompt` does.

    Args:
        source: the file's text.
        stem: the file's name without its suffix; the prompt must have the same name.
        file: the file, for messages.

    Raises:
        MalformedPromptError: the file is malformed; the message says where.
    """
    try:
        return _parsed(source, stem)
    except FileProblems as error:
        raise MalformedPromptError(stem, file, error.problems) from error


def _parsed(source: str, stem: str) -> Prompt:
    found = _FRONT_MATTER.match(source)
    if found is None:
        raise FileProblems(
            Problem(1, 1, "there is no front matter", "Open the file with `---`, as `prompts/v5.md` does.")
        )
    places = Places(found["front"])
    front = read_front_matter(found["front"], places)
    if front.name != stem:
        raise FileProblems(
            Problem(
                *places.at("name"), f"it calls itself `{front.name}`", "Give the file and the front matter one name."
            )
        )
    asks = {kind: asked_fields(kind, names, places) for kind, names in front.asks.items()}
    refuse_conflicts(front, asks, places)
    turns, lines = _turns(source, found.start("body"), front, places)
    sent: dict[str, object] = {
        "turns": turns,
        "temperature": front.temperature,
        "max_tokens": front.max_tokens,
        "schemas": {kind: strict_schema(answer_model(kind, asks[kind])) for kind in turns},
    }
    if front.only_if_unsure:
        sent["only_if_unsure"] = front.only_if_unsure
    digest = sha256(json.dumps(sent, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return Prompt(**{**dict(front), "asks": asks}, source=source, sha256=digest, _turns=turns, _lines=lines)


# By kind of call: the role and the text of each turn.
_Turns = dict[Kind, tuple[tuple[Role, str], ...]]


def _turns(source: str, body: int, front: FrontMatter, places: Places) -> tuple[_Turns, dict[Kind, tuple[int, ...]]]:
    """The turns of each kind of call; and by kind, the line of its heading and the first line of each turn's text."""
    turns: _Turns = {}
    lines: dict[Kind, tuple[int, ...]] = {}
    for kind, call_start, call_end in _split(_CALL, source, body, len(source)):
        heading = line_of(source, call_start - 1)
        spoken: list[tuple[Role, str]] = []
        firsts = [heading]
        for role, start, end in _split(_TURN, source, call_start, call_end):
            text = source[start:end]
            spoken.append((cast("Role", role), text.strip()))
            firsts.append(line_of(source, start + len(text) - len(text.lstrip())))
        if not spoken or any(role not in get_args(Role) for role, _ in spoken) or spoken[-1][0] != "user":
            raise FileProblems(
                Problem(
                    heading,
                    1,
                    f"call `{kind}` must hold turns `system`, `user`, `assistant` and end with `user`",
                    COMPARE,
                )
            )
        turns[cast("Kind", kind)] = tuple(spoken)
        lines[cast("Kind", kind)] = tuple(firsts)
    wanted = tuple(front.asks)
    if tuple(turns) != wanted or any(kind not in front.max_tokens for kind in wanted):
        names = ", ".join(f"`{kind}`" for kind in wanted)
        raise FileProblems(
            Problem(
                *places.at("asks"), f"it needs the calls {names} in this order, each with its `max_tokens`", COMPARE
            )
        )
    return turns, lines


def _split(heading: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """The name of each heading within a stretch of a text, and where its own part begins and ends."""
    found = list(heading.finditer(text, start, end))
    ends: Sequence[int] = [*(each.start() for each in found[1:]), end]
    for each, stop in zip(found, ends, strict=False):
        yield each.group(1), each.end(), stop
