"""Checks a prompt file before any letter is read: front matter, parts of the letter, and worked examples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from imrllm.answer_models import Kind
from imrllm.prompt_problems import MalformedPromptError, Problem
from imrllm.prompts import Prompt, call_templates, has_template, load_prompt, parse_prompt, prompt_file

# More faults than this of one example say no more.
_SHOWN_FAULTS = 3


@dataclass(frozen=True, slots=True)
class LintReport:
    """What is wrong with a prompt file.

    Attributes:
        file: the file.
        problems: by line; empty if nothing is wrong.
        unused: by kind of call, the parts that the call offers and the template never uses. They are problems only if
            they state what the call asks for.
    """

    file: Path
    problems: tuple[Problem, ...]
    unused: dict[Kind, tuple[str, ...]]


def lint_prompt(name: str) -> LintReport:
    """Check a prompt file.

    Args:
        name: a name from `prompt_names`, or the path of a file.

    Returns:
        All problems of the file. If its front matter or its turns are malformed, the rest is not checked.

    Raises:
        PromptError: there is no such prompt, or it is not a text file.
    """
    file = prompt_file(name)
    try:
        source = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        # The same error as a run's.
        source = load_prompt(name).source
    try:
        prompt = parse_prompt(source, file.stem, file)
    except MalformedPromptError as error:
        return LintReport(file, error.problems, {})
    templates = call_templates(prompt)
    found = [problem for each in templates.values() for problem in each.problems()]
    found += example_problems(prompt)
    unused = {kind: each.unused for kind, each in templates.items() if each.unused}
    return LintReport(file, tuple(sorted(found)), unused)


def remarks(prompt: Prompt) -> tuple[Problem, ...]:
    """What may make a prompt's answers worse, by line, for a run to say before its first letter."""
    return tuple(sorted([*prompt.problems, *example_problems(prompt)]))


def example_problems(prompt: Prompt) -> Iterator[Problem]:
    """The worked examples that are not answers: not JSON, or JSON that does not fit the answer's schema."""
    for kind, turns in prompt.turns().items():
        for role, text, line in turns:
            if role != "assistant" or has_template(text):
                continue
            why = _misfit(prompt.answer_model(kind), text)
            if why:
                yield Problem(
                    line,
                    1,
                    f"an example of call `{kind}` is not an answer: {why}",
                    "Models copy their examples: give each the schema's fields, all of them.",
                    is_error=False,
                )


def _misfit(model: type[BaseModel], text: str) -> str:
    """Why a text is not an answer; an empty string if it is one."""
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"it is not JSON ({error})"
    try:
        model.model_validate_json(text, strict=False)
    except ValidationError as error:
        return _faults([(each["loc"], each["type"], each["msg"]) for each in error.errors(include_input=False)])
    return ""


def _faults(errors: Sequence[tuple[tuple[int | str, ...], str, str]]) -> str:
    said = []
    for place, kind, message in errors[:_SHOWN_FAULTS]:
        name = ".".join(map(str, place))
        why = {"missing": "is missing", "extra_forbidden": "is not asked for"}.get(kind)
        said.append(f"`{name}` {why}" if why else f"`{name}`: {message[:1].lower()}{message[1:]}")
    more = len(errors) - len(said)
    return ", ".join(said) + (f" and {more} more" if more else "")
