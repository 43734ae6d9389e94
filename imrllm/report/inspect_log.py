"""An evaluation as logs of `inspect_ai`, which `inspect view` shows: a log for each suite, a sample for each letter.

A log is a JSON object by version 2 of inspect's log schema, which readers of later versions read too
(https://inspect.aisi.org.uk/eval-logs.html; `EvalLog` in `inspect_ai/log/_log.py`). It is written as plain JSON,
because `inspect_ai` needs some 70 other packages. A test reads it with `inspect_ai` where that is installed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from imrllm.report.formatting import COLUMN_NAMES, gate_value

if TYPE_CHECKING:
    from imrllm.evals.conversations import Conversations
    from imrllm.evals.runs import Column, ColumnScore, DocumentScore, EvalRun, LeafScore, Rate, Spent, SuiteRun

_VERSION = 2
# The log's primary metric is the first of the first scorer.
_ORDER: tuple[Column, ...] = ("resolved", "model", "grammar", "floor")


def inspect_logs(run: EvalRun, conversations: Conversations | None, written: datetime) -> dict[str, str]:
    """Write an evaluation as logs of `inspect_ai`.

    Args:
        run: the evaluation.
        conversations: the messages and answers of its letters, which hold the letters' text; None to leave them out.
        written: when the logs are written; a run does not say when it was made.

    Returns:
        By file name, the text of each suite's log. The viewer lists only files whose name begins with a time.
    """
    time = written.astimezone(UTC).replace(microsecond=0)
    logs = {}
    whole = run.to_json()
    for suite in run.suites:
        made = hashlib.sha256(f"{suite.suite}\n{whole}".encode("utf-8", "replace")).hexdigest()
        log = _log(run, suite, conversations, time, made[:22])
        task = suite.suite.replace("_", "-")
        name = f"{time.isoformat().replace(':', '-')}_{task}_{made[:22]}.json"
        logs[name] = json.dumps(_clean(log), indent=1, ensure_ascii=False) + "\n"
    return logs


def _log(run: EvalRun, suite: SuiteRun, said: Conversations | None, written: datetime, made: str) -> dict[str, Any]:
    made_by = {"prompt": run.prompt, "prompt_sha256": run.prompt_sha256, "source": run.source}
    names = [document.document for document in suite.documents]
    failed = [gate.name for gate in suite.gates if not gate.passed]
    gates = {gate.name: f"{gate_value(gate)}, limit {gate.limit:g}" for gate in suite.gates}
    left_out = {"missing": suite.missing, "unrecorded": suite.unrecorded, "left_out": suite.left_out}
    usage = _usage(run, suite.spent)
    # The run does not say when it began; what the viewer shows as its duration is the time of its calls.
    began = written - timedelta(seconds=(suite.spent and suite.spent.seconds) or 0)
    # In this order: readers of the header stop at the samples.
    return {
        "version": _VERSION,
        "status": "success",
        "eval": {
            "eval_id": made,
            "run_id": made,
            "created": written.isoformat(),
            "task": suite.suite,
            "task_id": made,
            "task_version": run.version,
            "task_args": made_by,
            "tags": ["gates not met"] if failed else [],
            "dataset": {"name": suite.suite, "samples": len(names), "sample_ids": names, "shuffled": False},
            "model": run.model or "records",
            "config": {"epochs": 1},
            "packages": {"imrllm": run.program},
            "metadata": {"description": suite.description, "failed_gates": failed, "gates": gates, **left_out},
        },
        "plan": {"name": "plan", "steps": [{"solver": "imrllm", "params": made_by}]},
        "results": {
            "total_samples": len(names),
            "completed_samples": len(names),
            "scores": [
                _score(name, suite.columns[column], len(names))
                for column, name in _columns()
                if column in suite.columns
            ],
        },
        "stats": {"started_at": began.isoformat(), "completed_at": written.isoformat(), "model_usage": usage},
        "samples": [
            _sample(run, document, list(_messages(said, suite.suite, document.document)) if said else [])
            for document in suite.documents
        ],
    }


def _columns() -> Iterator[tuple[Column, str]]:
    return ((column, COLUMN_NAMES[column]) for column in _ORDER)


def _score(name: str, score: ColumnScore, letters: int) -> dict[str, Any]:
    """One column's figures; those of the fields are shares that are right as a whole."""
    rates = {"values": score.leaves, "items exact": score.item_exact, "letters exact": score.document_exact}
    numbers = {"critical errors": len(score.critical), "micro F1": score.micro_f1, "macro F1": score.macro_f1}
    fields = {field: each.exact for field, each in score.fields.items()}
    metrics = {
        **_metrics(rates),
        **{name: {"name": name, "value": number} for name, number in numbers.items() if number is not None},
        **_metrics(fields),
    }
    return {"name": name, "scorer": name, "scored_samples": letters, "unscored_samples": 0, "metrics": metrics}


def _metrics(rates: Mapping[str, Rate]) -> dict[str, dict[str, Any]]:
    """Shares with their counts and intervals. One without a trial is left out."""
    return {
        name: {"name": name, "value": rate.rate, "metadata": rate.model_dump(mode="json", exclude={"rate"})}
        for name, rate in rates.items()
        if rate.rate is not None
    }


def _sample(run: EvalRun, document: DocumentScore, messages: list[dict[str, Any]]) -> dict[str, Any]:
    usage = _usage(run, document.spent)
    sample: dict[str, Any] = {
        "id": document.document,
        "epoch": 1,
        "input": f"Letter {document.document}",
        "target": f"Gold of {document.document}",
        "messages": messages,
        "scores": {
            name: _sample_score(leaves) for column, name in _columns() if (leaves := document.columns.get(column))
        },
        "metadata": {"form": document.form, "error": document.error},
        "model_usage": usage,
    }
    if document.spent and document.spent.seconds is not None:
        sample["total_time"] = document.spent.seconds
    if document.error:
        sample["error"] = {"message": document.error, "traceback": "", "traceback_ansi": ""}
    return sample


def _messages(said: Conversations, suite: str, document: str) -> Iterator[dict[str, Any]]:
    """The calls about a letter, one after the other, each with its answers."""
    for exchange in said.of(suite, document):
        call = exchange.call
        about = {"call": call.kind, "item": call.item}
        for message in (*said.openings.get(call.kind, ()), *call.messages):
            yield {"role": message["role"], "content": message["content"], "metadata": about}
        for answer in exchange.answers:
            yield {"role": "assistant", "content": answer.text, "metadata": about | {"finish": answer.finish}}


def _sample_score(leaves: Sequence[LeafScore]) -> dict[str, Any]:
    """The share of a letter's values that are right, and the others in words."""
    wrong = [leaf for leaf in leaves if not leaf.exact]
    return {
        "value": round((len(leaves) - len(wrong)) / len(leaves), 4),
        "answer": f"{len(wrong)} of {len(leaves)} values wrong" if wrong else f"{len(leaves)} values right",
        "explanation": "\n".join(map(_explanation, wrong)),
        "metadata": {
            "wrong": [leaf.model_dump(mode="json", exclude_defaults=True) for leaf in wrong],
            "flagged": sum(leaf.flagged for leaf in leaves),
            "wrong_and_not_flagged": sum(not leaf.flagged for leaf in wrong),
        },
    }


def _explanation(leaf: LeafScore) -> str:
    outcome = "+".join(leaf.outcomes)
    flagged = "flagged" if leaf.flagged else "not flagged"
    return f"- {_code(leaf.path)}: {outcome}, {flagged}. Gold {_code(leaf.gold)}, value {_code(leaf.value)}"


def _code(value: object) -> str:
    """A value as Markdown's code, which the viewer shows as it stands. A backtick in it would end the code."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{text.replace('`', chr(39))}`"


def _usage(run: EvalRun, spent: Spent | None) -> dict[str, dict[str, Any]]:
    if spent is None or not spent.calls:
        return {}
    known = {} if spent.cost is None else {"total_cost": spent.cost}
    tokens = {"input_tokens": spent.input_tokens, "output_tokens": spent.output_tokens}
    return {run.model or "records": {**tokens, "total_tokens": spent.input_tokens + spent.output_tokens, **known}}


def _clean(value: Any) -> Any:
    """JSON values without halves of surrogates, which no file in UTF-8 can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_clean(name): _clean(inner) for name, inner in value.items()}
    return [_clean(inner) for inner in value] if isinstance(value, (list, tuple)) else value
