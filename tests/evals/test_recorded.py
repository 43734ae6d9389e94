"""Every cassette of the repository replays: no model, no key, no connection."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from imrllm.cassettes import check

ROOT = Path(__file__).resolve().parents[2]
# Where the public letters are that the project does not ship.
ELSEWHERE = Path(os.environ.get("IMRLLM_DOCUMENTS", ROOT.parent / "shared" / "determinations"))


@pytest.mark.usefixtures("no_connections")
def test_all_are_in_order() -> None:
    checked = check(ROOT / "cassettes", ROOT / "evals", ELSEWHERE if ELSEWHERE.is_dir() else None)
    assert checked.findings == []
    # Those of letters that are shipped are all replayed.
    assert checked.replayed
    assert set(checked.unreplayed) <= {"public"}
