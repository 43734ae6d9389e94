"""`imrllm form`, and a form in the settings file and in the environment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imrllm.letter.form import KNOWN, known_text
from tests.cli.conftest import Run
from tests.letter.own_form import BLOCKS, OWN, own_form
from tests.letters import THREE, letter, written


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return own_form(tmp_path)


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    return written(tmp_path / "letters", {**dict.fromkeys("abc", OWN), "d": letter(*THREE)})


def test_list(run: Run, form: Path) -> None:
    ran = run("form", "list")
    assert ran.code == 0
    assert all(name in ran.out for name in KNOWN)
    assert "194" in ran.out
    assert "my 2021" not in ran.out
    assert run("form", "list", "--form", form).out.index("my 2021") < ran.out.index("2016-2017") + 400


@pytest.mark.parametrize("name", KNOWN)
def test_show(run: Run, name: str) -> None:
    assert run("form", "show", name).out == known_text(name)


def test_rationales_have_no_file_to_show(run: Run) -> None:
    ran = run("form", "show", "rationale")
    assert (ran.code, ran.out) == (2, "")
    assert "has no file" in ran.err
    assert "--form rationale" in ran.err


def test_show_checks_a_file(run: Run, form: Path) -> None:
    assert run("form", "show", form).out == BLOCKS
    form.write_text(BLOCKS.replace('layout = "blocks"', 'layout = "block"'), encoding="utf-8")
    ran = run("form", "show", form)
    assert (ran.code, ran.out) == (2, "")
    assert "`layout`" in ran.err
    assert "Hint: " in ran.err


def test_check(run: Run, letters: Path, form: Path, tmp_path: Path) -> None:
    ran = run("form", "check", letters)
    assert ran.code == 1
    assert "Treatment in dispute:" in ran.out
    assert "Norco" not in ran.out
    file = tmp_path / "check.json"
    ran = run("form", "check", letters, "--form", form, "--json", file, "--quiet")
    assert (ran.code, ran.out) == (0, "")
    data = json.loads(file.read_text())
    assert (data["letters"], data["not_read"], data["unreadable"], data["unknown_lines"]) == (4, 0, 0, [])
    assert {each["name"]: each["whole"] for each in data["forms"] if each["letters"]} == {"my 2021": 3, "2014-2015": 1}


def test_a_form_comes_from_the_settings_file_or_the_environment(
    run: Run, letters: Path, form: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("extract", letters / "a.txt", "--model", "none").code == 1
    # The tests run in a folder below: the file's own folder counts.
    form.with_name("imrllm.toml").write_text('form = "my-2021.toml"\n')
    ran = run("extract", letters / "a.txt", "--model", "none")
    assert json.loads(ran.out)["provenance"]["form"] == "my 2021"
    form.with_name("imrllm.toml").unlink()
    monkeypatch.setenv("IMRLLM_FORM", str(form))
    ran = run("extract", letters / "a.txt", "--model", "none")
    assert json.loads(ran.out)["provenance"]["form"] == "my 2021"


def test_check_refuses_what_it_cannot_check(run: Run, letters: Path) -> None:
    for arguments, said in (((letters, "--form", "rationale"), "no headings"), (("nowhere/",), "does not exist")):
        ran = run("form", "check", *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err
        assert "Hint: " in ran.err
    assert run("form", "list", "--form", "rationale").out == run("form", "list").out
