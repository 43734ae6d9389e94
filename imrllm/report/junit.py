"""An evaluation as JUnit XML, which continuous integration systems show: a case for each gate and each letter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from imrllm.report.formatting import gate_value

if TYPE_CHECKING:
    from imrllm.evals.runs import EvalRun, SuiteRun

# Characters that XML 1.0 cannot hold, escaped or not (https://www.w3.org/TR/xml/#charsets).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(run: EvalRun) -> str:
    """Write an evaluation as a JUnit XML document.

    A gate's case fails if the gate did not pass. A letter's case fails if the letter has no record, or if one of its
    errors counts against a failed gate. Missing letters and suites are skipped cases.
    """
    root = Element("testsuites", name="imrllm eval")
    for suite in run.suites:
        _suite(root, suite)
    for name, why in run.skipped.items():
        _skipped(_opened(root, name), name, "suite", why)
    for group in root:
        cases = list(group)
        group.set("tests", str(len(cases)))
        for kind in ("failure", "skipped"):
            group.set(
                f"{kind}s" if kind == "failure" else kind, str(sum(case.find(kind) is not None for case in cases))
            )
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(root: Element, suite: SuiteRun) -> None:
    group = _opened(root, suite.suite)
    against: dict[str, list[str]] = {}
    for gate in suite.gates:
        case = _case(group, suite.suite, f"gate {gate.name}")
        if not gate.passed:
            _fail(case, f"{gate.name}: {gate_value(gate)}, limit {gate.limit:g}", "\n".join(gate.details))
            for detail in gate.details:
                # A document's name may contain spaces, a path does not.
                name, _, path = detail.rpartition(" ")
                against.setdefault(name, []).append(f"{gate.name} {path}")
    for document in suite.documents:
        name = document.document
        case = _case(group, suite.suite, name)
        if errors := [*filter(None, [document.error]), *against.get(name, [])]:
            _fail(case, errors[0], "\n".join(errors))
    for name in suite.missing:
        _skipped(group, suite.suite, name, "the letter is not here")
    for name in suite.unrecorded:
        _skipped(group, suite.suite, name, "no answer is recorded of it")


def _opened(root: Element, name: str) -> Element:
    return SubElement(root, "testsuite", name=_clean(name))


def _case(group: Element, suite: str, name: str) -> Element:
    return SubElement(group, "testcase", classname=_clean(f"imrllm.{suite}"), name=_clean(name))


def _fail(case: Element, message: str, text: str) -> None:
    SubElement(case, "failure", message=_clean(message)).text = _clean(text)


def _skipped(group: Element, suite: str, name: str, why: str) -> None:
    SubElement(_case(group, suite, name), "skipped", message=_clean(why))


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
