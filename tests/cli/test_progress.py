"""Progress on standard error."""

from __future__ import annotations

from collections import Counter

import pytest

from imrllm.cli import progress
from imrllm.running.summary import RunSummary


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_line_now_and_then_where_there_is_no_terminal(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    summary = RunSummary()
    with progress.show_progress(summary, quiet=False, live=True) as tick:
        for _ in range(25):
            clock[0] += 1
            summary.documents["ok"] += 1
            tick()
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [
        "10 letters · 0 to review · 0 failed · 1.0 letters a second · 10 s",
        "20 letters · 0 to review · 0 failed · 1.0 letters a second · 20 s",
    ]


def test_a_line_states_the_total_the_pace_the_cost_and_the_time_left(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    """The row of an earlier run is done, and says nothing about the pace of this one."""
    summary = RunSummary(before=Counter(ok=10), cost=0.25)
    with progress.show_progress(summary, quiet=False, live=True, total=lambda: 100) as tick:
        clock[0] += 600
        summary.documents["ok"] += 5
        tick()
        clock[0] += 59
        tick()
        clock[0] += 1
        tick()
    assert capsys.readouterr().err.splitlines() == [
        "15 of 100 letters · 0 to review · 0 failed · $0.25 spent · 120 s a letter · 2 h 50 min left · 10 min",
        "15 of 100 letters · 0 to review · 0 failed · $0.25 spent · 132 s a letter · 3 h 7 min left · 11 min",
    ], "after ten minutes a log gets a line a minute"


def test_quiet(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with progress.show_progress(RunSummary(), quiet=True, live=True) as tick:
        clock[0] += 100
        tick()
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_live_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    summary = RunSummary()
    with progress.show_progress(summary, quiet=False, live=True, total=lambda: 90) as tick:
        summary.documents["failed"] += 1
        tick()
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "1 of 90 letters" in printed.err
    assert "1 failed" in printed.err
    assert " left" in printed.err
