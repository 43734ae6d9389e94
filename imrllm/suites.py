"""Suites: letters with their gold, and what a run over them must reach."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from imrllm.documents import Document, Unreadable, read_documents
from imrllm.documents.inputs import one_letter
from imrllm.errors import UsageError
from imrllm.fields import BY_NAME, named
from imrllm.normalization import normal_text
from imrllm.records import Confirmation, Determination, FrozenModel, places

_SUFFIXES = (".txt", ".pdf")
Share = Annotated[float, Field(gt=0, le=1)]


class Allowed(FrozenModel):
    """One error that a suite's gates let pass, and why.

    Attributes:
        document: the letter's id.
        path: JSON Pointer of the field, as reports have it.
        value: the record's value; left out where the record has none. Another wrong value still counts.
        kind: the count that does not include it.
        reason: why it is allowed.
    """

    document: str
    path: str
    value: Any = None
    kind: Literal["critical", "silent"]
    reason: Annotated[str, Field(min_length=1)]


class SuiteSettings(FrozenModel):
    """What `suite.toml` holds.

    Attributes:
        name: the name of its folder.
        description: one sentence.
        letters: the folder of its letters, relative to the suite's; None where they are not included.
        source: where a user gets letters that are not included.
        thresholds: by metric or field, the least share (0 to 1) that a run's final records must reach; for `critical`
            and `silent` the most errors that they may hold.
        fuzzy: by text field, the least similarity (0 to 1) of two texts that count as the same. Other texts must be
            equal in all but case, white space and punctuation.
        allowed: errors that the gates let pass.
        developed_on: whether the grammar was developed on the letters. What is right on those says little of others.
        unseen: letters, by document id, on which it was not developed all the same: they were labeled later.
    """

    name: str
    description: str
    letters: str | None = None
    source: str | None = None
    thresholds: dict[str, Annotated[float, Field(ge=0)]] = Field({})
    fuzzy: dict[str, Share] = Field({})
    allowed: tuple[Allowed, ...] = ()
    developed_on: bool = False
    unseen: frozenset[str] = frozenset()

    def is_unseen(self, document_id: str) -> bool:
        """Whether the grammar was not developed on a letter."""
        return not self.developed_on or document_id in self.unseen


class _GoldFile(FrozenModel):
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    confirmed_by: Confirmation | None = None
    record: Determination


@dataclass(frozen=True, slots=True)
class Gold:
    """The true record of one letter.

    Attributes:
        document_id: the letter's id.
        sha256: of the letter's file, in hexadecimal.
        record: the record as JSON has it, without rationales.
    """

    document_id: str
    sha256: str
    record: dict[str, Any]


@dataclass(frozen=True)
class Suite:
    """One suite.

    Attributes:
        settings: what its `suite.toml` holds.
        folder: where it is.
    """

    settings: SuiteSettings
    folder: Path

    @property
    def name(self) -> str:
        """Its name."""
        return self.settings.name

    @cached_property
    def gold(self) -> dict[str, Gold]:
        """The gold by document id, sorted.

        Raises:
            UsageError: a file is not gold; the message names the field.
        """
        return {file.stem: _read_gold(file) for file in sorted((self.folder / "gold").glob("*.json"))}

    def letters(self, documents: Path | None = None) -> Letters:
        """Find the suite's letters.

        Args:
            documents: a folder to look in first, its subfolders too; then the suite's own.

        Raises:
            UsageError: there is no such folder, or a letter cannot be read.
        """
        own = self.folder / self.settings.letters if self.settings.letters else None
        files: dict[str, list[Path]] = {}
        # `--documents` may be for another suite of the same run.
        for place in (documents, own):
            if place is None:
                continue
            if not place.is_dir():
                raise UsageError(f"There is no folder `{place}`.", hint="Name the letters with `--documents`.")
            for file in _letter_files(place):
                files.setdefault(file.stem, []).append(file)
        found = {name: self._letter(self._right(name, files[name])) for name in self.gold if name in files}
        return Letters(found, tuple(name for name in self.gold if name not in found))

    def _right(self, name: str, files: Sequence[Path]) -> Path:
        """The labelled one of several files with the same name, or else the first."""
        if len(files) == 1:
            return files[0]
        labelled = self.gold[name].sha256
        return next((file for file in files if sha256(file.read_bytes()).hexdigest() == labelled), files[0])

    def _letter(self, file: Path) -> Document:
        (letter,) = read_documents(file, letter_starts=one_letter)
        if isinstance(letter, Unreadable):
            raise UsageError(
                f"Suite `{self.name}`: {letter.error}", hint=letter.error.hint or "Fetch the letter again."
            )
        return letter

    def verify(self, letters: Letters) -> None:
        """Make sure that letters are those that were labelled, and that a suite that includes its letters has all.

        Raises:
            UsageError: letters have changed or are missing; the message names them.
        """
        if self.settings.letters and letters.missing:
            raise UsageError(
                f"Suite `{self.name}` lacks its letters {', '.join(f'`{name}`' for name in letters.missing)}.",
                hint="Restore them, or delete their gold.",
            )
        changed = [name for name, letter in letters.found.items() if letter.sha256 != self.gold[name].sha256]
        if changed:
            raise UsageError(
                f"Suite `{self.name}`: {', '.join(f'`{name}`' for name in changed)}: not the letter that was labelled, "
                "its SHA-256 differs.",
                hint="Restore the letter, or label it again. "
                + " ".join(f"`{name}` has {letters.found[name].sha256}." for name in changed),
            )


@dataclass(frozen=True, slots=True)
class Letters:
    """A suite's letters.

    Attributes:
        found: by document id, in the order of the gold.
        missing: ids of the letters that were not found.
        left_out: number of the letters that were found and left out, because only some were wanted.
    """

    found: dict[str, Document] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    left_out: int = 0

    def first(self, limit: int | None) -> Letters:
        """The first so many of the letters, in the order of the gold; all of them without a limit.

        Raises:
            UsageError: the limit is below 1.
        """
        if limit is None:
            return self
        if limit < 1:
            raise UsageError("A limit is at least one letter.", hint="Give `limit=5`.")
        return self.only(list(self.found)[:limit], max(0, len(self.found) - limit))

    def only(self, names: Iterable[str], left_out: int) -> Letters:
        """The letters of some names."""
        return Letters({name: self.found[name] for name in names if name in self.found}, self.missing, left_out)


def at_hand(folder: Path) -> Path:
    """A folder such as `evals`, or the package's own copy of it if the working folder has none of that name."""
    shipped = Path(__file__).parent / f"_{folder}"
    return shipped if not folder.exists() and shipped.is_dir() else folder


def find_letter(name: str, evals: Path = Path("evals"), documents: Path | None = None) -> Document:
    """Find one letter.

    Args:
        name: a letter's file, or the id of a letter of a suite whose letters are here.
        evals: the suites' folder; if the working folder has none of this name, the package's.
        documents: a folder of letters, for suites that do not include theirs.

    Raises:
        DocumentError: the file cannot be read as text.
        UsageError: there is no such letter, or the file holds several.
    """
    if Path(name).is_file():
        found = list(read_documents(name))
        if len(found) != 1:
            raise UsageError(
                f"`{name}` holds {len(found)} letters.", hint="Name a file with one letter: split it first."
            )
        if isinstance(found[0], Unreadable):
            raise found[0].error
        return found[0]
    evals = at_hand(evals)
    for suite in (load_suite(each, evals) for each in suite_names(evals)):
        if name in suite.gold:
            letters = suite.letters(documents).found
            if name not in letters:
                raise UsageError(
                    f"Letter `{name}` of suite `{suite.name}` is not here.",
                    hint=f"Name its folder with `--documents`. {suite.settings.source or ''}".strip(),
                )
            return letters[name]
    raise UsageError(
        f"There is no letter `{name}`.",
        hint="Name a file, or a letter of a suite by the name of its gold file.",
    )


def suite_names(evals: Path = Path("evals")) -> list[str]:
    """The names of the suites in a folder, sorted.

    Raises:
        UsageError: the folder has no suite.
    """
    found = sorted(file.parent.name for file in evals.glob("*/suite.toml"))
    if not found:
        raise UsageError(f"No suite lies under `{evals}`.", hint="Run it in the checkout, or name the folder.")
    return found


def load_suite(name: str, evals: Path = Path("evals")) -> Suite:
    """Load the settings of a suite in a folder of suites. Its gold and letters are read at first use.

    Raises:
        UsageError: there is no such suite, or its `suite.toml` is malformed; the message says where.
    """
    file = evals / name / "suite.toml"
    known = suite_names(evals)
    if name not in known:
        raise UsageError(
            f"There is no suite `{name}`.", hint=f"Name one of {', '.join(f'`{each}`' for each in known)}."
        )
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        # Not TOML or not UTF-8, a number of thousands of digits, or endlessly nested brackets.
        raise UsageError(f"`{file}` is not valid TOML.", hint=f"Fix it: {error}.") from error
    try:
        settings = SuiteSettings.model_validate(given)
    except ValidationError as error:
        raise UsageError(
            f"`{file}` is malformed at {places(error)}.", hint="Compare it with another suite's."
        ) from None
    for text in settings.fuzzy:
        if not named(text) or text not in BY_NAME or BY_NAME[text].normal is not normal_text:
            raise UsageError(
                f"`{file}` sets a similarity for `{text}`, which is not a free-text field.",
                hint="Typed values are compared exactly.",
            )
    if settings.name != name:
        raise UsageError(f"Suite `{name}` calls itself `{settings.name}`.", hint="Give folder and file one name.")
    return Suite(settings, file.parent)


def _read_gold(file: Path) -> Gold:
    try:
        found = _GoldFile.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise UsageError(
            f"`{file}` is not a gold file: it is malformed at {places(error)}.",
            hint="`imrllm schema` says what a record holds.",
        ) from None
    return Gold(file.stem, found.sha256, found.record.model_dump(mode="json"))


def gold_file(sha256: str, record: Determination, confirmed_by: Confirmation) -> str:
    """The text of a gold file, without the record's rationales, which are the letter's own text.

    Args:
        sha256: SHA-256 of the letter's file, in hexadecimal.
        record: the true record.
        confirmed_by: who read the whole letter.

    Raises:
        ValueError: `sha256` is malformed.
    """
    items = tuple(item.model_copy(update={"rationale": None}) for item in record.disputed_items)
    gold = _GoldFile(
        sha256=sha256, confirmed_by=confirmed_by, record=record.model_copy(update={"disputed_items": items})
    )
    return f"{gold.model_dump_json(indent=2)}\n"


def _letter_files(place: Path) -> Iterator[Path]:
    return (file for file in sorted(place.rglob("*")) if file.suffix.lower() in _SUFFIXES and file.is_file())
