"""What is wrong with recorded cassettes: stale, orphaned, unplayed or unsafe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from imrllm.documents import Document, Unreadable, read_documents
from imrllm.errors import CassetteError, ImrllmError, PromptError, UsageError
from imrllm.evaluation.cassettes import (
    Cassette,
    cassette_files,
    folder_name,
    objections,
    parse_cassette,
    schema_digests,
)
from imrllm.evaluation.tape import replaying
from imrllm.llm import ModelTarget, resolve_model
from imrllm.prompts import Prompt, load_prompt


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with one cassette.

    Attributes:
        path: the file.
        document: the letter's id.
        problem: what is wrong, without a word of any letter.
    """

    path: Path
    document: str
    problem: str

    def __str__(self) -> str:
        """The finding in one line."""
        return f"{self.path}: `{self.document}`: {self.problem}"


def check(folder: Path, evals: Path = Path("evals")) -> list[Finding]:
    """Look through all cassettes and replay each that is not stale.

    Args:
        folder: `SUITE/PROMPT/MODEL/DOCUMENT.yaml` below it.
        evals: the suites' folder, with the letters.

    Returns:
        What is wrong, in the order of the files; empty where nothing is.

    Raises:
        UsageError: there is no such folder.
        CassetteError: vcrpy is not installed.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder `{folder}`.", hint="Run it in the checkout, or name the folder.")
    suites: dict[str, Mapping[str, Document]] = {}
    findings = []
    for path in cassette_files(folder):
        steps = path.relative_to(folder).parts
        if len(steps) != 4:
            problem = "it lies outside of `SUITE/PROMPT/MODEL/DOCUMENT.yaml`"
        else:
            suite, prompt, model, _ = steps
            if suite not in suites:
                suites[suite] = letters(evals, suite)
            if path.stem in suites[suite]:
                found = problems(path, prompt, model, suites[suite][path.stem])
                findings += [Finding(path, path.stem, problem) for problem in found]
                continue
            problem = f"an orphan: suite `{suite}` has no such letter"
        findings.append(Finding(path, path.stem, problem))
    return findings


def letters(evals: Path, suite: str) -> dict[str, Document]:
    """The letters of a suite by their ids; empty where there is no such suite or it ships none.

    Raises:
        DocumentError: one of them cannot be read.
    """
    folder = evals / suite / "letters"
    found: dict[str, Document] = {}
    for document in read_documents([folder]) if folder.is_dir() else ():
        if isinstance(document, Unreadable):
            raise document.error
        found[document.id] = document
    return found


def problems(path: Path, prompt_name: str, model_folder: str, document: Document) -> list[str]:
    """What is wrong with one cassette.

    Args:
        path: the file.
        prompt_name: the prompt version that its folder is named after.
        model_folder: the folder that is named after the model.
        document: its letter.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ["it cannot be read"]
    unsafe = objections(text)
    try:
        cassette = parse_cassette(text, path.stem)
    except CassetteError as error:
        return [*unsafe, str(error)]
    misplaced = [
        f"it calls itself the {what} `{own}`, but lies as `{name}`"
        for what, own, name in (
            ("letter", cassette.document, path.stem),
            ("prompt", cassette.prompt, prompt_name),
            ("model", folder_name(cassette.model), model_folder),
        )
        if own != name
    ]
    if misplaced:
        return unsafe + misplaced
    try:
        prompt = load_prompt(prompt_name)
    except PromptError as error:
        return [*unsafe, f"an orphan: {error}"]
    stale = _stale(cassette, prompt, document)
    return unsafe + (stale or replay_problems(cassette, document))


def _stale(cassette: Cassette, prompt: Prompt, document: Document) -> list[str]:
    changed = []
    if cassette.document_sha256 != document.sha256:
        changed.append("the letter")
    schemas = cassette.schemas_sha256 != schema_digests(prompt)
    if schemas:
        changed.append("the answer's schema")
    # The prompt's hash covers its schemas: a change of those is not one of the prompt.
    elif cassette.prompt_sha256 != prompt.sha256:
        changed.append(f"prompt `{prompt.name}`")
    return [f"stale: {' and '.join(changed)} changed since it was recorded: record it again"] if changed else []


def replay_target(model: str) -> ModelTarget:
    """A model's target for replay: with an address that is never reached, and in need of no key.

    Args:
        model: the model string of the recording.
    """
    # Not the environment's: where a server is said to be decides which parameters a request has.
    target = resolve_model(model, environ={})
    # Port 9 is for discarding; nothing listens there.
    return target.at("http://127.0.0.1:9/v1") if target.embedded else replace(target, api_key_env=None)


def replay_problems(cassette: Cassette, document: Document) -> list[str]:
    """Replay one cassette, and tell what did not go as recorded."""
    from imrllm.pipeline import Extractor

    with replaying(cassette) as replay:
        try:
            Extractor(target=replay_target(cassette.model), prompt=cassette.prompt).extract(document)
        except ImrllmError as error:
            return [str(error)]
        return [f"the call `{call}` is recorded, but never made" for call in replay.unplayed]
