"""Cassettes: one YAML file per letter with a model's answers; of the requests it holds only names and digests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from imrllm.answer_models import Kind
from imrllm.atomic import write_text
from imrllm.errors import CassetteError
from imrllm.prompts import Prompt
from imrllm.records import FrozenModel, places, strict_schema

# The headers that a cassette may hold: none names a machine, an account or a key.
REQUEST_HEADERS = frozenset({"accept", "content-type"})
RESPONSE_HEADERS = frozenset({"content-type"})
# In characters: a media type is shorter, a sentence may not be.
_LONGEST_HEADER = 80

_SECRETS = {
    "an API key": re.compile(r"\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}|\bAIza[A-Za-z0-9_-]{30,}|\bAKIA[A-Z0-9]{16}\b"),
    "an access token": re.compile(
        r"\b(?:gh[pousr]|github_pat|glpat|hf|xox[abprs])[-_][A-Za-z0-9_-]{16,}"
        r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}"
    ),
    "a bearer credential": re.compile(r"(?i)\b(?:bearer|basic)\s+[A-Za-z0-9._~+/-]{16,}=*"),
    "a header with a credential": re.compile(
        r"(?im)^\W*(?:(?:proxy-)?authorization|(?:x-)?api-key|(?:set-)?cookie)\b\W*:"
    ),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a password in an address": re.compile(r"://[^/\s:@]{1,80}:[^/\s@]{1,80}@"),
}

_AGAIN = "Delete it and run `imrllm cassettes record`."

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class RecordedRequest(FrozenModel):
    """A request: names, and a digest of each part that can change the answer."""

    kind: Kind
    item: int | None = None
    messages_sha256: Digest
    schema_sha256: Digest
    parameters_sha256: Digest
    headers: dict[str, str]


class RecordedResponse(FrozenModel):
    """A response: its body is parsed JSON, with the model's own answer in it as text."""

    status: Annotated[int, Field(ge=200, le=299)]
    headers: dict[str, str]
    body: dict[str, Any]


class Interaction(FrozenModel):
    """One request and its answer."""

    request: RecordedRequest
    response: RecordedResponse


class Cassette(FrozenModel):
    """All answers about one letter, and hashes of the letter, the prompt and the schemas."""

    document: str
    document_sha256: Digest
    prompt: str
    prompt_sha256: Digest
    model: str
    schemas_sha256: dict[Kind, Digest]
    # Wall time of the recording, in seconds, on a machine that may have been busy. Early cassettes lack it.
    seconds: Annotated[float, Field(ge=0)] | None = None
    interactions: tuple[Interaction, ...]


def digest(value: Any) -> str:
    """SHA-256 of a JSON value, in hexadecimal; equal values have equal digests."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def schema_digests(prompt: Prompt) -> dict[Kind, str]:
    """The hash of the strict schema of each kind of call that a prompt makes."""
    return {kind: digest(strict_schema(prompt.answer_model(kind))) for kind in prompt.asks}


def folder_name(name: str) -> str:
    """The folder name of a model: `openai/gpt-5-mini` becomes `openai-gpt-5-mini`."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".") or "-"


def cassette_path(cassettes: Path, suite: str, prompt: str, model: str, document: str) -> Path:
    """Where the cassette of a letter is, below the folder of all cassettes.

    Raises:
        CassetteError: the letter's id cannot be a file name.
    """
    if folder_name(document) != document:
        raise CassetteError(
            f"`{document}` cannot name a file.", hint="Name the letter with letters, digits, `.`, `_`, `-`."
        )
    return cassettes / suite / prompt / folder_name(model) / f"{document}.yaml"


def cassette_files(place: Path) -> Iterator[Path]:
    """The cassettes in a folder and its subfolders, sorted; a file yields itself."""
    if place.is_file():
        yield place
    else:
        yield from sorted(file for file in place.rglob("*.yaml") if not file.name.startswith("."))


def read_cassette(path: Path) -> Cassette:
    """Read a cassette.

    Raises:
        CassetteError: the file cannot be read, or is not a cassette.
    """
    try:
        return parse_cassette(path.read_text(encoding="utf-8"), path.stem)
    except (OSError, UnicodeDecodeError) as error:
        raise CassetteError(f"The cassette `{path.name}` cannot be read.", hint=_AGAIN) from error


def parse_cassette(text: str, name: str) -> Cassette:
    """Parse a cassette's text.

    Raises:
        CassetteError: the text is not a cassette; the message names the wrong fields.
    """
    found = parse_yaml(text)
    failure: CassetteError
    try:
        return Cassette.model_validate(found)
    except ValidationError as error:
        failure = CassetteError(f"The cassette of `{name}` is malformed at {places(error)}.", hint=_AGAIN)
    raise failure


def parse_yaml(text: str) -> Any:
    """The plain data of a YAML text, or None if it is not YAML."""
    import yaml

    # libyaml if it is built in: the pure Python parser is ten times slower.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(text, loader)  # noqa: S506 - both are the safe loader
    except (yaml.YAMLError, ValueError, RecursionError):
        # Also a day that no month has, and endlessly nested brackets.
        return None


def render_cassette(cassette: Cassette) -> str:
    """The text of a cassette's file."""
    import yaml

    def as_it_reads(dumper: Any, text: str) -> Any:
        block = "\n" in text or len(text) > 100
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if block else None)

    # A new class, because representers belong to the class.
    dumper: Any = type("Dumper", (yaml.SafeDumper,), {})
    dumper.add_representer(str, as_it_reads)
    data = cassette.model_dump(mode="json")
    if data["seconds"] is None:
        del data["seconds"]
    for interaction in data["interactions"]:
        if interaction["request"]["item"] is None:
            del interaction["request"]["item"]
    text: str = yaml.dump(data, Dumper=dumper, sort_keys=False, allow_unicode=True, width=120)
    return text


def write_cassette(cassette: Cassette, path: Path) -> None:
    """Write a cassette whole, or not at all.

    Raises:
        CassetteError: the cassette holds something that must not be stored, or the file cannot be written.
    """
    text = render_cassette(cassette)
    if found := objections(text):
        raise CassetteError(f"The cassette of `{cassette.document}` is unsafe to store: {'; '.join(found)}.")
    try:
        write_text(path, text)
    except OSError as error:
        raise CassetteError(f"The cassette of `{cassette.document}` cannot be written: {error.strerror}.") from error


def objections(text: str) -> list[str]:
    """Name, without quoting, what a file's text must not hold: secrets, other headers, the text of a request."""
    found = [f"it holds what looks like {kind}" for kind, pattern in _SECRETS.items() if pattern.search(text)]
    data = parse_yaml(text)
    interactions = data.get("interactions") if isinstance(data, dict) else None
    for number, interaction in enumerate(interactions if isinstance(interactions, list) else (), 1):
        for side, allowed in (("request", REQUEST_HEADERS), ("response", RESPONSE_HEADERS)):
            part = interaction.get(side) if isinstance(interaction, dict) else None
            headers = part.get("headers") if isinstance(part, dict) else None
            names = {str(name).lower() for name in headers} if isinstance(headers, dict) else set()
            found += [f"{side} {number} holds the header `{name[:40]}`" for name in sorted(names - allowed)]
            if side == "request" and isinstance(part, dict) and not _is_digested(part):
                found.append(f"request {number} holds more than names and digests: letter text, perhaps")
    return found


def _is_digested(request: dict[str, Any]) -> bool:
    """Whether a request holds only names and digests; missing fields are reported elsewhere."""
    try:
        RecordedRequest.model_validate(request)
    except ValidationError as error:
        if any(fault["type"] != "missing" for fault in error.errors(include_input=False)):
            return False
    return all(len(value) <= _LONGEST_HEADER for value in request.get("headers", {}).values())
