"""Evaluations and comparisons built by hand, their parts as JSON, and texts that try to be more than text."""

from __future__ import annotations

from typing import Any

from imrllm.evals.comparison import Comparison
from imrllm.evals.runs import EvalRun

HOSTILE = [
    ("<script>alert(1)</script>", "a script"),
    ("</title></style><img src=x onerror=alert(1)>", "an end of where it stands"),
    ('" onmouseover="alert(1)', "an end of an attribute in double quotes"),
    ("' onmouseover='alert(1)", "and in single ones"),
    ("{{ 7 * 7 }}{% raw %}{# x #}", "a template's own marks"),
    ("a\x00b\x1b[31mc\x07", "control characters"),
    ("a\u202eb\u2066c", "reversals of the writing direction"),
    ("a\udc80b", "half a surrogate cannot be written"),
    ("&lt;b&gt; &amp;amp;", "what is escaped already is text too"),
    ("javascript:alert(1)", "an address that runs"),
]


def rate(right: int, of: int, low: float | None = 0.25, high: float | None = 0.75) -> dict[str, Any]:
    if not of:
        low = high = None
    return {"right": right, "of": of, "rate": right / of if of else None, "low": low, "high": high}


def field_score(right: int = 3, of: int = 4) -> dict[str, Any]:
    ratio = right / of if of else None
    counts = {"match": right, "wrong": of - right, "missed": 0, "invented": 0, "correctly_absent": 0}
    return {**counts, "precision": ratio, "recall": ratio, "f1": ratio, "exact": rate(right, of), "support": of}


def error(document: str = "w01", **given: Any) -> dict[str, Any]:
    base = {"path": "/disputed_items/0/quantity", "field": "quantity", "outcome": "wrong", "gold": 45.0, "value": 48.0}
    return {"document": document} | base | given


def column(right: int = 3, of: int = 4, **given: Any) -> dict[str, Any]:
    ratio = right / of if of else None
    whole = {"leaves": rate(right, of), "item_exact": rate(right, of), "document_exact": rate(right, of)}
    fields = {"quantity": field_score(right, of), "decision": field_score(of, of)}
    return {"fields": fields, **whole, "micro_f1": ratio, "macro_f1": ratio, "critical": []} | given


def wrong_leaf(**given: Any) -> dict[str, Any]:
    base = {"field": "quantity", "item": 0, "path": "/disputed_items/0/quantity", "exact": False}
    return base | {"outcomes": {"wrong": 1}, "gold": 45.0, "value": 48.0, "excerpt": "Norco 10/325 mg #45"} | given


def letter(name: str = "w01", *leaves: dict[str, Any], **given: Any) -> dict[str, Any]:
    right = {"field": "decision", "item": 0, "path": "/disputed_items/0/decision"}
    return {"document": name, "columns": {"model": [right, *leaves], "resolved": [right, *leaves]}} | given


def spent(cost: float | None = None, seconds: float | None = None) -> dict[str, Any]:
    return {"calls": 27, "input_tokens": 23016, "output_tokens": 4503, "cost": cost, "seconds": seconds}


def crosscheck(**given: Any) -> dict[str, Any]:
    base = {"silent": [], "false_alarms": [], "caught": rate(195, 196), "alarms": rate(39, 580)}
    return base | {"corruptions": {"quantity": rate(7, 8)}} | given


def trust_score(**given: Any) -> dict[str, Any]:
    flags = {"flagged": rate(2, 80), "flags_per_letter": 1.5, "recall": rate(1, 3), "precision": rate(1, 2)}
    estimates = {"auroc": {"value": 0.91, "low": 0.88, "high": 0.96}, "calibration_error": None}
    return {"letters": 2, "values": 80, **flags, "unflagged_wrong": rate(2, 78), "measured": 80, **estimates} | given


def kind_trust(**given: Any) -> dict[str, Any]:
    letters = {"ok_letters": rate(2, 3), "wrong_ok": rate(1, 2), "wrong_ok_bound": 0.9747}
    wrong = {0.5: (0, 40), 0.8: (0, 64), 0.9: (16, 720), 1.0: (3, 80)}
    points = [
        {"coverage": coverage, "risk": coverage / 2, "wrong": rate(*counts)} for coverage, counts in wrong.items()
    ]
    bins = [{"values": 80, "risk": 0.02, "wrong": 0.0375}]
    return trust_score() | {**letters, "curve": points, "bins": bins} | given


def trust(kind: dict[str, Any] | None = None, name: str = "quantity", **given: Any) -> dict[str, Any]:
    kinds = {each: kind or kind_trust() for each in ("typed", "prose", "all")}
    return {"kinds": kinds, "fields": {name: trust_score()}, "forms": {name: kinds, f"{name}2": kinds}} | given


def suite(*documents: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {
        "suite": "written",
        "description": "Written for this project.",
        "letters": len(documents),
        "items": 4,
        "missing": [],
        "unrecorded": [],
        "columns": {name: column() for name in ("floor", "model", "grammar", "resolved")},
        "crosscheck": crosscheck(),
        "spent": spent(),
        "agreement": None,
        "gates": [],
        "allowed": [],
        "unneeded": [],
        "documents": list(documents),
    } | given


def encodable(text: str) -> str:
    """The text as a model takes it: half a surrogate can stand in a value alone."""
    return text.encode("utf-8", "replace").decode()


def run(*suites: dict[str, Any], **given: Any) -> EvalRun:
    base = {"version": 1, "program": "0.1.0", "source": "cassettes", "model": "local", "prompt": "v2"}
    return EvalRun.model_validate(base | {"prompt_sha256": "8ee4" * 16, "suites": list(suites), "skipped": {}} | given)


def difference(low: float | None = 0.1, high: float | None = 0.5, **given: Any) -> dict[str, Any]:
    base = {"a": rate(1, 4), "b": rate(2, 4), "difference": 0.25, "low": low, "high": high, "p": 0.125}
    better = None if low is None or high is None or low <= 0 <= high else "b" if low > 0 else "a"
    return base | {"gained": 2, "lost": 1, "better": better} | given


def trust_difference(low: float | None = 0.01, high: float | None = 0.05, **given: Any) -> dict[str, Any]:
    higher = None if low is None or high is None or low <= 0 <= high else "b" if low > 0 else "a"
    return {"a": 0.02, "b": 0.05, "difference": 0.03, "low": low, "high": high, "higher": higher} | given


def change(kind: str = "gain", **given: Any) -> dict[str, Any]:
    base = {"kind": kind, "document": "w01", "field": "quantity", "path": "/disputed_items/0/quantity", "gold": 45}
    return base | {"a": 48, "b": 45, "excerpt": "Norco 10/325 mg #45"} | given


def side(name: str, **given: Any) -> dict[str, Any]:
    shares = {"model": rate(1, 4), "resolved": rate(3, 4)}
    return {"name": name, "suite": "written", "columns": shares, "item_exact": shares, "spent": spent()} | given


def comparison(
    overall: dict[str, Any] | None = None,
    changes: tuple[dict[str, Any], ...] = (),
    names: tuple[str, str] = ("v1", "v2"),
    sides: dict[str, Any] | None = None,
    suite: str = "written",
    trust: dict[str, Any] | None = None,
    **fields: dict[str, Any],
) -> Comparison:
    compared = {"overall": overall or difference(), "fields": fields, "changes": list(changes)}
    pair = {"suite": suite, "a": names[0], "b": names[1], "documents": 8, "columns": {"resolved": compared}}
    pair["trust"] = trust or {}
    given = [side(name, suite=suite, **(sides or {})) for name in names]
    return Comparison.model_validate({"version": 1, "sides": given, "pairs": [pair]})
