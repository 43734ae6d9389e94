"""`python -m tests.store.dying FOLDER`: runs that die before each of the store's steps in turn, and are taken up again.

A step is a line of the code that can change what is on the disk: between two of them any instant is like any other.
A process of its own, for it forks: the tests' own may have threads.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from linecache import getline
from pathlib import Path
from types import FrameType
from typing import Any

import imrllm.atomic
import imrllm.store
from imrllm.errors import StoreError
from imrllm.store import ResultsFile, manifest_path, read_manifest, read_results
from tests.store.made import RUN, manifest, result, write

STEP = re.compile(
    r"\b(?:acquire|close|copymode|mkdir|_?opened|open|release|replace|truncate|unlink|write|write_atomically)\("
)
CODE = (str(Path(imrllm.store.__file__).parent), str(imrllm.atomic.__file__))
OTHER = {"model": "local", "prompt_sha256": "1"}
WHOLE = [("a", "ok"), ("b", "ok")]


def extract(path: Path, **options: bool) -> None:
    """What `extract` does with a results file; the letters are finished out of order."""
    with ResultsFile(path, RUN, **options) as store:
        for name in "ba":
            if not store.done(name):
                store.append(result(name))
        store.arrange("ab")


def dies_at(step: int, run: Callable[[], None]) -> bool:
    """Run in a process that dies, as by SIGKILL, before the given step; whether it came to that."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    left = step

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if not frame.f_code.co_filename.startswith(CODE):
            return None
        left -= event == "line" and STEP.search(getline(frame.f_code.co_filename, frame.f_lineno)) is not None
        if not left:
            os._exit(9)
        return trace

    sys.settrace(trace)
    run()
    os._exit(0)


def statuses(path: Path) -> list[tuple[str, str]]:
    return [(row.document_id, row.status) for row in read_results(path)]


def check(path: Path) -> None:
    assert statuses(path) == WHOLE, statuses(path)
    assert read_manifest(path) == RUN
    left = sorted(path.parent.iterdir())
    assert left == [path, manifest_path(path)], left


def anew(path: Path, step: int) -> bool:
    died = dies_at(step, lambda: extract(path))
    extract(path)
    return died


def retrying(path: Path, step: int) -> bool:
    write(path, result("b", status="failed"))
    died = dies_at(step, lambda: extract(path, retry_failed=True))
    extract(path, retry_failed=True)
    return died


def starting_over(path: Path, step: int) -> bool:
    write(path, result("a", **OTHER), result("x", **OTHER), on_conflict="flag", **OTHER)
    before, theirs = path.read_bytes(), read_manifest(path)
    died = dies_at(step, lambda: extract(path, fresh=True))
    try:
        extract(path)
    except StoreError:
        # It had not begun: the other run's rows are as they were, and still its own.
        assert (path.read_bytes(), read_manifest(path)) == (before, theirs)
        assert theirs == manifest(on_conflict="flag", **OTHER)
        extract(path, fresh=True)
    return died


def main(folder: Path) -> None:
    # What a process wrote outlives its death; only a power cut could tell the difference, and waiting takes minutes.
    os.fsync = lambda _: None
    for scenario in (anew, retrying, starting_over):
        for step in count(1):
            path = folder / f"{scenario.__name__}-{step}" / "out.jsonl"
            path.parent.mkdir()
            died = scenario(path, step)
            check(path)
            if not died:
                print(scenario.__name__, step - 1)
                break


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        main(Path(sys.argv[1]))
