"""Whether a font's list of widths is right, damaged or not known."""

from __future__ import annotations

import pytest

from imrllm.documents.font_widths import Widths


@pytest.mark.parametrize(
    ("name", "given", "right", "damaged"),
    [
        ("Times#20New#20Roman,Bold", [250, 333, 555], True, False),
        ("Times New Roman,Bold", [250, 333, 555], True, False),
        ("ABCDEF+TimesNewRomanPS-BoldMT", [250, 333, 555], True, False),
        ("TimesNewRomanPSMT", [250, 333, 408], True, False),
        ("Times-Roman", [250, 333, 408], True, False),
        ("TimesNewRoman,BoldItalic", [250, 389, 555], True, False),
        ("Arial,BoldItalic", [278, 333, 474], True, False),
        ("Helvetica-Oblique", [278, 278, 355], True, False),
        ("ArialMT", [0, 278, 0], True, False),
        ("ArialMT", [278, 278, 359], False, True),
        ("ArialMT", [277.83, 277.83, 354.98], False, False),
        ("ArialMT", [278, 278], False, True),
        ("ArialMT", [2, 8, 278, 355], False, True),
        ("ArialMT", [600, 600, 600], False, False),
        ("ArialNarrow", [228, 228, 291], False, False),
        ("Calibri", [226, 326, 401], False, False),
    ],
)
def test_widths(name: str, given: list[float], right: bool, damaged: bool) -> None:
    widths = Widths(name, "WinAnsiEncoding", 32, 34, given)
    assert (widths.are_right(), widths.are_damaged()) == (right, damaged)
    assert not widths._replace(encoding="MacRomanEncoding").are_right()
    assert not widths._replace(encoding="MacRomanEncoding").are_damaged()


def test_beyond_ascii_fonts_differ() -> None:
    bullet = Widths("ArialMT", "WinAnsiEncoding", 149, 149, [351])
    assert not bullet.are_right()
    assert not bullet.are_damaged()
