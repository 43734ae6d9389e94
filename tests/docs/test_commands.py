"""Runs every command that the documentation shows, page by page and in order.

A line's output files are removed before it runs, because the lines of a page are often alternatives.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from imrllm.store import manifest_path, read_manifest, read_results, write_results
from tests.cli.conftest import Run
from tests.docs.conftest import Server
from tests.docs.shown import PAGES, PROJECT_PAGES, REPOSITORY, Command, blocks, console_lines, examples, parse, program
from tests.report.reviewed import corrections

# Commands of other programs, which are not run here.
NOT_RUN = {
    "pip": "a test installs nothing; `make lowest` tries the wheel",
    ".": "the shell activates an environment",
    "export": "the stand-in's key and address are set already",
    "jq": "it may not be installed; it only reads the output",
    "ray": "it starts a cluster: tests/running/test_ray.py",
    "vllm": "it needs a graphics card",
    "docker": "it builds an image",
    "inspect": "inspect_ai is not installed; tests/report/test_inspect_log.py reads the logs",
    "opentelemetry-instrument": "it is not installed; tests/test_telemetry.py looks at the spans",
}
# Commands of imrllm that are only parsed, if they contain all of these words.
PARSED = {
    ("model", "pull"): "it fetches a gigabyte",
    ("model", "serve"): "it serves until it is stopped, and needs the weights",
    ("--model", "local"): "it needs the weights",
    ("form", "learn"): "it needs a model that quotes letters of an unknown form",
    ("cassettes", "record"): "it needs the weights, or OpenAI's own server",
    ("--ocr",): "it needs tesseract",
    ("--engine", "ray"): "it starts a cluster: tests/running/test_ray.py",
    ("merge", "records/"): "a run on Ray made them",
}
# Commands whose exit code may be 1.
MAY_SAY_NO = {
    "apply": "rows are left to review",
    "check": "a value is not confirmed",
    "doctor": "something is missing here",
}
# They only read prepared files, so each line runs once, however many pages show it.
READS = {"eval", "compare", "cassettes check"}
PYTHON_NOT_RUN = {
    "interoperation.md": "`datasets` is not installed; tests/export looks at the files",
    "ray.md": "it needs graphics cards",
}


class Reader:
    """Runs the lines of a page in its folder."""

    def __init__(self, run: Run, done: set[str]) -> None:
        self._run = run
        self._done = done

    def type(self, line: str) -> None:
        """Run a line.

        Raises:
            AssertionError: it fails, or is not known here.
        """
        printed = b""
        for command in parse(line):
            printed = self._do(command, printed if command.piped else b"", line)
            if command.writes:
                Path(command.writes).write_bytes(printed)

    def _do(self, command: Command, stdin: bytes, line: str) -> bytes:
        name, *words = [word for given in command.words for word in _expanded(given)]
        if name == "imrllm":
            return self._imrllm(words, stdin, line)
        if name == "cat":
            return b"".join(Path(word).read_bytes() for word in words)
        if name == "python":
            self._python(words, line)
        elif name == "make":
            targets = re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
            assert set(words) <= set(targets), line
        else:
            assert name in NOT_RUN, f"`{line}`: `{name}` is not known to this test"
        return b""

    def _imrllm(self, words: list[str], stdin: bytes, line: str) -> bytes:
        path = _parsed(words, line)
        if any(set(needed) <= set(words) for needed in PARSED):
            return b""
        if path in READS:
            if " ".join(words) in self._done:
                return b""
            self._done.add(" ".join(words))
        self._put_away(path, words)
        self._prepare(path, words)
        ran = self._run(*words, stdin=stdin)
        allowed = {0, 1} if path in MAY_SAY_NO else {0}
        assert ran.code in allowed, f"`{line}` ended with {ran.code}:\n{ran.err}"
        return ran.out.encode()

    def _put_away(self, path: str, words: list[str]) -> None:
        written = [words[at + 1] for at, word in enumerate(words) if word in ("-o", "--output")]
        for name in [words[1]] if path == "merge" else written:
            for file in Path().glob(f"{name.rstrip('/')}*"):
                if file.name in (name, f"{name}.run.json", f"{name}.lock", f"{name}.batch"):
                    shutil.rmtree(file) if file.is_dir() else file.unlink()

    def _prepare(self, path: str, words: list[str]) -> None:
        """Do what other machines or earlier commands would have done."""
        if path == "merge":
            parts = words[2:]
            for number, part in enumerate(parts, 1):
                self._put_away("extract", ["-o", part])
                self.type(f"imrllm extract letters/ --model none --shard {number}/{len(parts)} -o {part}")
        if path == "audit":
            records = Path(words[1])
            if not manifest_path(records).exists():
                self.type(f"imrllm extract letters/ --model none -o {records}")
            _settle(records)
            if "--verdicts" in words:
                _compare(records, Path(words[words.index("--verdicts") + 1]))
        if path in ("batch status", "batch collect", "batch cancel") and not Path(f"{words[2]}.batch").exists():
            self.type(f"imrllm batch submit letters/ -o {words[2]} --model openai/gpt-5-mini")

    def _python(self, words: list[str], line: str) -> None:
        # A benchmark takes minutes, so only its existence is checked.
        if words[0].startswith("benchmarks/"):
            assert (REPOSITORY / words[0]).is_file(), line
            return
        ran = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, f"`{line}`:\n{ran.stderr}"


def _settle(records: Path) -> None:
    """Leave nothing to review in a results file, if no row of it is `ok`."""
    rows = list(read_results(records))
    manifest = read_manifest(records)
    assert manifest
    if all(row.status != "ok" for row in rows):
        write_results(records, [row.model_copy(update={"status": "ok"}) for row in rows], manifest)


def _compare(records: Path, verdicts: Path) -> None:
    """Export what a person exports who finds every letter of the last draw right."""
    manifest = read_manifest(records)
    assert manifest
    audit = manifest.audits[-1]
    rows = {row.document_id: row for row in read_results(records)}
    whole = [rows[letter.document_id] for letter in audit.letters]
    verdicts.write_text(json.dumps(corrections(whole=whole, records=audit.page_sha256)))


def _expanded(word: str) -> list[str]:
    return sorted(map(str, Path().glob(word))) or [word] if "*" in word else [word]


def _parsed(words: list[str], line: str) -> str:
    """The name of the command; the program's own parser checks its options and arguments."""
    command = program()
    path = []
    while hasattr(command, "commands"):
        if not words or words[0].startswith("-"):
            return " ".join(path)
        assert words[0] in command.commands, f"`{line}`: there is no command `{words[0]}`"
        command, name, words = command.commands[words[0]], words[0], words[1:]
        path.append(name)
    try:
        command.make_context(path[-1], list(words))
    except typer.Exit:
        pass
    # Depending on its version, typer uses click or its own copy of it.
    except Exception as error:
        raise AssertionError(f"`{line}`: {error}") from error
    return " ".join(path)


@pytest.fixture(scope="module")
def done() -> set[str]:
    return set()


@pytest.fixture
def reader(run: Run, place: Path, server: Server, done: set[str]) -> Reader:
    # What the page on forms tells the reader to save.
    shutil.copytree(place / "letters", place / "letters-of-2021")
    (place / "my-2021.toml").write_text(blocks(REPOSITORY / "docs" / "forms.md", "toml")[0], encoding="utf-8")
    return Reader(run, done)


def _name(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


@pytest.mark.parametrize(
    "page", [page for page in PAGES if console_lines(page) and page not in PROJECT_PAGES], ids=_name
)
def test_a_page(page: Path, reader: Reader) -> None:
    if page.name == "index.md":
        # The page starts with nothing but letters and the file that the browser saves.
        for made in (*Path().glob("*records*"), *Path().glob("confirmed*")):
            made.unlink()
    for line in console_lines(page):
        reader.type(line)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=_name)
def test_the_python_of_a_page(page: Path, place: Path, server: Server) -> None:
    script = "\n".join(blocks(page, "python"))
    if page.name in PYTHON_NOT_RUN:
        compile(script, page.name, "exec")
        return
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize(("command", "lines"), examples().items(), ids=examples())
def test_the_examples_of_a_command(command: str, lines: list[str], reader: Reader) -> None:
    is_group = any(other.startswith(f"{command} ") for other in examples()) and command != "imrllm"
    assert lines or is_group, f"`{command} --help` has no example"
    assert is_group or any(f"{command} " in f"{line} " for line in lines)
    for line in lines:
        reader.type(line)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("imrllm extract letters/ --modle none", "--modle"),
        ("imrllm extrct letters/", "there is no command `extrct`"),
        ("imrllm extract nowhere/ --model none", "ended with 2"),
        ("imrllm model pull --now", "--now"),
        ("curl https://example.org", "`curl` is not known"),
        ("make cake", "make cake"),
    ],
)
def test_what_is_not_as_shown_fails(reader: Reader, line: str, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        reader.type(line)


def test_a_line_is_read_as_a_shell_does() -> None:
    line = "A=1 imrllm extract 'a b/' | jq '.x > 1' > out.json && cat out.json  # look"
    assert parse(line) == [
        Command(["imrllm", "extract", "a b/"], {"A": "1"}),
        Command(["jq", ".x > 1"], piped=True, writes="out.json"),
        Command(["cat", "out.json"]),
    ]
    with pytest.raises(ValueError, match=";"):
        parse("imrllm doctor; rm x")
