"""Prompt versions: files of Markdown with front matter whose sections are chat turns, rendered with Jinja2.

A file's front matter names it and says what it asks for; below, a first-level heading opens one kind of call (`letter`,
`case`, `item` or `grounds`) and each second-level heading one chat turn (`system`, `user`, `assistant`). Turns are
split before anything is filled in, so that no letter can open a turn of its own.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from imrllm.answer_models import ASKABLE, Kind, answer_model
from imrllm.errors import PromptError
from imrllm.records import strict_schema

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import SandboxedEnvironment

Role = Literal["system", "user", "assistant"]

# Judgment alone, at a small part of v5's tokens: docs/accuracy.md.
DEFAULT_PROMPT = "v4"
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
# The start of a Jinja2 expression, statement or comment.
_TEMPLATE = re.compile(r"\{[{%#]")
_FRONT_MATTER = re.compile(r"\A---\n(?P<front>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_CALL = re.compile(r"^# (?P<kind>\w+)[^\S\n]*\n", re.MULTILINE)
_TURN = re.compile(r"^## (?P<role>\w+)[^\S\n]*\n", re.MULTILINE)


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    asks: dict[Kind, Literal["all"] | tuple[str, ...]] = Field(min_length=1)
    only_if_unsure: tuple[Kind, ...] = ()
    temperature: float | None = None
    max_tokens: dict[Kind, int]
    change: str


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
                {"role": role, "content": _template(template).render(**parts)} for role, template in self._turns[kind]
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

    def opening(self, kind: Kind) -> list[dict[str, str]]:
        """The turns of a kind of call before the first one with a part of the letter. Providers can cache them."""
        constant = takewhile(lambda turn: not _TEMPLATE.search(turn[1]), self._turns[kind])
        return [{"role": role, "content": text} for role, text in constant]


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
def _template(text: str) -> Template:
    return _environment().from_string(text)


_OWN_PROMPTS = Path("prompts")


def prompts_folder() -> Path:
    """The folder of the bundled prompts: in the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "_prompts"
    return installed if installed.is_dir() else package.parent / "prompts"


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
    file = Path(name) if name.endswith(".md") else prompts_folder() / f"{name}.md"
    if not file.is_file() and (_OWN_PROMPTS / file.name).is_file():
        file = _OWN_PROMPTS / file.name
    try:
        source = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise PromptError(f"Prompt `{name}` is not a text file.", hint="Save the file as UTF-8.") from error
    except OSError as error:
        known = ", ".join(f"`{known}`" for known in prompt_names())
        raise PromptError(f"There is no prompt `{name}`.", hint=f"Name one of {known}, or a prompt file.") from error
    return parse_prompt(source, file.stem)


def parse_prompt(source: str, stem: str) -> Prompt:
    """Parse a prompt file.

    Args:
        source: the file's text.
        stem: the file's name without its suffix; the prompt must have the same name.

    Raises:
        PromptError: the file is malformed; the message says where.
    """
    import yaml

    found = _FRONT_MATTER.match(source)
    if found is None:
        raise PromptError(
            f"Prompt `{stem}` has no front matter.", hint="Open the file with `---`, as `prompts/v5.md` does."
        )
    try:
        front = _FrontMatter.model_validate(yaml.safe_load(found["front"]))
    except (yaml.YAMLError, ValidationError) as error:
        fields = (
            ", ".join(".".join(map(str, each["loc"])) or each["type"] for each in error.errors())
            if isinstance(error, ValidationError)
            else "YAML"
        )
        raise PromptError(
            f"The front matter of prompt `{stem}` is malformed: {fields}.", hint="Compare it with `prompts/v5.md`."
        ) from error
    if front.name != stem:
        raise PromptError(
            f"Prompt `{stem}` calls itself `{front.name}`.", hint="Give the file and the front matter one name."
        )
    asks = {kind: _asked(kind, names, stem) for kind, names in front.asks.items()}
    _refuse_conflicts(front, asks, stem)
    turns = _turns(found["body"], front, stem)
    sent: dict[str, object] = {
        "turns": turns,
        "temperature": front.temperature,
        "max_tokens": front.max_tokens,
        "schemas": {kind: strict_schema(answer_model(kind, asks[kind])) for kind in turns},
    }
    if front.only_if_unsure:
        sent["only_if_unsure"] = front.only_if_unsure
    digest = sha256(json.dumps(sent, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return Prompt(**{**dict(front), "asks": asks}, source=source, sha256=digest, _turns=turns)


def _asked(kind: Kind, names: Literal["all"] | tuple[str, ...], stem: str) -> tuple[str, ...]:
    """The fields that a kind of call asks for, in the record's order."""
    known = ASKABLE[kind]
    if names == "all":
        return known
    unknown = [name for name in names if name not in known]
    if unknown or not names or kind == "letter":
        raise PromptError(
            f"Call `{kind}` of prompt `{stem}` asks for {', '.join(f'`{name}`' for name in unknown) or 'some fields'}.",
            hint=f"Write `all`, or names out of {', '.join(f'`{name}`' for name in known)}."
            if kind != "letter"
            else "A call about the whole letter asks for all fields: write `all`.",
        )
    return tuple(name for name in known if name in names)


def _refuse_conflicts(front: _FrontMatter, asks: dict[Kind, tuple[str, ...]], stem: str) -> None:
    """Refuse calls that are never made, and a field that two kinds of call ask for in different ways."""
    for kind in front.only_if_unsure:
        if kind not in asks or kind in ("letter", "verify"):
            raise PromptError(
                f"Prompt `{stem}` cannot make calls of kind `{kind}` only if the grammar is unsure.",
                hint="Name kinds of `asks` out of `case`, `item` and `grounds` in `only_if_unsure`.",
            )
    if "letter" in asks and len(asks) > 1 and not {"grounds", "verify"} & asks.keys():
        raise PromptError(
            f"Prompt `{stem}` asks about the whole letter in calls of kind `letter` and about parts of it in others.",
            hint="Ask in one call, or leave `letter` out.",
        )
    whole = [kind for kind in ("letter", "item") if "grounds" in asks.get(kind, ())]
    if whole and ("grounds" in asks or "verify" in asks):
        raise PromptError(
            f"Prompt `{stem}` asks for grounds in calls of kind `{whole[0]}` and in calls of their own.",
            hint="Ask for them in one way.",
        )


def _turns(body: str, front: _FrontMatter, stem: str) -> dict[Kind, tuple[tuple[Role, str], ...]]:
    turns: dict[Kind, tuple[tuple[Role, str], ...]] = {}
    for kind, call in _split(_CALL, body):
        spoken = tuple((cast("Role", role), text.strip()) for role, text in _split(_TURN, call))
        if (
            not spoken
            or any(role not in ("system", "user", "assistant") for role, _ in spoken)
            or spoken[-1][0] != "user"
        ):
            raise PromptError(
                f"Call `{kind}` of prompt `{stem}` must hold turns `system`, `user`, `assistant` and end with `user`.",
                hint="Compare it with `prompts/v5.md`.",
            )
        turns[cast("Kind", kind)] = spoken
    wanted = tuple(front.asks)
    if tuple(turns) != wanted or any(kind not in front.max_tokens for kind in wanted):
        names = ", ".join(f"`{kind}`" for kind in wanted)
        raise PromptError(
            f"Prompt `{stem}` needs the calls {names}, each with its `max_tokens`.",
            hint="Compare it with `prompts/v5.md`.",
        )
    return turns


def _split(heading: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    found = list(heading.finditer(text))
    ends = [*(each.start() for each in found[1:]), len(text)]
    return [(each.group(1), text[each.end() : end]) for each, end in zip(found, ends[: len(found)], strict=True)]
