"""The review page in one file: letters next to their records, the doubtful fields to settle, and the overview."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, get_origin

from markupsafe import Markup

from imrllm import pointers
from imrllm.analysis import AnalysisColumn, analyze
from imrllm.corrections import READS, VERSION, rows_digest, settled_at
from imrllm.fields import BY_NAME, FIELDS, ITEMS, SCALARS, Field, line_at, without_none
from imrllm.records import Check, DisputedItem, Result
from imrllm.report.eval_pages import rendered
from imrllm.report.overview import openings, overview, overview_tables, supported
from imrllm.report.published import count_analyzed
from imrllm.report.published_page import published_values
from imrllm.report.review_queue import Doubt, by_worth, queue, repairs
from imrllm.report.review_words import FOLLOWS, reason, sides
from imrllm.store.audits import Audit
from imrllm.version import __version__

# JSON has these characters only in strings, where an escape means the same. `<` could end the `<script>` element or
# begin a comment in it. `json.dumps` escapes all others that matter.
_IN_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
# In order: each script uses definitions of the scripts before it.
_SCRIPTS = (
    "review_values.js",
    "review_letter.js",
    "review_state.js",
    "review_record.js",
    "review_bars.js",
    "review.js",
)


_OF_A_HEADING = frozenset(f"/{ITEMS}/*/{name}" for name in ("heading", "decision", "request"))


@dataclass(frozen=True, slots=True)
class Shown:
    """One row as the page shows it.

    Attributes:
        document_id: the letter's id.
        result: the row; None if the row is not a result.
        text: the letter; None if it is not available, or not the letter that the record was made from.
        note: a sentence on why the letter or the row is missing; None if both are there.
    """

    document_id: str
    result: Result | None
    text: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class AuditNote:
    """What the page of an audit says of the draw.

    Attributes:
        audit: the draw.
        records: the results file, as the command for the verdicts names it.
    """

    audit: Audit
    records: str


def review_page(
    rows: Sequence[Shown], audit: AuditNote | None = None, by: Sequence[tuple[AnalysisColumn, ...]] = ()
) -> str:
    """Lay rows out as an HTML page to review, those with the most to look at first; the same for the same rows.

    It fetches nothing, and no script and no style but its own are admitted.

    Args:
        rows: what to show.
        audit: the draw, if the page is to ask for a verdict on each letter.
        by: the columns of each table of the overview; by default those that are published most.
    """
    results = [row.result for row in rows if row.result is not None]
    places = [_places(row.result) for row in rows]
    queues = [queue(row.result, at) if row.result else [] for row, at in zip(rows, places, strict=True)]
    analyzed = [analyze(row.result) if row.result else None for row in rows]
    published = count_analyzed(filter(None, analyzed), overview_tables(by))
    data = {
        "version": VERSION,
        "reads": READS,
        "blank": _blank_item(),
        "digest": rows_digest(results),
        "audit": audit is not None,
        "fields": _fields(),
        "order": by_worth(queues),
        "bars": openings(published.tables, analyzed),
        "documents": [_document(*each) for each in zip(rows, places, queues, strict=True)],
    }
    style = _template("base.css") + _template("review.css")
    script = "".join(map(_template, _SCRIPTS))
    return rendered(
        "review.html",
        program=__version__,
        documents=len(rows),
        audit=audit,
        style=Markup(style),  # noqa: S704 - the package's own
        script=Markup(script),  # noqa: S704
        policy=f"default-src 'none'; script-src {_source(script)}; style-src {_source(style)}; "
        "base-uri 'none'; form-action 'none'",
        data=embedded(data),
        overview=overview(*supported(results)),
        to_review=sum(result.status == "review" for result in results),
        ground_places={row.group[0]: number for number, row in enumerate(published.tables[-1].rows)},
        **published_values(published),
        categories=BY_NAME["category"].line.choices,
    )


def embedded(data: Any) -> Markup:
    """Any data as JSON that is safe in a `<script>` element: ASCII, without characters of HTML markup."""
    return Markup(json.dumps(data, separators=(",", ":")).translate(_IN_SCRIPT))  # noqa: S704 - nothing marks up


def _template(name: str) -> str:
    return (files("imrllm.report") / "templates" / name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    """An inline script or style as a Content-Security-Policy names it."""
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _places(result: Result | None) -> list[str]:
    """For each check, the pointer of the field at which it is settled."""
    if result is None:
        return []
    record = result.record.model_dump(mode="json") if result.record else None
    return [settled_at(record, check.pointer) for check in result.checks]


def _document(row: Shown, places: Sequence[str], doubts: Sequence[Doubt]) -> dict[str, Any]:
    result = row.result
    shown: dict[str, Any] = {"id": row.document_id, "note": row.note, "text": row.text}
    if result is None:
        nothing: dict[str, Any] = {"evidence": [], "checks": [], "open": [], "repairs": []}
        return {**shown, "status": "failed", "sha256": None, "record": None, **nothing}
    record = result.record.model_dump(mode="json") if result.record else None
    made = result.provenance
    return {
        **shown,
        "status": result.status,
        "sha256": made.sha256,
        # Without a model, the checks compare another program's value, or two parts of the letter.
        "asked": made.model != "none",
        "made": " · ".join(filter(None, (made.model, made.prompt, f"imrllm {made.version}"))),
        "error": f"{result.error.type}: {result.error.message}" if result.error else None,
        "scanned": made.ocr_pages,
        "record": record,
        # Pairs, not an object: a pointer may have any name.
        "evidence": list(result.evidence.items()),
        "checks": [_check(check, at, result, record) for check, at in zip(result.checks, places, strict=True)],
        "open": [{"at": doubt.at, "group": doubt.group, "risk": doubt.risk} for doubt in doubts],
        "repairs": repairs(result, places),
    }


def _check(check: Check, at: str, result: Result, record: Any) -> dict[str, Any]:
    """A check, the field at which it is settled, and words. What says nothing is left out: a letter has hundreds."""
    stated = {name: value for name, value in check.model_dump(mode="json").items() if value is not None}
    del stated["resolution"], stated["review"]
    shown = {**stated, "at": at}
    if check.is_open or check.status != "confirmed":
        shown |= {"why": reason(check, result, record), "sides": sides(check, result, record)}
    return {**shown, "open": True} if check.is_open else shown


@cache
def _blank_item() -> dict[str, Any]:
    """A disputed item in which nothing is stated: what an added one begins as."""
    hints = {name: without_none(info.annotation) for name, info in DisputedItem.model_fields.items()}
    blank = {bool: False, str: ""}
    return {
        name: [] if get_origin(hint) is tuple else None if nullable else blank.get(hint)
        for name, (hint, nullable) in hints.items()
    }


@cache
def _fields() -> list[dict[str, Any]]:
    """The fields of a record in its order, with the objects and lists that hold them: what the page draws and edits."""
    shown: dict[str, dict[str, Any]] = {}
    for field in FIELDS:
        steps = pointers.split(field.pointer)
        for place in (pointers.join(steps[:end]) for end in range(1, len(steps))):
            if place not in shown:
                entries = {"entries": True} if get_origin(line_at(place).type) is tuple else {}
                shown[place] = {**_about(place), "kind": "object", **entries}
        # What no letter prints is not "stated" by it.
        follows = {"follows": True} if field.path[-1] in FOLLOWS else {}
        shown[field.pointer] = {**_about(field.pointer), **_held(field), **follows}
    return list(shown.values())


def _about(pointer: str) -> dict[str, Any]:
    line = line_at(pointer)
    # Only a rationale alone lacks these. What a letter's item has, a person corrects but does not clear.
    nullable = line.nullable and pointer not in _OF_A_HEADING
    return {"path": pointer, "nullable": nullable, "description": line.description}


def _held(field: Field) -> dict[str, Any]:
    """What a field may hold."""
    line = field.line
    if field.shape != "value":
        return {"kind": "list", "choices": line.choices or None}
    kind = "choice" if line.choices else SCALARS[line.type]
    return {"kind": kind, "choices": line.choices or None, "pattern": line.pattern}
