"""What people type wrong in their first minutes: each is refused with the next step, and nothing is left or lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.letters import THREE, letter


@pytest.fixture
def place(run: Run) -> Path:
    """The current folder, with two letters and their records."""
    here = Path.cwd()
    (here / "letters").mkdir()
    for name in "ab":
        (here / "letters" / f"{name}.txt").write_text(f"{letter(*THREE)}{name}\n")
    assert run("extract", "letters", "--model", "none", "-o", "records.jsonl", "-q").code == 0
    return here


def files(place: Path) -> list[tuple[Path, bytes]]:
    return [(file, file.read_bytes()) for file in sorted(place.rglob("*")) if file.is_file()]


@pytest.mark.parametrize(
    "command",
    [
        "check recods.jsonl --documents letters",
        "view recods.jsonl -o page.html",
        "export recods.jsonl -o tables.csv",
        "merge all.jsonl recods.jsonl",
        "audit recods.jsonl",
        "audit recods.jsonl --documents letters",
        "report recods.jsonl",
        "compare recods.json records.json",
        "check records.jsonl --documents leters",
        "view records.jsonl --documents leters -o page.html",
        "form check leters",
        "form learn leters -o f.toml --model vllm/x",
        "batch submit leters -o b.jsonl --model vllm/x",
    ],
)
def test_a_misspelled_name_is_answered_with_the_nearest(run: Run, place: Path, command: str) -> None:
    before = files(place)
    ran = run(*command.split())
    assert (ran.code, ran.out) == (2, "")
    assert "does not exist" in ran.err
    assert "Did you mean `records.jsonl`?" in ran.err or "Did you mean `letters`?" in ran.err
    assert files(place) == before


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "command",
    [
        "check records.jsonl --documents letters -o x",
        "merge x records.jsonl",
        "batch submit letters -o x --model vllm/x",
    ],
)
def test_no_command_writes_rows_into_a_file_named_as_a_table(run: Run, place: Path, command: str, ending: str) -> None:
    before = files(place)
    ran = run(*(f"x.{ending}" if word == "x" else word for word in command.split()))
    assert ran.code == 2
    assert f"then `imrllm export x.jsonl -o x.{ending}`" in ran.err
    assert files(place) == before


def test_checking_does_not_replace_what_a_run_took_hours_for(run: Run, place: Path) -> None:
    run("extract", "letters", "--model", "none", "-o", "mine.jsonl", "-q")
    before = files(place)
    ran = run("check", "records.jsonl", "--documents", "letters", "-o", "mine.jsonl")
    assert ran.code == 2
    assert "`mine.jsonl` exists already, and `imrllm check` did not write it" in ran.err
    assert "--force" in ran.err
    assert files(place) == before
    for forced in ([], [], ["--force"]):
        output = "mine.jsonl" if forced else "checked.jsonl"
        assert run("check", "records.jsonl", "--documents", "letters", "-o", output, *forced, "-q").code != 2


def test_a_batch_without_a_key_leaves_nothing(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    before = files(place)
    ran = run("batch", "submit", "letters", "-o", "b.jsonl", "--model", "openai/gpt-5-mini")
    assert (ran.code, "needs a key" in ran.err) == (2, True)
    assert files(place) == before
    assert not Path("b.jsonl.batch").exists()


@pytest.mark.parametrize("command", ["view letters -o page.html", "check letters --documents letters"])
def test_a_folder_in_place_of_the_records(run: Run, place: Path, command: str) -> None:
    ran = run(*command.split())
    assert (ran.code, "`letters` cannot be read: it is a folder" in ran.err) == (2, True)
