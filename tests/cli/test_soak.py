"""A run that meets faults and is killed ends as an undisturbed one; `benchmarks/soak.py` has the long one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.soak import soak

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")


def test_a_run_that_is_killed_and_meets_faults_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    # As many calls at a time as several processes share.
    found = soak(tmp_path, 100, 2, 0.2, seed=1, concurrency=32)
    assert found.wrong == []
    assert len(found.requests) > 5, "faults of many kinds were met"
