"""A results file written whole: its rows are there at once, or it is as it was."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from imrllm.atomic import write_atomically
from imrllm.records import Result
from imrllm.store.files import alone, reporting
from imrllm.store.manifest import Manifest, write_manifest


def write_results(path: Path, results: Iterable[Result], manifest: Manifest) -> None:
    """Write a results file and its manifest. If making a result raises, the file stays as it was.

    Raises:
        StoreError: another run has the file open, or it cannot be written.
    """
    with alone(path):
        with reporting(path), write_atomically(path) as file:
            for result in results:
                file.write(result.model_dump_json().encode() + b"\n")
        write_manifest(path, manifest)
