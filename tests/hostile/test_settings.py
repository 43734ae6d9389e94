"""The rows of the table about files that users and programs write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imrllm.cassettes.store import read_cassette
from imrllm.cli.settings import _read as read_settings
from imrllm.errors import ImrllmError
from imrllm.letter import choose_form
from imrllm.prompts import load_prompt
from imrllm.suites import load_suite
from tests.hostile.cases import SettingsCase
from tests.hostile.settings_cases import SETTINGS

# By kind: the name of the file, what surrounds the text, and what reads the file.
READERS: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "form": ("a.toml", "{}", choose_form),
    "suite": ("own/suite.toml", "{}", lambda path: load_suite("own", path.parents[1])),
    "settings": ("imrllm.toml", "{}", read_settings),
    "prompt": ("own.md", "---\n{}\n---\n# letter\n## user\nx\n", lambda path: load_prompt(str(path))),
    "cassette": ("a.yaml", "{}", read_cassette),
}


@pytest.mark.parametrize("case", SETTINGS, ids=[case.name for case in SETTINGS])
def test_it_is_refused_with_a_hint(case: SettingsCase, tmp_path: Path) -> None:
    file, around, read = READERS[case.kind]
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(around.format(case.text))
    with pytest.raises(ImrllmError) as refused:
        read(path)
    assert case.said in str(refused.value)
    assert refused.value.hint
    assert len(str(refused.value)) < 500, "it quotes no more than it must"
