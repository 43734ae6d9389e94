"""JUnit XML of evaluations, hostile names included."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from imrllm.report.junit import junit_xml
from tests.report import runs


def gate(name: str, *, passed: bool, details: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"name": name, "limit": 0.0, "value": 1.0, "passed": passed, "details": details}


def suite(**changes: Any) -> dict[str, Any]:
    documents = [{"document": name, "columns": {}} for name in ("a", "b")]
    return runs.suite(*documents, **{"suite": "small", **changes})


def cases(*suites: dict[str, Any], skipped: dict[str, str] | None = None) -> dict[str, str]:
    """What became of each case: `passed`, `skipped`, or its failure's message."""
    root = ET.fromstring(junit_xml(runs.run(*suites, skipped=skipped or {})))
    found = {}
    for case in root.iter("testcase"):
        failure, passed_over = case.find("failure"), case.find("skipped")
        told = failure.get("message") if failure is not None else "skipped" if passed_over is not None else "passed"
        found[str(case.get("name"))] = str(told)
    return found


def test_a_letter_fails_with_the_gate_that_it_counts_against() -> None:
    gates = [gate("critical", passed=False, details=("a /disputed_items/0/quantity",)), gate("silent", passed=True)]
    assert cases(suite(gates=gates)) == {
        "gate critical": "critical: 1, limit 0",
        "gate silent": "passed",
        "a": "critical /disputed_items/0/quantity",
        "b": "passed",
    }


def test_a_failed_document_fails_without_a_gate() -> None:
    documents = [{"document": "a", "error": "TruncatedError: Too long.", "columns": {}}]
    assert cases(suite(documents=documents)) == {"a": "TruncatedError: Too long."}


def test_a_name_with_a_space_is_still_that_letter() -> None:
    documents = [{"document": "dr a", "columns": {}}]
    gates = [gate("critical", passed=False, details=("dr a /disputed_items/0",))]
    assert cases(suite(documents=documents, gates=gates))["dr a"] == "critical /disputed_items/0"


def test_what_is_not_here_is_skipped() -> None:
    found = cases(suite(missing=("c",), unrecorded=("d",)), skipped={"public": "none of its 2 letters is here"})
    assert found == {"a": "passed", "b": "passed", "c": "skipped", "d": "skipped", "suite": "skipped"}


def test_counts_are_those_of_the_cases() -> None:
    gates = [gate("critical", passed=False, details=("a /disputed_items/0",))]
    root = ET.fromstring(junit_xml(runs.run(suite(gates=gates, missing=("c",)))))
    (group,) = root
    assert (group.get("tests"), group.get("failures"), group.get("skipped")) == ("4", "2", "1")


def test_hostile_names_stay_text() -> None:
    hostile = 'x"><script>\x00\x1b[31m\ufffe&'
    documents = [{"document": hostile, "columns": {}}]
    assert cases(suite(suite=hostile, documents=documents)) == {'x"><script>\ufffd\ufffd[31m\ufffd&': "passed"}
