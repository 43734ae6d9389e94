"""The front matter of a prompt file: its keys, what it asks for, and where in the file each stands."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from imrllm.answer_models import ASKABLE, Kind
from imrllm.prompt_problems import Place, Problem, nearest

COMPARE = "Compare it with `prompts/v5.md`."


class FrontMatter(BaseModel):
    """The keys of a front matter; `Prompt` says what each means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    asks: dict[Kind, Literal["all"] | tuple[str, ...]] = Field(min_length=1)
    only_if_unsure: tuple[Kind, ...] = ()
    temperature: float | None = None
    max_tokens: dict[Kind, int]
    change: str


class FileProblems(Exception):  # noqa: N818 - never shown; parse_prompt turns it into an error
    """What is wrong with a file."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__()
        self.problems = problems


def read_front_matter(text: str, places: Places) -> FrontMatter:
    """Read the front matter's text.

    Raises:
        FileProblems: it is not YAML, lacks a key, or holds one that is not valid.
    """
    import yaml

    try:
        given = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # The last two: a day that no month has, and endlessly nested brackets.
        mark = getattr(error, "problem_mark", None)
        # The line of `---` comes first.
        place: Place = (mark.line + 2, mark.column + 1) if mark else (2, 1)
        why = getattr(error, "problem", None) or "it cannot be read"
        raise FileProblems(
            Problem(place[0], place[1], f"the front matter is malformed, it is not YAML: {why}", COMPARE)
        ) from error
    try:
        return FrontMatter.model_validate(given)
    except ValidationError as error:
        found = dict.fromkeys(_fault(dict(each), places) for each in error.errors())
        raise FileProblems(*sorted(found)) from error


def _fault(error: dict[str, Any], places: Places) -> Problem:
    """One fault that pydantic found in the front matter."""
    # pydantic adds the names of types and of a dictionary's side to the keys of the file.
    path = [part for part in error["loc"] if not (isinstance(part, str) and re.search(r"[\[\]]", part))]
    if error["type"] == "missing":
        return Problem(2, 1, f"the front matter is malformed: `{path[-1]}` is missing", COMPARE)
    name = ".".join(map(str, path))
    known: tuple[str, ...] = ()
    if error["type"] == "extra_forbidden":
        known = tuple(FrontMatter.model_fields)
        why = f"`{name}` is not a key of it{nearest(name, known)}"
    elif "[key]" in error["loc"] or path[:1] == ["only_if_unsure"]:
        known = get_args(Kind)
        kind = str(path[-1] if "[key]" in error["loc"] else error["input"])
        why = f"`{name}` is not a kind of call{nearest(kind, known)}"
    else:
        why = f"`{name}` is not valid: {error['msg'][:1].lower()}{error['msg'][1:]}" if path else error["msg"]
    hint = f"Write {', '.join(f'`{each}`' for each in known)}." if known else COMPARE
    return Problem(*places.at(*path), f"the front matter is malformed: {why}", hint)


class Places:
    """Where the keys and values of a front matter are in the file."""

    def __init__(self, text: str) -> None:
        """Take the text between the two lines of `---`."""
        self._text = text

    @cached_property
    def _root(self) -> Any:
        """The text's nodes, composed once: a file may have a thousand mistakes."""
        import yaml

        return yaml.compose(self._text, yaml.SafeLoader)

    def at(self, *path: str | int) -> Place:
        """The place of a key, or of an entry of a list; of what the text does not have, that of the whole around it."""
        import yaml

        node = self._root
        place: Place = (2, 1)
        for part in path:
            inner = None
            if isinstance(node, yaml.MappingNode):
                key, inner = next(((key, value) for key, value in node.value if key.value == part), (None, None))
                mark = key.start_mark if key else None
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                inner = node.value[part]
                mark = inner.start_mark
            else:
                mark = None
            if mark is None:
                break
            node, place = inner, (mark.line + 2, mark.column + 1)
        return place


def asked_fields(kind: Kind, names: Literal["all"] | tuple[str, ...], places: Places) -> tuple[str, ...]:
    """The fields that a kind of call asks for, in the record's order."""
    known = ASKABLE[kind]
    if names == "all":
        return known
    if kind == "letter":
        raise FileProblems(
            Problem(
                *places.at("asks", kind),
                f"call `{kind}` asks for some fields",
                "A call about the whole letter asks for all fields: write `all`.",
            )
        )
    hint = f"Write `all`, or names out of {', '.join(f'`{name}`' for name in known)}."
    unknown = [
        Problem(*places.at("asks", kind, index), f"call `{kind}` asks for `{name}`{nearest(name, known)}", hint)
        for index, name in enumerate(names)
        if name not in known
    ]
    if unknown or not names:
        raise FileProblems(*(unknown or [Problem(*places.at("asks", kind), f"call `{kind}` asks for no field", hint)]))
    return tuple(name for name in known if name in names)


def refuse_conflicts(front: FrontMatter, asks: dict[Kind, tuple[str, ...]], places: Places) -> None:
    """Refuse calls that are never made, and a field that two kinds of call ask for in different ways."""
    for index, kind in enumerate(front.only_if_unsure):
        if kind not in asks or kind in ("letter", "verify"):
            raise FileProblems(
                Problem(
                    *places.at("only_if_unsure", index),
                    f"calls of kind `{kind}` cannot be made only if the grammar is unsure",
                    "Name kinds of `asks` out of `case`, `item` and `grounds` in `only_if_unsure`.",
                )
            )
    if "letter" in asks and len(asks) > 1 and not {"grounds", "verify"} & asks.keys():
        raise FileProblems(
            Problem(
                *places.at("asks", "letter"),
                "it asks about the whole letter in calls of kind `letter` and about parts of it in others",
                "Ask in one call, or leave `letter` out.",
            )
        )
    whole = [kind for kind in ("letter", "item") if "grounds" in asks.get(kind, ())]
    if whole and ("grounds" in asks or "verify" in asks):
        raise FileProblems(
            Problem(
                *places.at("asks", whole[0]),
                f"it asks for grounds in calls of kind `{whole[0]}` and in calls of their own",
                "Ask for them in one way.",
            )
        )
