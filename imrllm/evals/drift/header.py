"""The header block of a letter: its values as they are printed, and the same block with other labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

# The labels that are printed in one piece, by the record's names; the seventh is printed on two lines.
LABELS = {
    "Case Number": "case_number",
    "Date Assigned": "date_assigned",
    "Date of Injury": "date_of_injury",
    "Decision Date": "decision_date",
    "UR Denial Date": "ur_denial_date",
    "Priority": "priority",
}
_LABEL = re.compile(rf"(?P<label>{'|'.join(LABELS)})(?=\s*:)")
# Their values are printed beside or below them.
_LABELS = re.compile(rf"(?:{_LABEL.pattern})\s*:|Application(?:\s+Received\s*:)?|Received\s*:")


def header_values(header: str, gold: Mapping[str, Any]) -> dict[str, str]:
    """The values of a header block as printed, by their names in the record.

    Args:
        header: the text before all sections.
        gold: the record's `letter`, as JSON has it.

    Returns:
        All seven values; empty if the gold lacks one, or if the header is not just their block.
    """
    if not all(gold.values()):
        return {}
    printed = {
        name: value if name in ("case_number", "priority") else f"{date.fromisoformat(value):%m/%d/%Y}"
        for name, value in gold.items()
    }
    rest = _LABELS.sub(" ", header)
    for value in printed.values():
        if value not in rest:
            return {}
        rest = rest.replace(value, " ", 1)
    return {} if rest.strip() else printed


def relabeled(header: str, label: Callable[[str], str]) -> str:
    """A header block with other labels, its colons and values as they are.

    Args:
        header: the block.
        label: what is printed in place of a label, without the colon.
    """
    return _LABEL.sub(lambda found: label(found["label"]), header)
