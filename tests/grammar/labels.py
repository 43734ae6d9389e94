"""The labelled cases of `labelled/`, one JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LABELLED = Path(__file__).parent / "labelled"


def rows(name: str) -> list[dict[str, Any]]:
    """The cases of one file."""
    return [json.loads(line) for line in (LABELLED / name).read_text(encoding="utf-8").splitlines()]
