"""Tables of counts over gold, one for each model and prompt: data that `imrllm calibrate` writes.

Counts are kept by fold: a letter belongs to one of ten by its hash, and is judged by the other nine. So no letter is
judged by counts that it is part of, and the scores of the letters with gold are cross-validated by letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from imrllm.errors import UsageError
from imrllm.records import FrozenModel
from imrllm.records import places as places_of
from imrllm.trust.fingerprints import grammar_sha256
from imrllm.trust.folds import FOLDS
from imrllm.trust.risk import RiskModel

_OWN_TABLES = Path("calibration")
Agreement = Literal["differ", "model_only", "grammar_only"]
ByFold = Annotated[tuple[int, ...], Field(min_length=FOLDS, max_length=FOLDS)]


class ValueCounts(FrozenModel):
    """Values of one field in one kind of disagreement, by fold."""

    seen: ByFold
    model: ByFold = Field(description="Of these, those where the model is right")
    grammar: ByFold = Field(description="Of these, those where the grammar is right")


class EntryCounts(FrozenModel):
    """Entries of one list that readers gave in one situation, by fold."""

    seen: ByFold
    right: ByFold = Field(description="Of these, those that gold has")


class ListCounts(FrozenModel):
    """The entries of one list field."""

    true: ByFold = Field(description="Entries that gold has")
    situations: dict[str, EntryCounts] = Field(
        description="By situation: for a list of prose, who gave the entry; for grounds, the ground and who gave it"
    )


class Table(FrozenModel):
    """What gold shows of a model, a prompt and the grammar."""

    version: Literal[2] = Field(description="Of this schema")
    model: str = Field(description="Model string; `none` where the grammar reads alone")
    prompt: str | None = Field(description="Prompt version; null where no model is asked")
    prompt_sha256: str | None
    grammar_sha256: str = Field(description="Of the code and the word lists that read letters")
    gold: dict[str, str] = Field(description="By suite, the SHA-256 of its gold")
    suites: dict[str, int] = Field(description="Letters counted, by suite")
    seconds: float | None = Field(None, description="Mean seconds of a letter's calls when they were recorded")
    tokens: int | None = Field(None, description="Mean tokens of a letter's calls, questions and answers")
    values: dict[str, dict[Agreement, ValueCounts]] = Field(description="By field")
    lists: dict[str, ListCounts] = Field(description="By field")
    risk: RiskModel | None = Field(None, description="How sure values are; null where it was not fitted")

    def __hash__(self) -> int:
        """By identity: what is learned from a table is kept as long as the table."""
        return id(self)

    @property
    def sha256(self) -> str:
        """The hash of its file, in hexadecimal."""
        return sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The text of its file: one line a count, so that differences can be read."""
        text = self.model_dump_json(indent=1)
        return re.sub(r"\[\s+([\d,\s]+?)\s+\]", lambda found: f"[{' '.join(found[1].split())}]", text) + "\n"


@cache
def tables_folder() -> Path:
    """The folder of the tables that ship: in the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "_calibration"
    return installed if installed.is_dir() else package.parent / "calibration"


@lru_cache(maxsize=64)
def table_path(model: str, prompt: str | None, folder: Path) -> Path:
    """The file of a table in a folder."""
    name = "-".join(re.sub(r"[^A-Za-z0-9._]+", "-", part) for part in (model, prompt) if part)
    return folder / f"{name}.json"


def load_table(model: str, prompt: str | None = None, prompt_sha256: str | None = None) -> Table | None:
    """The table of a model and a prompt: from `calibration/` in the working folder, or the one that ships.

    Args:
        model: model string.
        prompt: the prompt's name; None for the model `none`.
        prompt_sha256: the prompt's hash.

    Returns:
        The table, or None if there is none that applies: cautious rules apply, and no risk is measured.

    Raises:
        UsageError: the file is not a table.
    """
    return find_table(model, prompt, prompt_sha256)[0]


def find_table(
    model: str, prompt: str | None = None, prompt_sha256: str | None = None
) -> tuple[Table | None, str | None]:
    """The table of a model and a prompt, or why one that is there does not apply; arguments as `load_table` has them.

    Returns:
        The table and None; or None and a sentence that names the file and what has changed since it was counted, None
        where there is no file.
    """
    for given in _applied:
        if given is None:
            return None, None
        if (given.model, given.prompt_sha256) == (model, prompt_sha256):
            return given, None
    why = None
    for folder in (_OWN_TABLES, tables_folder()):
        path = table_path(model, prompt, folder)
        try:
            changed = path.stat().st_mtime_ns
        except OSError:
            continue
        # The time of change is part of the key: a table that was written anew is read anew.
        table = _read_table((path.absolute(), changed))
        refused = _refused(table, model, prompt_sha256)
        if refused is None:
            return table, None
        why = why or f"`{path}` is not used: it was counted with another {refused}. `imrllm calibrate` counts it again."
    return None, why


def _refused(table: Table, model: str, prompt_sha256: str | None) -> str | None:
    """What has changed since a table was counted; None if it applies."""
    if table.model != model:
        return "model"
    if table.prompt_sha256 != prompt_sha256:
        return "prompt"
    if table.grammar_sha256 != grammar_sha256():
        return "grammar"
    changed = [name for name, gold in table.gold.items() if _gold_at_hand.get(name, gold) != gold]
    return f"gold of {', '.join(f'`{name}`' for name in changed)}" if changed else None


# By suite, the hash of the gold that an evaluation reads.
_gold_at_hand: dict[str, str] = {}


@contextmanager
def beside_gold(gold: Mapping[str, str]) -> Iterator[None]:
    """Refuse tables that were counted with other gold than what is at hand: by suite, the SHA-256 of its gold."""
    _gold_at_hand.update(gold)
    try:
        yield
    finally:
        for name in gold:
            _gold_at_hand.pop(name, None)


@contextmanager
def applied(table: Table | None) -> Iterator[None]:
    """Let a table that is not written yet apply, to what it is measured on; or None, as if there were no table."""
    _applied.append(table)
    try:
        yield
    finally:
        _applied.remove(table)


_applied: list[Table | None] = []


@lru_cache(maxsize=16)
def _read_table(version: tuple[Path, int]) -> Table:
    """Read one version of a file: its path, and when it changed, in nanoseconds."""
    path, _ = version
    try:
        return Table.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise UsageError(
            f"`{path}` is not a table of this version: it is malformed at {places_of(error)}.",
            hint="Write it again with `imrllm calibrate`.",
        ) from None
