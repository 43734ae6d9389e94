"""What a run lacks and how to fix it: the installation, the model, the prompts and the disk."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

from imrllm.errors import ImrllmError
from imrllm.llm import HttpTransport, ModelTarget, resolve_model, weights
from imrllm.prompts import DEFAULT_PROMPT, load_prompt, prompt_names

Status = Literal["ok", "optional", "broken"]

# What the weights and a long run's results want, in bytes.
_ROOM = 3_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one thing. The status `optional` is for something missing that only some runs need.

    `hint` says how to fix it, and is empty if nothing is wrong.
    """

    about: str
    status: Status
    detail: str
    hint: str = ""


def diagnose(model: str | None = None, prompt: str = DEFAULT_PROMPT) -> Iterator[Finding]:
    """Yield a finding for each thing that a run needs. The model's server is asked which models it has."""
    yield Finding("python", "ok", f"{'.'.join(map(str, sys.version_info[:3]))} at {sys.executable}")
    yield from _packages()
    yield _prompts(prompt)
    try:
        target = resolve_model(model)
    except ImrllmError as error:
        yield Finding("model", "broken", str(error), error.hint)
    else:
        yield from _embedded(target) if target.embedded else [_model(target)]
    yield _cache()


def _packages() -> Iterator[Finding]:
    """The package's own requirements together, and each extra's."""
    from packaging.requirements import Requirement

    needed: dict[str, list[str]] = {"": []}
    for line in requires("imrllm") or ():
        requirement = Requirement(line)
        marker = requirement.marker
        extra = _extra(str(marker or ""))
        if extra == "dev" or (marker and not marker.evaluate({"extra": extra})):
            continue
        lacking = needed.setdefault(extra, [])
        try:
            fits = requirement.specifier.contains(version(requirement.name), prereleases=True)
        except PackageNotFoundError:
            lacking.append(f"{requirement.name} is not installed")
        else:
            if not fits:
                lacking.append(f"{requirement.name} {version(requirement.name)} is not {requirement.specifier}")
    own = needed.pop("")
    yield Finding(
        "packages", "broken" if own else "ok", ", ".join(own) or "all there", "pip install -U imrllm" if own else ""
    )
    for extra, lacking in sorted(needed.items()):
        status: Status = "optional" if lacking else "ok"
        hint = f"pip install 'imrllm[{extra}]'" if lacking else ""
        yield Finding(f"extra {extra}", status, ", ".join(lacking) or "installed", hint)


def _extra(marker: str) -> str:
    """The extra that a requirement's marker names; an empty string where there is none."""
    _, found, rest = marker.partition("extra == ")
    return rest.strip("\"'").split('"')[0] if found else ""


def _prompts(name: str) -> Finding:
    try:
        prompt = load_prompt(name)
    except ImrllmError as error:
        return Finding("prompt", "broken", str(error), error.hint)
    return Finding("prompt", "ok", f"{prompt.name} of {', '.join(prompt_names())}")


def _model(target: ModelTarget) -> Finding:
    if not target.asks:
        return Finding("model", "ok", "none: the grammar alone")

    async def ask() -> tuple[str, ...]:
        async with HttpTransport(target) as http:
            return await http.models()

    try:
        names = asyncio.run(ask())
    except ImrllmError as error:
        return Finding("model", "broken", str(error), error.hint)
    if names and target.model not in names:
        known = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        return Finding("model", "broken", f"no `{target.model}` at {target.address}", f"It has {known}.")
    return Finding("model", "ok", f"{target.name} answers at {target.address}")


def _embedded(target: ModelTarget) -> Iterator[Finding]:
    """The engine is an extra, and has its own finding."""
    found = weights.find()
    detail = str(found or f"{weights.LOCAL_WEIGHTS.size / 1e9:.1f} GB, fetched by the first run")
    hint = "" if found else "imrllm model pull"
    yield Finding(f"model {target.name}", "ok" if found else "optional", detail, hint)
    try:
        version("xllamacpp")
    except PackageNotFoundError:
        detail = "the embedded model's engine is not installed"
        yield Finding("engine", "broken", detail, "pip install 'imrllm[local]', or `--model none`")


def _cache() -> Finding:
    folder = weights.folder()
    there: Path = next(each for each in (folder, *folder.parents) if each.exists())
    if not os.access(there, os.W_OK):
        return Finding("cache", "broken", f"{there} cannot be written to", "Name a folder in IMRLLM_CACHE_DIR.")
    free = shutil.disk_usage(there).free
    detail = f"{folder}, {free / 1e9:,.0f} GB free"
    return Finding("cache", "ok" if free > _ROOM else "optional", detail, "" if free > _ROOM else "Free some space.")
