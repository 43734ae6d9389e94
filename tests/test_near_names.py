"""The nearest name for one that does not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from imrllm.near_names import did_you_mean, not_opened


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("recods.jsonl", "records.jsonl"),
        ("record.json", "records.jsonl"),
        ("leters", "letters"),
        ("nowhere.jsonl", None),  # names of one ending look alike by it
        ("x", None),
    ],
)
def test_the_nearest_name(tmp_path: Path, typed: str, meant: str | None) -> None:
    (tmp_path / "records.jsonl").touch()
    (tmp_path / "letters").mkdir()
    hint = did_you_mean(tmp_path / typed, "Check it.")
    assert hint == (f"Did you mean `{tmp_path / meant}`?" if meant else "Check it.")


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    assert not_opened(tmp_path, IsADirectoryError()) == (
        f"`{tmp_path}` cannot be read: it is a folder.",
        "Name a file.",
    )
    (tmp_path / "records.jsonl").touch()
    assert not_opened(tmp_path, IsADirectoryError())[1] == f"Name a file, such as `{tmp_path / 'records.jsonl'}`."
