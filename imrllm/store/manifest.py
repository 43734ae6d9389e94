"""The run manifest, a small file beside the results: how its rows are made, so that no others mix with them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from imrllm.atomic import write_atomically
from imrllm.documents import Columns, Shard
from imrllm.documents.columns import PLAIN
from imrllm.documents.inputs import is_address, without_secrets
from imrllm.documents.text import writable
from imrllm.errors import StoreError
from imrllm.letter import ChosenForm
from imrllm.records import ConflictPolicy, Result
from imrllm.store.audits import Audit
from imrllm.store.files import reporting
from imrllm.trust import load_table
from imrllm.version import __version__

if TYPE_CHECKING:
    from imrllm.pipeline import Extractor

Command = Literal["extract", "check", "apply"]
START_OVER = "Name another file, or start this one over with `--fresh`."


class Manifest(BaseModel):
    """How the rows of a results file are made, and their audits.

    No field but `audits`, the form and the columns has a default: a file without one says too little.
    """

    model_config = ConfigDict(frozen=True)

    command: Command = Field(description="The command that makes the rows")
    model: str = Field(description="Model as given, or none")
    prompt: str | None = Field(description="Prompt name; null where no model is asked")
    prompt_sha256: str | None
    on_conflict: ConflictPolicy | None = Field(description="Conflict policy; null where no model is asked")
    table_sha256: str | None = Field(
        description="SHA-256 of the calibration table that says whose values are taken; null where cautious rules do"
    )
    review_above: float | None = Field(
        description="The risk above which a person is asked to look; null for what the calibration table states"
    )
    form: str | None = Field(
        None, description="The form that was tried first, as given; null where only known ones were"
    )
    form_sha256: str | None = Field(None, description="SHA-256 of that form's file")
    columns: Columns = Field(PLAIN, description="The columns that were read of tables, where they were named")
    redact: bool = Field(description="Whether identifiers were masked in what the model was sent")
    schema_sha256: str = Field(description="SHA-256 of the JSON Schema of a row")
    version: str = Field(description="Program version")
    shard: str | None = Field(description="The part of the documents, as i/n; null where it is all of them")
    started: datetime = Field(description="When the first run began, in UTC")
    inputs: tuple[str, ...] = Field(description="The inputs as they were given to the first run")
    audits: tuple[Audit, ...] = Field((), description="Random draws of letters, and a person's verdicts on them")

    def differences(self, other: Manifest) -> list[str]:
        """How another run's settings differ from this one's, in words; the shard and audits do not count."""
        differences = []
        if other.command != self.command:
            differences.append(f"`imrllm {other.command}`, not `imrllm {self.command}`")
        differences += setting_differences(self, other)
        # If only one run asks a model, that difference has been named.
        if other.on_conflict != self.on_conflict and None not in (other.on_conflict, self.on_conflict):
            differences.append(f"`--on-conflict {other.on_conflict}`, not `{self.on_conflict}`")
        # Another model or prompt, which is named above, has another table.
        if other.table_sha256 != self.table_sha256 and not differences:
            differences.append("another calibration table")
        if other.review_above != self.review_above:
            differences.append(_differ(_threshold(other), _threshold(self)))
        if other.form_sha256 != self.form_sha256:
            differences.append(_differ(_form(other), _form(self)))
        if other.columns != self.columns:
            differences.append(_differ(_columns(other), _columns(self)))
        if other.redact != self.redact:
            differences.append("`--redact`" if other.redact else "no `--redact`")
        if other.schema_sha256 != self.schema_sha256:
            differences.append("another schema of the record")
        return differences


def _differ(before: str, now: str) -> str:
    return f"{before}, and this run has {now}" if now.startswith("no ") else f"{before}, not {now}"


def _threshold(manifest: Manifest) -> str:
    given = manifest.review_above
    return "no `--review-above`" if given is None else f"`--review-above {given:g}`"


def _form(manifest: Manifest) -> str:
    if manifest.form is None or manifest.form_sha256 is None:
        return "no `--form`"
    # Two versions of one file have the same name.
    return f"`--form` {manifest.form} ({manifest.form_sha256[:8]})"


def _columns(manifest: Manifest) -> str:
    named = str(manifest.columns)
    return f"`{named}`" if named else "no columns named"


class Made(BaseModel):
    """What a row's provenance and a manifest say alike."""

    prompt_sha256: str | None = None
    model: str
    version: str


def setting_differences(own: Made | Manifest, other: Made | Manifest) -> list[str]:
    """How the settings of other rows differ from one's own, as far as a row shows them, in words."""
    differences = []
    if other.model != own.model:
        differences.append(f"the model `{other.model}`, not `{own.model}`")
    if other.prompt_sha256 != own.prompt_sha256:
        differences.append("another prompt")
    if other.version != own.version:
        differences.append(f"version {other.version}, not {own.version}")
    return differences


def new_manifest(
    *,
    model: str,
    prompt: str | None = None,
    prompt_sha256: str | None = None,
    on_conflict: ConflictPolicy | None = None,
    table_sha256: str | None = None,
    review_above: float | None = None,
    form: ChosenForm | None = None,
    columns: Columns = PLAIN,
    redact: bool = False,
    command: Command = "extract",
    shard: Shard | None = None,
    inputs: Iterable[str] = (),
) -> Manifest:
    """The manifest of a run of this program that begins now; `Manifest` says what each argument means."""
    return Manifest(
        command=command,
        model=model,
        prompt=prompt,
        prompt_sha256=prompt_sha256,
        on_conflict=on_conflict,
        table_sha256=table_sha256,
        review_above=review_above,
        form=writable(Path(form.file).name) if form else None,
        form_sha256=form.sha256 if form else None,
        columns=columns,
        redact=redact,
        schema_sha256=_schema_sha256(),
        version=__version__,
        shard=str(shard) if shard else None,
        started=datetime.now(UTC).replace(microsecond=0),
        inputs=tuple(map(writable, inputs)),
    )


def manifest_of(
    extractor: Extractor, *, shard: Shard | None = None, inputs: Iterable[str] = (), columns: Columns = PLAIN
) -> Manifest:
    """The manifest of a run that begins now with an extractor; secrets in the addresses of inputs are left out."""
    asks = extractor.target.asks
    prompt = extractor.prompt if asks else None
    table = load_table(extractor.model, *((prompt.name, prompt.sha256) if prompt else ()))
    return new_manifest(
        model=extractor.model,
        prompt=prompt.name if prompt else None,
        prompt_sha256=prompt.sha256 if prompt else None,
        on_conflict=extractor.on_conflict if asks else None,
        table_sha256=table.sha256 if table else None,
        review_above=extractor.review_above,
        form=extractor.form,
        columns=columns,
        redact=extractor.redact and asks,
        shard=shard,
        inputs=(without_secrets(given) if is_address(given) else given for given in inputs),
    )


@cache
def _schema_sha256() -> str:
    return sha256(json.dumps(Result.model_json_schema(), sort_keys=True).encode()).hexdigest()


def manifest_path(results: Path) -> Path:
    """The path of a results file's manifest: beside it (not beside a link to it), `.run.json` after its name."""
    return Path(f"{os.path.realpath(results)}.run.json")


def read_manifest(results: Path) -> Manifest | None:
    """Read the manifest of a results file; None if it has no manifest.

    Raises:
        StoreError: it is malformed, or cannot be read.
    """
    path = manifest_path(results)
    with reporting(path):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
    try:
        return Manifest.model_validate_json(content)
    except ValidationError:
        raise StoreError(
            f"`{path.name}` is not a run manifest, so the settings of `{results.name}` are not known.",
            hint="Restore it, or delete it: a run then checks the settings that each row states.",
        ) from None


def columns_of(results: Path) -> Columns:
    """The columns that were read of tables when a results file was made; the usual ones if no manifest says so."""
    try:
        manifest = read_manifest(results)
    except StoreError:
        return PLAIN
    return manifest.columns if manifest else PLAIN


def has_begun(results: Path, manifest: Manifest) -> bool:
    """Whether existing results have this run's manifest.

    Raises:
        StoreError: they have the manifest of a run with other settings, or it cannot be read.
    """
    earlier = read_manifest(results)
    if earlier is None:
        return False
    differences = manifest.differences(earlier)
    if earlier.shard != manifest.shard:
        named = [f"shard {shard}" if shard else "all documents" for shard in (earlier.shard, manifest.shard)]
        differences.append(f"{named[0]}, not {named[1]}")
    if differences:
        raise StoreError(f"`{results.name}` was made with {' and '.join(differences)}.", hint=START_OVER)
    return True


def write_manifest(results: Path, manifest: Manifest) -> None:
    """Write the manifest of a results file whose lock is held, whole.

    Raises:
        StoreError: it cannot be written.
    """
    path = manifest_path(results)
    with reporting(path), write_atomically(path) as file:
        file.write(manifest.model_dump_json(indent=1).encode() + b"\n")
