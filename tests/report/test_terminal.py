"""Text from outside on a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imrllm.report import printable

CASES = [
    ("CM16-0000001", "CM16-0000001", "an ordinary name stays"),
    ("Übersicht 'ß'", "Übersicht 'ß'", "letters of any script stay"),
    ("a\x1b[31mb", r"a\x1b[31mb", "a colour would go on to the end of the screen"),
    ("a\x1b]0;title\x07", r"a\x1b]0;title\x07", "a sequence that names the window"),
    ("a\r\nb", r"a\r\nb", "a line break would forge a line"),
    ("a\u202eb", r"a\u202eb", "a reversal of the writing direction"),
    ("a\x9b2Jb", r"a\x9b2Jb", "the one-character form of the escape"),
    ("a\udc80", r"a\udc80", "half a surrogate, as odd file names have it, cannot be written"),
    ("[bold]x[/bold]", "[bold]x[/bold]", "rich's markup is text: the table takes it as such"),
]


@pytest.mark.parametrize(("text", "shown", "reason"), CASES)
def test_printable(text: str, shown: str, reason: str) -> None:
    assert printable(text) == shown, reason


@given(st.text())
def test_printable_always_prints(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert shown.encode().decode() == shown
