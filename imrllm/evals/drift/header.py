"""The values of a letter's header block as they are printed, to print them in sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

# The labels of the block; their values are printed beside or below them.
_LABELS = re.compile(
    r"""
    (?:Case\s+Number | Date\s+Assigned | Date\s+of\s+Injury | Decision\s+Date | UR\s+Denial\s+Date | Priority)\s*:
    | Application(?:\s+Received\s*:)? | Received\s*:
    """,
    re.VERBOSE,
)


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
