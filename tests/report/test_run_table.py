"""The counts of a run and their table."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import pytest
from rich.console import Console

from imrllm.reason_counts import REASONS_KEPT
from imrllm.records import (
    CaseAnswer,
    Check,
    ClinicalSummary,
    Determination,
    DisputedItem,
    Failure,
    InjuredWorker,
    LetterHeader,
    Provenance,
    Result,
    Reviewer,
    Usage,
)
from imrllm.report import render_summary
from imrllm.running.summary import RunSummary


def item(decision: str) -> DisputedItem:
    fields: dict[str, Any] = dict.fromkeys(DisputedItem.model_fields)
    fields |= {"heading": "Norco", "request": "Norco", "decision": decision, "retrospective": False}
    fields |= dict.fromkeys(("ingredients", "strengths", "body_parts", "grounds"), ())
    return DisputedItem(**fields)


def result(
    name: str = "a",
    *,
    decisions: tuple[str, ...] = ("upheld",),
    checks: tuple[tuple[str, str], ...] = (),
    **provenance: Any,
) -> Result:
    case = CaseAnswer(reviewer=Reviewer(), injured_worker=InjuredWorker(), clinical_summary=ClinicalSummary())
    return Result(
        document_id=name,
        status="review" if any(status != "confirmed" for status, _ in checks) else "ok",
        record=Determination(
            document_id=name, letter=LetterHeader(), disputed_items=tuple(map(item, decisions)), **dict(case)
        ),
        checks=tuple(
            Check.model_validate({"pointer": "/x", "status": status, "resolution": resolution})
            for status, resolution in checks
        ),
        provenance=Provenance(model="none", version="0", **provenance),
    )


def failed(name: str = "bad", message: str = "`bad` is empty. Fetch it again.") -> Result:
    return Result(
        document_id=name,
        status="failed",
        error=Failure(type="DocumentError", message=message),
        provenance=Provenance(model="none", version="0"),
    )


def shown(summary: RunSummary, title: str = "imrllm extract", seconds: float = 2.0) -> str:
    screen = io.StringIO()
    Console(file=screen, width=120, force_terminal=False).print(render_summary(summary, title, seconds))
    return screen.getvalue()


def test_counts() -> None:
    summary = RunSummary()
    summary.add(result("a", decisions=("upheld", "overturned"), checks=(("confirmed", "none"),)))
    summary.add(result("b", checks=(("conflict", "source"), ("unsupported", "model"), ("confirmed", "none"))))
    summary.add(failed())
    text = shown(summary)
    assert "1 ok · 1 review · 1 failed" in text
    assert "2 upheld · 1 overturned" in text
    assert "2 confirmed · 1 conflict · 1 unsupported · 0 missing" in text
    assert "1 set to the source's value · 1 left unchanged" in text
    assert "1.5 letters a second" in text
    assert (summary.items, summary.failed, summary.confirmed) == (3, 1, False)


def test_what_the_model_changed_is_counted_where_one_was_asked() -> None:
    grounds, diagnoses = "/disputed_items/0/grounds", "/clinical_summary/diagnoses"
    checks = [
        {"pointer": f"{grounds}/0", "status": "unsupported", "model_value": "safety_risk", "resolution": "model"},
        {"pointer": f"{grounds}/1", "status": "confirmed", "model_value": "long_term_use"},
        {
            "pointer": diagnoses,
            "status": "missing",
            "model_value": ["gout"],
            "source_value": ["gout", "sprain", "strain"],
            "resolution": "model",
        },
        # A typed value is not an entry of a list.
        {"pointer": "/injured_worker/age", "status": "unsupported", "model_value": 48, "resolution": "model"},
    ]
    given = result("a", usage=Usage(calls=2))
    given = given.model_copy(update={"checks": tuple(map(Check.model_validate, checks))})
    summary = RunSummary()
    summary.add(given)
    assert (summary.added, summary.left_out) == (1, 3)
    assert "1 grounds and list entries added" in shown(summary)
    assert "by the model" not in shown(RunSummary())


def test_parts_that_are_put_together_count_as_the_whole() -> None:
    results = [result("a", decisions=("upheld",), checks=(("conflict", "source"),), cost=0.5, usage=Usage(calls=2))]
    results += [result("b", usage=Usage(calls=1)), *(failed(f"bad {number}") for number in range(7))]
    whole, together = RunSummary(before=Counter(ok=2, failed=1)), RunSummary()
    for part in (results[:4], results[4:]):
        summary = RunSummary()
        for each in part:
            summary.add(each)
            whole.add(each)
        together.include(summary)
    together.include(RunSummary(before=Counter(ok=2, failed=1)))
    assert together == whole


def test_nothing_read_and_no_time_taken() -> None:
    assert "0 ok · 0 review · 0 failed" in shown(RunSummary(), seconds=0.0)


@pytest.mark.parametrize(
    ("results", "confirmed", "reason"),
    [
        ([], True, "nothing read, nothing to object to"),
        ([result(checks=(("confirmed", "none"),))], True, "every check confirmed"),
        ([result(checks=(("missing", "none"),))], False, "one did not"),
        ([failed()], False, "a document without a record confirms nothing"),
    ],
)
def test_confirmed(results: list[Result], confirmed: bool, reason: str) -> None:
    summary = RunSummary()
    for each in results:
        summary.add(each)
    assert summary.confirmed is confirmed, reason


def test_tokens_and_cost() -> None:
    used = Usage(calls=2, reasks=1, input_tokens=1500, cached_tokens=500, output_tokens=70)
    summary = RunSummary()
    summary.add(result("a", usage=used, cost=0.25))
    assert "1,500 tokens in (500 cached) · 70 tokens out · 1 re-asks" in shown(summary)
    assert "$0.2500" in shown(summary)
    summary.add(result("b", usage=used, cost=None))
    assert "without 1 documents of unknown price" in shown(summary)


@pytest.mark.parametrize(
    ("usage", "cost", "said", "reason"),
    [
        (Usage(), None, "no model was asked", "the grammar alone costs nothing"),
        (Usage(calls=1, input_tokens=9), None, "price not known", "a server of one's own has no price list"),
        (Usage(calls=1, input_tokens=9), 0.0, "$0", "the embedded model is free"),
    ],
)
def test_cost_where_there_is_none(usage: Usage, cost: float | None, said: str, reason: str) -> None:
    summary = RunSummary()
    summary.add(result(usage=usage, cost=cost))
    assert said in shown(summary), reason


def test_failures_are_counted_by_reason_and_harmless() -> None:
    summary = RunSummary()
    summary.add(failed("scan", "`scan` has no text."))
    for number in range(8):
        summary.add(failed(f"bad{number}\x1b[2J[red]", "`x` is\nempty"))
    text = shown(summary)
    assert "\x1b" not in text
    assert "bad2" in text
    assert "bad3" not in text
    assert "[red]" in text
    assert "8 × DocumentError: is\\nempty (" in text
    assert "and 5 more" in text
    assert text.index("8 ×") < text.index("1 × DocumentError: has no text. (scan)")


def test_reasons_without_end_are_few() -> None:
    summary, part = RunSummary(), RunSummary()
    for number in range(50):
        (summary if number % 2 else part).add(failed(f"bad{number}", f"`x` has fault {number}."))
    summary.include(part)
    assert len(summary.failures.reasons) == REASONS_KEPT
    assert f"{50 - REASONS_KEPT} × other reasons" in shown(summary)


def test_a_title_is_text() -> None:
    assert "[/]" in shown(RunSummary(), title="imrllm check [/]")
