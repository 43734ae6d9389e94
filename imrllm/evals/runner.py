"""Runs an evaluation: finds suites, takes answers from cassettes, a model or a records file, and scores them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from imrllm.cassettes.recording import served
from imrllm.cassettes.store import cassette_files, cassette_path
from imrllm.errors import UsageError
from imrllm.evals.answers import LetterResults, ask, replay, take
from imrllm.evals.calibration import count, gold_sha256
from imrllm.evals.gates import check_names
from imrllm.evals.risk_fit import VARIANTS, fit, judged_values, unflagged
from imrllm.evals.runs import VERSION, EvalRun
from imrllm.evals.suite_scores import evaluate
from imrllm.letter import ChosenForm
from imrllm.llm import resolve_model
from imrllm.prompts import DEFAULT_PROMPT, Prompt, load_prompt
from imrllm.store import RecordRow
from imrllm.suites import Letters, Suite, load_suite, suite_names
from imrllm.trust import Table, applied, beside_gold, find_table
from imrllm.version import __version__

Source = Literal["cassettes", "model"]
# Called with the suite's name, the number of its finished letters, and the number of all its letters.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class EvalConfig:
    """The settings of a run.

    Attributes:
        evals: the suites' folder.
        documents: a folder of letters, for suites that do not ship theirs.
        cassettes: the cassettes' folder.
        model: model string.
        prompt: prompt version.
        source: whether answers are replayed or the model is asked.
        repeat: the number of independent runs of the model.
        thresholds: by metric or field; they go before a suite's own of the same name.
        form: the form that letters are tried by first.
        limit: score only so many letters of each suite, the first ones. A suite's own thresholds do not apply then.
    """

    evals: Path = Path("evals")
    documents: Path | None = None
    cassettes: Path = Path("cassettes")
    model: str = "local"
    prompt: str = DEFAULT_PROMPT
    source: Source = "cassettes"
    repeat: int = 1
    thresholds: Mapping[str, float] = field(default_factory=dict)
    form: ChosenForm | None = None
    limit: int | None = None


def run(names: Sequence[str], config: EvalConfig, progress: Progress | None = None) -> EvalRun:
    """Evaluate a model and a prompt on suites, or on all suites if none is named; `progress` follows each letter.

    Returns:
        The scores. A suite whose letters are not here, or of which nothing is recorded, is skipped, and the run says
        so; unless it was asked for.

    Raises:
        UsageError: there is no such suite, a suite that was asked for has no letters here, or nothing is left.
        CassetteError: answers are to be replayed, and cassettes are missing or stale.
        ModelUnavailableError: the model is to be asked, and cannot be reached.
    """
    collected, skipped = collect(names, config, progress)
    prompt = _prompt_of(config)
    return EvalRun(
        version=VERSION,
        program=__version__,
        source="cassettes" if prompt and config.source == "cassettes" else "model",
        model=config.model,
        prompt=prompt.name if prompt else None,
        prompt_sha256=prompt.sha256 if prompt else None,
        suites=tuple(
            evaluate(suite, letters, repeats, _thresholds(suite, letters, config))
            for suite, letters, repeats in collected
        ),
        skipped=skipped,
        uncalibrated=_refusal(config.model, prompt, [suite for suite, _, _ in collected]),
    )


def _refusal(model: str, prompt: Prompt | None, suites: Sequence[Suite]) -> str | None:
    """Why the calibration table that is there does not apply to a run; None if it does, or if there is none."""
    with beside_gold({suite.name: gold_sha256(suite) for suite in suites}):
        return find_table(model, *((prompt.name, prompt.sha256) if prompt else ()))[1]


def calibrate(names: Sequence[str], config: EvalConfig, progress: Progress | None = None) -> Table:
    """Count what the gold of suites shows of a model and a prompt; the arguments are those of `run`.

    Raises:
        UsageError: as `run`.
        CassetteError: as `run`.
        ModelUnavailableError: as `run`.
    """
    # The table that is there may be malformed or of an earlier version: it is being replaced.
    with applied(None):
        collected, _ = collect(names, config, progress)
    table = count([(suite, repeats[0]) for suite, _, repeats in collected], config.model, _prompt_of(config))
    # What an entry of a list is worth is a signal on the list, and comes from the table itself.
    with applied(table):
        risk = fit([*judged_values(_answered(names, config), variants=VARIANTS)])
    if risk is None:
        return table
    table = table.model_copy(update={"risk": risk})
    with applied(table):
        left = unflagged([*judged_values(_answered(names, config))])
    return table.model_copy(update={"risk": risk.model_copy(update={"unflagged": left})})


def _answered(names: Sequence[str], config: EvalConfig) -> Iterator[tuple[Suite, Letters, Mapping[str, LetterResults]]]:
    for suite, letters, repeats in collect(names, config)[0]:
        yield suite, letters, repeats[0]


def _prompt_of(config: EvalConfig) -> Prompt | None:
    """The prompt of a run; None where no model is asked."""
    return load_prompt(config.prompt) if resolve_model(config.model).asks else None


Collected = list[tuple[Suite, Letters, list[dict[str, LetterResults]]]]


def collect(
    names: Sequence[str], config: EvalConfig, progress: Progress | None = None
) -> tuple[Collected, dict[str, str]]:
    """The answers about the letters of suites, and why suites were skipped; arguments and errors are those of `run`."""
    _require_scipy()
    target = resolve_model(config.model)
    if config.repeat > 1 and (config.source == "cassettes" or not target.asks):
        raise UsageError(
            "Repeats of a recorded answer are the same.", hint="Call the model: `--cassettes off --repeat N`."
        )
    replayed = target.asks and config.source == "cassettes"
    suites, skipped = _found(names, config, replayed=replayed)
    collected = []
    gold = {suite.name: gold_sha256(suite) for suite, _ in suites}
    with beside_gold(gold), nullcontext(target) if replayed else served(target) as reached:
        for suite, letters in suites:
            report = _letter_progress(progress, suite.name, len(letters.found))
            repeats = [
                replay(
                    letters.found,
                    suite.name,
                    config.prompt,
                    config.model,
                    config.cassettes,
                    report,
                    # A user may have more letters of a suite without its own letters than are recorded.
                    partly=not suite.settings.letters and _is_recorded(suite.name, config),
                    form=config.form,
                )
                if replayed
                else ask(letters.found, reached, config.prompt, report, config.form)
                for _ in range(config.repeat)
            ]
            collected.append((suite, letters, repeats))
    return collected, skipped


def run_records(names: Sequence[str], rows: Sequence[RecordRow], config: EvalConfig) -> EvalRun:
    """Score records that were made earlier, or by any other program; no model is asked.

    Args:
        names: the suites'; by default those of whose letters there is a row.
        rows: the records.
        config: only its folders, thresholds and form are used.

    Returns:
        The scores. Where a suite's letters are not here, its rows are scored all the same, without the grammar's
        column, and without the cross-check's scores unless they carry their checks.

    Raises:
        UsageError: there is no such suite, two rows are of one letter, or no row is of any letter of a suite.
    """
    _require_scipy()
    by_name = {row.document_id: row for row in rows}
    if len(by_name) < len(rows):
        twice = [name for name, count in Counter(row.document_id for row in rows).items() if count > 1]
        raise UsageError(
            f"There is more than one row of {', '.join(f'`{name}`' for name in twice)}.", hint="Leave one of each."
        )
    done, skipped = [], {}
    for name in names or suite_names(config.evals):
        suite = load_suite(name, config.evals)
        if not by_name.keys() & suite.gold.keys():
            skipped[name] = "it has no letter with a row"
            continue
        letters = suite.letters(config.documents)
        suite.verify(letters)
        gold = suite.gold
        if config.limit is not None:
            rows_of = [name for name in gold if name in by_name]
            gold = {name: gold[name] for name in rows_of[: config.limit]}
            letters = letters.only(gold, len(rows_of) - len(gold))
        answers = take(by_name, letters.found, gold, config.form)
        done.append(evaluate(suite, letters, [answers], _thresholds(suite, letters, config)))
    if not done:
        raise UsageError(
            "No row is of a letter of a suite.", hint="A row's `document_id` is the name of its letter's gold file."
        )
    made = {(row.result.provenance.model, row.result.provenance.prompt) for row in rows if row.result}
    model, prompt = made.pop() if len(made) == 1 else (None, None)
    return EvalRun(
        version=VERSION,
        program=__version__,
        source="records",
        model=model,
        prompt=prompt,
        prompt_sha256=None,
        suites=tuple(done),
        skipped=skipped,
    )


def _found(
    names: Sequence[str], config: EvalConfig, *, replayed: bool
) -> tuple[list[tuple[Suite, Letters]], dict[str, str]]:
    """The suites that can be run, and why others are skipped."""
    suites, skipped = [], {}
    for name in names or suite_names(config.evals):
        suite = load_suite(name, config.evals)
        letters = suite.letters(config.documents)
        suite.verify(letters)
        letters = letters.first(config.limit)
        if not suite.gold:
            raise UsageError(f"Suite `{name}` has no gold yet.", hint=f"Label a letter: see `{suite.folder}`.")
        if not letters.found:
            skipped[name] = f"none of its {len(suite.gold)} letters is here"
            if names:
                raise UsageError(
                    f"Suite `{name}` cannot be run: {skipped[name]}.",
                    hint=f"Name their folder with `--documents`. {suite.settings.source or ''}".strip(),
                )
        elif not names and replayed and not _is_recorded(name, config):
            skipped[name] = f"nothing is recorded of it with prompt `{config.prompt}` and model `{config.model}`"
        else:
            suites.append((suite, letters))
    if not suites:
        why = "; ".join(f"`{name}`: {reason}" for name, reason in skipped.items())
        raise UsageError(
            f"No suite under `{config.evals}` can be run: {why}.",
            hint="Name the letters' folder with `--documents`, and record with `imrllm cassettes record`; "
            "`--model none` scores the grammar alone.",
        )
    return suites, skipped


def _is_recorded(suite: str, config: EvalConfig) -> bool:
    """Whether a suite has any recorded answer."""
    folder = cassette_path(config.cassettes, suite, load_prompt(config.prompt).name, config.model, "any").parent
    return any(cassette_files(folder))


def _require_scipy() -> None:
    """Check that scipy is installed."""
    from importlib.util import find_spec

    if find_spec("scipy") is None:
        raise UsageError("Evaluations need scipy, which is not installed.", hint='Run `pip install "imrllm[evals]"`.')


def _thresholds(suite: Suite, letters: Letters, config: EvalConfig) -> dict[str, float]:
    # A suite's thresholds are about all its letters.
    own = {} if letters.left_out else suite.settings.thresholds
    thresholds = {**own, **config.thresholds}
    check_names(thresholds)
    return thresholds


def _letter_progress(progress: Progress | None, suite: str, of: int) -> Callable[[int, str], None] | None:
    return None if progress is None else lambda done, _: progress(suite, done, of)
