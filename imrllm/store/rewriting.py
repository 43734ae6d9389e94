"""A results file written whole: its rows are there at once, or it is as it was."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from imrllm.atomic import write_atomically
from imrllm.errors import StoreError
from imrllm.records import Result
from imrllm.store.files import alone, refuse_table_format, reporting
from imrllm.store.manifest import Manifest, read_manifest, write_manifest


def refuse_replacing(output: Path, command: str, *, force: bool) -> None:
    """Refuse to replace a file that another command may have taken hours to write.

    A command's own earlier output is replaced: the same command makes it again.

    Raises:
        StoreError: the output exists, its manifest does not name the command, and it is not to be replaced by force.
    """
    refuse_table_format(output)
    if force or not output.exists():
        return
    manifest = read_manifest(output) if output.is_file() else None
    if manifest is None or manifest.command != command:
        raise StoreError(
            f"`{output}` exists already, and `imrllm {command}` did not write it.",
            hint="Name another file, or replace it with `--force`.",
        )


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
