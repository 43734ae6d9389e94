"""Finds recorded cassettes that are stale, orphaned, not fully played, or unsafe to store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from imrllm.cassettes.replay import replaying
from imrllm.cassettes.store import (
    Cassette,
    cassette_files,
    folder_name,
    objections,
    parse_cassette,
    read_cassette,
    schema_digests,
)
from imrllm.documents import Document
from imrllm.errors import CassetteError, ImrllmError, UsageError
from imrllm.llm import ModelTarget, resolve_model
from imrllm.prompts import Prompt, load_prompt, prompt_names
from imrllm.suites import Letters, Suite, load_suite, suite_names

# `SUITE/PROMPT/MODEL/DOCUMENT.yaml`
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One problem of one cassette.

    Attributes:
        path: the file.
        document: the letter's id.
        problem: what is wrong; it quotes no letter.
    """

    path: Path
    document: str
    problem: str

    def __str__(self) -> str:
        """The finding in one line."""
        return f"{self.path}: `{self.document}`: {self.problem}"


@dataclass(frozen=True, slots=True)
class LintReport:
    """The outcome of checking the cassettes.

    Attributes:
        findings: the problems, in the order of the files.
        replayed: how many cassettes were replayed as recorded.
        unreplayed: by suite, how many were checked but not replayed, because their letters are missing.
    """

    findings: list[LintFinding]
    replayed: int
    unreplayed: dict[str, int]


def check(folder: Path, evals: Path = Path("evals"), documents: Path | None = None) -> LintReport:
    """Check all cassettes, and replay each that is not stale and whose letter is available.

    Args:
        folder: `SUITE/PROMPT/MODEL/DOCUMENT.yaml` below it.
        evals: the suites' folder.
        documents: a folder of letters, for suites without letters of their own.

    Raises:
        UsageError: there is no such folder.
        CassetteError: vcrpy is not installed.
    """
    _exists(folder)
    suites = _Suites(evals, documents)
    findings = []
    replayed, unreplayed = 0, Counter[str]()
    for path in cassette_files(folder):
        if orphaned := suites.orphaned(path, folder):
            findings.append(LintFinding(path, path.stem, orphaned))
            continue
        name, prompt, model, _ = path.relative_to(folder).parts
        suite, letters = suites[name]
        letter = letters.found.get(path.stem)
        if letter is None and suite.settings.letters:
            findings.append(LintFinding(path, path.stem, "its letter is not in the suite"))
            continue
        found = problems(path, prompt, model, letter, suite.gold[path.stem].sha256)
        findings += [LintFinding(path, path.stem, problem) for problem in found]
        if letter is None:
            unreplayed[name] += 1
        elif not found:
            replayed += 1
    return LintReport(findings, replayed, dict(unreplayed))


def orphans(folder: Path, evals: Path = Path("evals")) -> list[Path]:
    """List the cassettes that cannot be played any more, because their suite, letter or prompt is gone.

    Files outside of the layout `SUITE/PROMPT/MODEL/DOCUMENT.yaml` and files that are not cassettes are left out: they
    are not this program's to delete.

    Raises:
        UsageError: there is no such folder.
    """
    _exists(folder)
    suites = _Suites(evals, None)
    return [
        path
        for path in cassette_files(folder)
        if len(path.relative_to(folder).parts) == _DEPTH and _is_cassette(path) and suites.orphaned(path, folder)
    ]


def prune(paths: Iterable[Path]) -> None:
    """Delete cassettes, and folders that become empty.

    Raises:
        CassetteError: one cannot be deleted.
    """
    for path in paths:
        try:
            path.unlink()
            for folder in path.parents[: _DEPTH - 1]:
                if any(folder.iterdir()):
                    break
                folder.rmdir()
        except OSError as error:
            raise CassetteError(
                f"`{path}` cannot be deleted: {error.strerror}.", hint="Check its permissions."
            ) from error


def _is_cassette(path: Path) -> bool:
    try:
        read_cassette(path)
    except CassetteError:
        return False
    return True


class _Suites(dict[str, tuple[Suite, Letters]]):
    """The cassettes' suites with their letters, loaded at first use."""

    def __init__(self, evals: Path, documents: Path | None) -> None:
        super().__init__()
        self._evals, self._documents = evals, documents
        self._known = suite_names(evals)

    def __missing__(self, name: str) -> tuple[Suite, Letters]:
        suite = load_suite(name, self._evals)
        self[name] = suite, suite.letters(self._documents)
        return self[name]

    def orphaned(self, path: Path, folder: Path) -> str | None:
        """Why a cassette cannot be played any more, or None."""
        steps = path.relative_to(folder).parts
        if len(steps) != _DEPTH:
            return "it lies outside of `SUITE/PROMPT/MODEL/DOCUMENT.yaml`"
        suite, prompt, _, _ = steps
        if suite not in self._known or path.stem not in self[suite][0].gold:
            return f"an orphan: suite `{suite}` has no such letter"
        return None if prompt in prompt_names() else f"an orphan: there is no prompt `{prompt}`"


def _exists(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError(
            f"There is no folder `{folder}`.",
            hint="`imrllm cassettes record` makes it; `--cassettes-dir` names another.",
        )


def problems(
    path: Path, prompt_name: str, model_folder: str, document: Document | None, sha256: str | None = None
) -> list[str]:
    """List the problems of the cassette at `path`, which should be of the prompt and model that the path names.

    Without its letter, only the letter's hash is compared with `sha256`, and the cassette is not replayed.
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
    stale = staleness(cassette, load_prompt(prompt_name), document.sha256 if document else sha256)
    return unsafe + (stale or (replay_problems(cassette, document) if document else []))


def staleness(cassette: Cassette, prompt: Prompt, sha256: str | None) -> list[str]:
    """List what changed since a cassette was recorded, by the current prompt and the letter's current hash."""
    changed = []
    if cassette.document_sha256 != sha256:
        changed.append("the letter")
    schemas = cassette.schemas_sha256 != schema_digests(prompt)
    if schemas:
        changed.append("the answer's schema")
    # The prompt's hash covers its schemas: if those changed, the prompt itself may not have.
    elif cassette.prompt_sha256 != prompt.sha256:
        changed.append(f"prompt `{prompt.name}`")
    return [f"stale: {' and '.join(changed)} changed since it was recorded: record it again"] if changed else []


def replay_target(model: str) -> ModelTarget:
    """The target for replaying a recorded model string: it needs no key, and its address is never contacted."""
    # Not from the environment: the address decides which parameters a request has.
    target = resolve_model(model, environ={})
    # Nothing listens at port 9, the discard port.
    return target.at("http://127.0.0.1:9/v1") if target.embedded else replace(target, api_key_env=None)


def replay_problems(cassette: Cassette, document: Document) -> list[str]:
    """Replay one cassette and list what did not go as recorded."""
    from imrllm.pipeline import Extractor

    with replaying(cassette) as replay:
        try:
            target, transport = replay_target(cassette.model), replay.transport
            Extractor(target=target, prompt=cassette.prompt, transport=transport).extract(document)
        except ImrllmError as error:
            return [str(error)]
        return [f"the call `{call}` is recorded, but never made" for call in replay.unplayed]
