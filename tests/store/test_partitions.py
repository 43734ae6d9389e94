"""A folder of Parquet partitions is read as a results file is: every row once, in input order."""

from __future__ import annotations

from pathlib import Path

import pytest

from imrllm.errors import StoreError
from imrllm.records import Result
from imrllm.store import Partition, Partitions, ResultsFile, newest_results, partition_path, read_results
from tests.store.made import RUN, result, rows

pytest.importorskip("pyarrow", reason="Parquet needs pyarrow (the extra `ray`)")

# In the order of the inputs; each with the number of its partition.
RESULTS = (
    (2, result("b", status="failed")),
    (1, result("d")),
    (2, result("a")),
    (3, result("c", status="review")),
    (1, result("e")),
)
WRITTEN = [each for _, each in RESULTS]


def write(folder: Path, number: int, *made: tuple[int, Result]) -> None:
    """Write a partition of results, each with its place among the inputs."""
    partition = Partition(partition_path(folder, number, 3), RUN)
    with ResultsFile(partition.journal, RUN) as journal:
        # Letters finish in any order.
        for _, each in reversed(made):
            if not partition.done(each.document_id):
                journal.append(each)
    partition.write([(position, each.document_id, each.provenance.sha256) for position, each in made])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a finished run over three partitions."""
    path = tmp_path / "parts"
    with Partitions(path, RUN):
        for number in (3, 1, 2):
            write(path, number, *[(position, each) for position, (at, each) in enumerate(RESULTS) if at == number])
    return path


def test_what_is_written_is_read_in_input_order(folder: Path) -> None:
    assert list(read_results(folder)) == WRITTEN
    assert list(read_results(str(folder))) == WRITTEN
    assert list(newest_results(folder)) == WRITTEN


def test_rows_of_letters_that_left_the_inputs_come_last(folder: Path) -> None:
    write(folder, 2, (2, result("a")))
    assert rows(folder) == ["d", "a", "c", "e", "b"]


def test_unfinished_files_are_not_read(folder: Path) -> None:
    with ResultsFile(Partition(partition_path(folder, 2, 3), RUN).journal, RUN) as journal:
        journal.append(result("f"))
    (folder / ".part-00002-of-00003.parquet.0.tmp").write_bytes(b"PAR1")
    assert list(read_results(folder)) == WRITTEN


def test_a_missing_partition_is_an_error(folder: Path, tmp_path: Path) -> None:
    partition_path(folder, 2, 3).unlink()
    with pytest.raises(StoreError, match="lacks 1 of its 3 partitions") as raised:
        next(read_results(folder))
    assert "Finish the run" in raised.value.hint
    with pytest.raises(StoreError, match="lacks partitions"):
        next(read_results(tmp_path))


def test_a_broken_partition_is_named(folder: Path) -> None:
    broken = partition_path(folder, 3, 3)
    broken.write_bytes(broken.read_bytes()[:-20])
    with pytest.raises(StoreError, match=broken.name):
        next(read_results(folder))


def test_partitions_of_two_runs_are_refused(folder: Path) -> None:
    partition_path(folder, 1, 3).rename(partition_path(folder, 1, 4))
    with pytest.raises(StoreError, match="two runs"):
        next(read_results(folder))
