"""The forms that letters are printed in, as data: one file each, with its headings, labels and outcome words.

The known forms are in `forms/`, each with what it was seen on. A user adds a file of the same kind.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from imrllm.errors import FormError
from imrllm.letter.phrases import parsed, placeholders, plain, states_outcome
from imrllm.records import FrozenModel

# The parts of a letter outside its disputed items that a heading opens.
Section = Literal["method", "credentials", "summary", "documents", "decisions"]
# The parts of a disputed item that a label opens.
Label = Literal["issue", "outcome", "claims_administrator", "reviewer", "rationale"]
Layout = Literal["headings", "sentences", "blocks"]
# In the order in which they are tried.
KNOWN = ("2016-2017", "2014-2015", "early 2014", "2013", "professional review")
_PLACEHOLDER = re.compile(r"\{(number|item|outcome)\}")
RATIONALE_FORM = "rationale"
"""The name of the form of a text that is only a decision's reasoning: no section, heading or label is printed."""

# Names of what is read without a form's file.
_RESERVED = (RATIONALE_FORM, "read by the model")


def _phrase(text: str) -> str:
    parsed(text)
    if not plain(text) and not placeholders(text):
        raise ValueError("a phrase must have words")
    return text


Phrase = Annotated[str, Field(max_length=400), AfterValidator(_phrase)]
Phrases = tuple[Phrase, ...]


class Openings(FrozenModel):
    """How a letter begins, where a file holds several."""

    once: Phrases = Field((), description="What every letter prints once: a file of several letters is split there")
    title: Phrases = Field((), description="What a letter may print before it")
    needs_title: bool = Field(False, description="Whether a file is split only where a title is found too")


class Sections(FrozenModel):
    """The headings of a letter's sections, compared with their case."""

    order: tuple[Section, ...] = Field(
        ("method", "credentials", "summary", "documents", "decisions"), description="In which order they are printed"
    )
    may_lack: tuple[Section, ...] = Field((), description="Those that a whole letter may lack")
    method: Phrases = ()
    credentials: Phrases = ()
    summary: Phrases = ()
    documents: Phrases = ()
    decisions: Phrases = ()


class Leads(FrozenModel):
    """The sentence that the form prints between a section's heading and its text."""

    summary: Phrases = ()
    decisions: Phrases = ()


class Items(FrozenModel):
    """The labels of a disputed item's parts. Case does not count, except in a label of one word."""

    order: tuple[Label, ...] = Field(
        ("claims_administrator", "reviewer", "rationale"), description="In which order they are printed"
    )
    spaces_may_be_lost: bool = Field(False, description="Whether the numbered sentences can have lost their spaces")
    issue: Phrases = ()
    outcome: Phrases = ()
    claims_administrator: Phrases = ()
    reviewer: Phrases = ()
    rationale: Phrases = ()
    sentence: Phrases = Field((), description="Layout `sentences`: the numbered sentence with `{item}` and `{outcome}`")
    argument: Phrases = Field((), description="Layout `sentences`: what opens the part that argues a numbered decision")
    both_sides: Phrases = Field((), description="Layout `sentences`: the label of a paragraph with both sides' bases")
    reviewer_sentence: Phrases = Field((), description="How the reviewer's basis begins in that paragraph")


class Outcomes(FrozenModel):
    """The words that decide an item. Case does not count."""

    upheld: Annotated[Phrases, Field(min_length=1)]
    overturned: Annotated[Phrases, Field(min_length=1)]


class Prose(FrozenModel):
    """What stands before a date of the header, where the form states it in a sentence."""

    date_assigned: Phrases = ()
    date_of_injury: Phrases = ()
    decision_date: Phrases = ()
    ur_denial_date: Phrases = ()
    application_received: Phrases = ()


class Header(FrozenModel):
    """The labels of the header block. Case does not count."""

    case_number: Phrases = ()
    date_assigned: Phrases = ()
    date_of_injury: Phrases = ()
    decision_date: Phrases = ()
    ur_denial_date: Phrases = ()
    application_received: Phrases = ()
    priority: Phrases = ()
    prose: Prose = Prose()


class Credentials(FrozenModel):
    """The labels within the credentials. Case does not count."""

    states: Phrases = Field((), description="Of the states in which the reviewer is licensed")
    specialties: Phrases = Field((), description="Of the certifications and specialties")


class Words(FrozenModel):
    """The phrases of a form: two forms with the same ones read a letter alike."""

    layout: Layout
    sections: Sections = Sections()
    leads: Leads = Leads()
    items: Items
    outcomes: Outcomes
    header: Header = Header()
    credentials: Credentials = Credentials()


class Form(Words):
    """One form of letters.

    Attributes:
        name: the name that results state (`provenance.form`).
        title: what kind of letter it is.
        seen_on: the letters that it was taken from.
        letters: how many whole letters these were; 0 if only headings or excerpts are known.
        signs: words of this form that forms with the same headings and labels do not print. Plain text, case counts.
        openings: how a letter begins.
    """

    name: str = Field(pattern=r"^[\w][\w .()/&+-]{0,59}$")
    title: str = Field("", max_length=200)
    seen_on: str = Field("", max_length=400)
    letters: int = Field(0, ge=0)
    signs: tuple[Annotated[str, Field(min_length=3, max_length=200)], ...] = ()
    openings: Openings = Openings()

    @field_validator("name")
    @classmethod
    def _not_reserved(cls, name: str) -> str:
        if name in _RESERVED:
            raise ValueError("results have this name for letters that were read without a form")
        return name

    @model_validator(mode="after")
    def _can_be_read(self) -> Form:
        for problem in _problems(self):
            raise ValueError(problem)
        return self

    def __hash__(self) -> int:
        # Every letter is read by the cached patterns of some forms: the hash of all phrases would be half its time.
        return hash(self.name)

    @property
    def words(self) -> Words:
        """The phrases alone."""
        return Words.model_construct(**{name: getattr(self, name) for name in Words.model_fields})


def _problems(form: Form) -> Iterator[str]:
    """What keeps a form from reading any letter, as sentences that name the key."""
    items, sections = form.items, form.sections
    if len(set(items.order)) < len(items.order):
        yield "`items.order` names a label twice."
    if len(set(sections.order)) < len(sections.order):
        yield "`sections.order` names a section twice."
    for label in get_args(Label):
        if getattr(items, label) and label not in items.order:
            yield f"`items.{label}` has phrases, but `items.order` does not name it."
    for section in get_args(Section):
        if getattr(sections, section) and section not in sections.order:
            yield f"`sections.{section}` has phrases, but `sections.order` does not name it."
    yield from _PROBLEMS[form.layout](items)


def _problems_of_headings(items: Items) -> Iterator[str]:
    labelled = [each for label in items.order for each in getattr(items, label)]
    if not labelled:
        yield "the layout `headings` needs a label in `items`: the outcome is read before the first one."
    if items.issue or items.outcome or any(map(states_outcome, labelled)):
        yield "`items.issue`, `items.outcome` and `{outcome}` are for the layout `blocks`."


def _problems_of_sentences(items: Items) -> Iterator[str]:
    # A group of a pattern has one place.
    if len(items.sentence) != 1:
        yield "the layout `sentences` needs one phrase in `items.sentence`: `{one|another}` says what varies."
    elif sorted(_PLACEHOLDER.findall(items.sentence[0])) != ["item", "number", "outcome"]:
        yield "`items.sentence` needs `{number}`, `{item}` and `{outcome}`, each once."
    if len(items.argument) > 1 or any(_PLACEHOLDER.findall(each) != ["number"] for each in items.argument):
        yield "`items.argument` can have one phrase, with `{number}` once."


def _problems_of_blocks(items: Items) -> Iterator[str]:
    stating = [each for label in items.order for each in getattr(items, label) if states_outcome(each)]
    if not items.issue:
        yield "the layout `blocks` needs `items.issue`: the label of what is in dispute."
    if not stating and not items.outcome:
        yield "the layout `blocks` needs `items.outcome`, or `{outcome}` in a label."
    if stating and (len(stating) > 1 or set(items.outcome) - set(stating) or stating[0].count("{outcome}") > 1):
        yield "`{outcome}` can be in one label, once, instead of `items.outcome` without it."


_PROBLEMS = {
    "headings": _problems_of_headings,
    "sentences": _problems_of_sentences,
    "blocks": _problems_of_blocks,
}


@cache
def known_forms() -> tuple[Form, ...]:
    """The forms that the program knows, in the order in which they are tried."""
    return tuple(known_form(name) for name in KNOWN)


@cache
def known_form(name: str) -> Form:
    """One of the known forms.

    Raises:
        FormError: no known form has this name.
    """
    return _form(tomllib.loads(known_text(name)), f"{name}.toml")


def known_text(name: str) -> str:
    """The file of a known form.

    Raises:
        FormError: no known form has this name.
    """
    if name not in KNOWN:
        names = ", ".join(f"`{each}`" for each in KNOWN)
        raise FormError(f"`{name}` is not a known form.", hint=f"Name a file, or one of {names}.")
    return (files("imrllm.letter") / "forms" / f"{name}.toml").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class ChosenForm:
    """A form that the user names. It is tried before the known ones.

    Attributes:
        form: the form; None for `rationale`, which has no headings or labels: the whole text is one.
        file: the name of a known form, or the file, as given.
        sha256: of the file; for `rationale`, of its name.
    """

    form: Form | None
    file: str
    sha256: str

    @property
    def name(self) -> str:
        """The form's name."""
        return self.form.name if self.form else RATIONALE_FORM

    @property
    def is_rationale(self) -> bool:
        """Whether each text is only a decision's reasoning."""
        return self.form is None

    @property
    def forms(self) -> tuple[Form, ...]:
        """All forms to try, in their order."""
        if self.form is None:
            return ()
        return (self.form, *(form for form in known_forms() if form.name != self.form.name))


def choose_form(name_or_file: str | Path) -> ChosenForm:
    """A known form by its name, a form of the user's by its file, or `rationale`.

    Raises:
        FormError: no form has this name, or the file cannot be read as a form.
    """
    file = str(name_or_file)
    if file == RATIONALE_FORM:
        return ChosenForm(None, file, sha256(file.encode()).hexdigest())
    text = form_text(name_or_file)
    if file in KNOWN:
        form = known_form(file)
    else:
        form = read_form(text, file)
        if form.name in KNOWN:
            raise FormError(
                f"`{file}`: `name` is `{form.name}`, which is a known form.", hint="Give the form another name."
            )
    return ChosenForm(form, file, sha256(text.encode()).hexdigest())


def form_text(name_or_file: str | Path) -> str:
    """The text of a form's file.

    Raises:
        FormError: no form has this name, or the file cannot be read.
    """
    path = Path(name_or_file)
    if str(name_or_file) in KNOWN or not (path.suffix == ".toml" or path.exists()):
        return known_text(str(name_or_file))
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise FormError(f"`{path}` cannot be read: {why}.", hint="Check the file's name.") from error


def read_form(text: str, name: str) -> Form:
    """Read a form.

    Args:
        text: TOML.
        name: the file, for messages.

    Raises:
        FormError: the text is not a form. Its message names the file and the key.
    """
    try:
        given = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Not TOML, a number of thousands of digits, or endlessly nested brackets.
        raise FormError(f"`{name}` is not TOML: {error}.", hint="Correct the line.") from None
    return _form(given, name)


def _form(given: Mapping[str, Any], name: str) -> Form:
    own = dict(given)
    base = own.pop("extends", None)
    if base is not None:
        if not isinstance(base, str):
            raise FormError(f"`{name}`: `extends` must be a known form's name.", hint="Write it in quotes.")
        own = _merged(tomllib.loads(known_text(base)), own)
        # What a form was seen on is its own.
        own = {key: each for key, each in own.items() if key in given or key not in ("title", "seen_on", "letters")}
    try:
        return Form.model_validate(own)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        why = first["msg"].removeprefix("Value error, ").rstrip(".")
        at = f"`{name}`: `{place}`: " if place else f"`{name}`: "
        raise FormError(f"{at}{why}.", hint="`imrllm form show NAME` prints a known form as an example.") from None


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A form's tables over those of the form that it extends, key by key."""
    merged = dict(base)
    for key, each in own.items():
        under = merged.get(key)
        merged[key] = _merged(under, each) if isinstance(under, dict) and isinstance(each, dict) else each
    return merged
