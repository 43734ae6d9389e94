"""What people type wrong in their first minutes: each is refused with the next step, and nothing is left or lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from imrllm.cli import extract as command
from imrllm.running.run import Run as WholeRun
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


@pytest.mark.parametrize(
    "command", ["view letters -o page.html", "check letters --documents letters", "export letters -o x.csv"]
)
def test_a_folder_in_place_of_the_records(run: Run, place: Path, command: str) -> None:
    ran = run(*command.split())
    assert ran.code == 2
    assert "`letters` cannot be read: it is a folder" in ran.err or "`letters` is a folder, and lacks" in ran.err


def test_a_folder_in_place_of_a_command(run: Run, place: Path) -> None:
    ran = run("letters")
    assert (ran.code, ran.err) == (
        2,
        "Error: `letters` is not a command.\nHint: `imrllm extract letters` reads letters.\n",
    )
    assert "Did you mean 'extract'" in run("extrct", "letters").err


def test_a_misspelled_variable_is_named(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that sets `IMRLLM_MODLE` would run without its model, and be green."""
    monkeypatch.setenv("IMRLLM_MODLE", "local")
    monkeypatch.setenv("IMRLLM_CACHE_DIR", "cache")
    ran = run("extract", "letters", "--model", "none", "-o", "x.jsonl", "-q")
    assert ran.err == "Remark: No option reads the variable `IMRLLM_MODLE`; did you mean `IMRLLM_MODEL`?\n"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("gpt-5-mini", "openai/gpt-5-mini"), ("opnai/x", "openai/x"), ("Local", "local"), ("None", "none")],
)
def test_a_model_without_its_provider(run: Run, place: Path, typed: str, meant: str) -> None:
    ran = run("extract", "letters", "--model", typed)
    assert (ran.code, f"Did you mean `{meant}`?" in ran.err) == (2, True)


def test_letters_of_two_folders_are_reviewed_and_checked_together(run: Run, place: Path) -> None:
    Path("more").mkdir()
    Path("letters/b.txt").rename("more/b.txt")
    both = ("--documents", "letters", "--documents", "more")
    assert run("view", "records.jsonl", *both, "-o", "page.html").err == "`page.html`: 2 documents.\n"
    assert "no letter" not in run("check", "records.jsonl", *both).out
    Path("imrllm.toml").write_text('documents = "letters"\n')
    assert run("view", "records.jsonl", "-o", "page.html").err == "`page.html`: 2 documents, 1 without their letter.\n"


def test_the_next_command_names_all_inputs(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = WholeRun("letters", "x.jsonl", model="none")
    run.summary.flags = 1
    command._say_next(run, ["letters", "my letters"])
    assert "--documents letters --documents 'my letters' -o review.html" in capfd.readouterr().err


def test_rows_on_a_terminal_are_said_to_be_kept_nowhere(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    run = WholeRun("letters", model="none")
    run.summary.documents["ok"] = 2
    command._say_next(run, ["letters"])
    assert "`-o records.jsonl` keeps the rows" in capfd.readouterr().err


def test_a_log_is_not_wrapped_at_80_columns(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    ran = run("extract", "letters", "--model", "none", "-o", "x.jsonl")
    assert any(len(line) > 80 for line in ran.err.splitlines())


@pytest.mark.parametrize(
    "command",
    [
        "view records.jsonl -o mine.jsonl",
        "report records.jsonl -o mine.md",
        "audit records.jsonl --documents letters -o mine.jsonl",
    ],
)
def test_a_page_does_not_replace_records(run: Run, place: Path, command: str) -> None:
    output = command.rpartition(" ")[2]
    run("extract", "letters", "--model", "none", "-o", output, "-q")
    before = files(place)
    ran = run(*command.split())
    assert (ran.code, f"`{output}` holds the results of a run" in ran.err) == (2, True)
    assert files(place) == before


@pytest.mark.parametrize("command", ["view records.jsonl letters", "audit records.jsonl letters"])
def test_letters_without_their_option(run: Run, place: Path, command: str) -> None:
    ran = run(*command.split())
    assert (ran.code, "Letters are named with `--documents`" in ran.err) == (2, True)


def test_a_suite_behind_an_option_that_another_command_has(run: Run) -> None:
    ran = run("eval", "--suite", "written")
    assert (ran.code, "`imrllm eval written`" in ran.err) == (2, True)
