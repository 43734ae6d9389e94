"""The answers to score: each letter's in all columns, replayed from cassettes, asked of a model, or of any program."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from imrllm.cassettes.lint import replay_target, staleness
from imrllm.cassettes.replay import replaying
from imrllm.cassettes.store import Cassette, cassette_path, read_cassette
from imrllm.crosscheck import Candidate
from imrllm.documents import Document
from imrllm.errors import CassetteError
from imrllm.letter import ChosenForm
from imrllm.llm import ModelTarget
from imrllm.pipeline import Extractor, Readouts, check_record, read_without_model
from imrllm.prompts import load_prompt
from imrllm.records import Determination, Failure, Provenance, Result
from imrllm.store import RecordRow
from imrllm.suites import Gold
from imrllm.trust import Signals

# Called with the number of letters that are done, and the letter's id.
Progress = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class LetterResults:
    """One letter's answers.

    Attributes:
        resolved: the final result, as `extract` returns it, or the row of another program.
        model: the model alone; None if its answer is not known or no model was asked.
        grammar: the grammar alone; None if the letter is not available.
        seconds: wall time of the model's calls, at the time of their recording; None if it is not known.
        checked: whether the final result carries checks.
        candidates: by the JSON Pointer of a list that takes judgment, the entries that it might hold.
        asked: JSON Pointers of what the model was asked for; None if it is not known.
        signals: by JSON Pointer, the signals on the values of the final record.
    """

    resolved: Result
    model: Result | None
    grammar: Result | None
    seconds: float | None = None
    checked: bool = True
    candidates: Mapping[str, Sequence[Candidate]] = field(default_factory=dict)
    asked: frozenset[str] | None = None
    signals: Mapping[str, Signals] = field(default_factory=dict)


def ask(
    letters: Mapping[str, Document],
    target: ModelTarget,
    prompt: str,
    progress: Progress | None = None,
    form: ChosenForm | None = None,
) -> dict[str, LetterResults]:
    """Ask a model about letters by document id, with a prompt version's name or the path of a prompt file.

    Raises:
        ModelUnavailableError: the model cannot be reached.
    """
    columns = _columns(letters, Extractor(target=target, prompt=prompt, form=form), progress)
    return {
        name: LetterResults(
            each.resolved,
            each.model,
            each.grammar,
            each.resolved.provenance.seconds if target.asks else None,
            candidates=each.candidates,
            asked=each.asked,
            signals=each.signals,
        )
        for name, each in columns.items()
    }


def replay(
    letters: Mapping[str, Document],
    suite: str,
    prompt: str,
    model: str,
    cassettes: Path,
    progress: Progress | None = None,
    *,
    partly: bool = False,
    form: ChosenForm | None = None,
) -> dict[str, LetterResults]:
    """Take a model's answers about letters from their cassettes: no model, no key, no connection.

    Args:
        letters: by document id.
        suite: name of their suite.
        prompt: a prompt version's name.
        model: the model string of the recording.
        cassettes: the cassettes' folder.
        progress: called after each letter.
        partly: leave out the letters that are not recorded, where others are.
        form: the form that is tried first.

    Raises:
        CassetteError: cassettes are missing or stale; the message names their letters and what changed.
    """
    recorded = _recorded(letters, suite, prompt, model, cassettes, partly=partly)
    with replaying(*recorded.values()) as played:
        extractor = Extractor(target=replay_target(model), prompt=prompt, form=form, transport=played.transport)
        columns = _columns({name: letters[name] for name in recorded}, extractor, progress)
    return {
        name: LetterResults(
            each.resolved,
            each.model,
            each.grammar,
            recorded[name].seconds,
            candidates=each.candidates,
            asked=each.asked,
            signals=each.signals,
        )
        for name, each in columns.items()
    }


def _recorded(
    letters: Mapping[str, Document], suite: str, prompt: str, model: str, cassettes: Path, *, partly: bool
) -> dict[str, Cassette]:
    found: dict[str, Cassette] = {}
    wanting: dict[str, list[str]] = {}
    version = load_prompt(prompt)
    for name, letter in letters.items():
        path = cassette_path(cassettes, suite, version.name, model, name)
        if path.exists():
            found[name] = read_cassette(path)
            reasons = staleness(found[name], version, letter.sha256)
        else:
            reasons = [] if partly else ["not recorded"]
        for reason in reasons:
            wanting.setdefault(reason, []).append(f"`{name}`")
    if wanting:
        details = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in wanting.items())
        raise CassetteError(
            f"Suite `{suite}` cannot be replayed with prompt `{version.name}` and model `{model}`. {details}.",
            hint=f"Run `imrllm cassettes record {suite} --prompt {version.name} --model {model}`, with `--documents` "
            "where its letters are elsewhere.",
        )
    return found


def _columns(letters: Mapping[str, Document], extractor: Extractor, progress: Progress | None) -> dict[str, Readouts]:
    found: dict[str, Readouts] = {}

    async def run() -> None:
        async with extractor:
            async for columns in extractor.astream_readouts(letters.values()):
                name = columns.resolved.document_id
                found[name] = columns
                if progress is not None:
                    progress(len(found), name)

    asyncio.run(run())
    return {name: found[name] for name in letters}


def take(
    rows: Mapping[str, RecordRow],
    letters: Mapping[str, Document],
    gold: Mapping[str, Gold],
    form: ChosenForm | None = None,
) -> dict[str, LetterResults]:
    """Take the answers from records by document id, of this or any other program.

    A row is checked against its letter, if that is available, unless it has this program's checks of the same letter.

    Returns:
        An answer for each letter of the gold; a letter without a row has failed.
    """
    answers = {}
    for name, true in gold.items():
        row, letter = rows.get(name), letters.get(name)
        result, checked = _taken(name, row, letter, true.sha256, form)
        alone = read_without_model(letter, form=form) if letter else None
        answers[name] = LetterResults(result, None, alone, result.provenance.seconds or None, checked)
    return answers


def _taken(
    name: str, row: RecordRow | None, letter: Document | None, sha256: str, form: ChosenForm | None
) -> tuple[Result, bool]:
    """A row as a result, and whether it has checks."""
    if row is None or row.record is None:
        if row is not None and row.result is not None:
            return row.result, True
        return _unknown(name, None, "There is no row of it." if row is None else str(row.error or "")), True
    if row.result is not None and row.result.checks and row.result.provenance.sha256 == sha256:
        return row.result, True
    if letter is not None:
        checked = check_record(letter, row.record, form)
        if checked.record is not None:
            return checked, True
    return _unknown(name, row.record, None), False


def _unknown(name: str, record: Determination | None, why: str | None) -> Result:
    """The result of an unknown program."""
    return Result(
        document_id=name,
        status="failed" if record is None else "ok",
        record=record,
        error=Failure(type="UsageError", message=why or "The row has no record.") if record is None else None,
        provenance=Provenance(model="unknown", version="unknown"),
    )
