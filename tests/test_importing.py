"""Imports without the collection of garbage, which is as it was afterwards."""

from __future__ import annotations

import gc
import signal
import sys

import pytest

from imrllm.cli import main
from imrllm.importing import without_collecting


def test_nothing_is_collected_in_the_block_alone() -> None:
    with without_collecting():
        assert not gc.isenabled()
        with without_collecting():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_broken_import_and_a_program_that_never_collects() -> None:
    with pytest.raises(ImportError), without_collecting():
        raise ImportError
    assert gc.isenabled()
    gc.disable()
    with without_collecting():
        pass
    assert not gc.isenabled()
    gc.enable()


def test_the_command_line_looks_for_garbage_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    before = gc.get_threshold()
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["imrllm", "--help"])
    try:
        with pytest.raises(SystemExit):
            main()
        assert gc.get_threshold()[0] > 50_000
    finally:
        gc.set_threshold(*before)
