"""Progress on standard error."""

from __future__ import annotations

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
        "10 letters · 0 to review · 0 failed · 10 s",
        "20 letters · 0 to review · 0 failed · 20 s",
    ]


def test_quiet(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with progress.show_progress(RunSummary(), quiet=True, live=True) as tick:
        clock[0] += 100
        tick()
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_live_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    summary = RunSummary()
    with progress.show_progress(summary, quiet=False, live=True) as tick:
        summary.documents["failed"] += 1
        tick()
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "1 failed" in printed.err
