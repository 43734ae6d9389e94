"""Several machines' files joined: nothing lost, nothing twice, nothing mixed."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imrllm.documents import Shard
from imrllm.errors import StoreError
from imrllm.records import Result
from imrllm.store import Merged, ResultsFile, manifest_path, merge, read_manifest, read_results
from tests.store.made import RUN, manifest, result, rows, write

Part = Callable[..., Path]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "joined" / "out.jsonl"


@pytest.fixture
def part(tmp_path: Path) -> Part:
    """Write a results file; `made` is what its manifest says otherwise."""

    def part(name: str, *results: Result, **made: Any) -> Path:
        path = tmp_path / f"{name}.jsonl"
        write(path, *results, **made)
        return path

    return part


def test_each_document_once_in_the_files_order(part: Part, out: Path) -> None:
    inputs = [part("2", result("d"), result("a")), part("1", result("c"), result("b", status="failed")), part("3")]
    assert merge(out, inputs) == Merged(4, 1, ())
    assert rows(out) == ["d", "a", "c", "b"]
    assert out.read_bytes() == inputs[0].read_bytes() + inputs[1].read_bytes()
    assert sorted(entry.name for entry in out.parent.iterdir()) == ["out.jsonl", "out.jsonl.run.json"]


def test_the_shards_of_a_run_give_the_run(part: Part, out: Path) -> None:
    names = [f"CM16-{number:07}" for number in range(30)]
    shards = [Shard(number, 4) for number in range(1, 5)]
    inputs = [
        part(str(shard.number), *(result(name) for name in names if shard.has(name)), shard=str(shard))
        for shard in shards
    ]
    assert merge(out, inputs) == Merged(30, 0, ())
    with ResultsFile(out, RUN) as store:
        assert all(store.done(name, f"sha256 of {name}") for name in names), "a run of all goes on with it"
        store.arrange(names)
    assert rows(out) == names


def test_missing_shards_are_named_and_a_run_of_all_makes_them(part: Part, out: Path) -> None:
    inputs = [
        part("2", result("a"), shard="2/4", inputs=("x", "y"), started="2026-02-02T00:00:00Z"),
        part("3", result("b"), shard="3/4", inputs=("y", "z"), started="2025-01-01T00:00:00Z"),
    ]
    assert merge(out, inputs).missing == ("1/4", "4/4")
    joined = read_manifest(out)
    assert joined
    assert (joined.shard, joined.inputs) == (None, ("x", "y", "z"))
    assert joined.started.isoformat() == "2025-01-01T00:00:00+00:00"
    write(out, result("c"))
    assert rows(out) == ["a", "b", "c"]
    # Of what went into a file without a shard nothing is known.
    assert merge(out.with_name("more.jsonl"), [out, part("1", shard="1/4")]).missing == ()


def test_the_same_row_twice_is_kept_once(part: Part, out: Path) -> None:
    took = {"seconds": 3.5, "attempts": 2, "cost": 0.1}
    one = part("1", result("a"), result("b"))
    two = part("2", result("b", **took), result("c"))
    assert merge(out, [one, two, one]).documents == 3
    assert rows(out) == ["a", "b", "c"]
    assert [row.provenance.seconds for row in read_results(out)] == [0, 0, 0], "the first stays"


def test_two_records_of_a_document_are_refused(part: Part, out: Path) -> None:
    inputs = [part("1", result("a")), part("2", result("b"), result("a", status="review"))]
    with pytest.raises(StoreError) as raised:
        merge(out, inputs)
    assert str(raised.value) == f"`a` has one record in `{inputs[0]}` and another in `{inputs[1]}`."
    assert raised.value.hint
    assert list(out.parent.iterdir()) == [], "nothing is written"


def test_two_records_of_other_bytes_are_refused(part: Part, out: Path) -> None:
    with pytest.raises(StoreError, match="`a` has one record"):
        merge(out, [part("1", result("a")), part("2", result("a", sha256="changed"))])


def test_a_failed_row_gives_way(part: Part, out: Path) -> None:
    failed = result("a", status="failed")
    for order in (["1", "2", "3"], ["3", "2", "1"]):
        files = {
            "1": part("1", failed, result("x")),
            "2": part("2", result("a"), result("y")),
            "3": part("3", failed.model_copy(update={"error": None})),
        }
        assert merge(out, [files[name] for name in order]) == Merged(3, 0, ())
        assert {row.document_id: row.status for row in read_results(out)} == {"a": "ok", "x": "ok", "y": "ok"}
        for file in (*files.values(), out):
            file.unlink()


def test_within_a_file_the_newer_row_counts(part: Part, out: Path) -> None:
    # A run that tried a failed letter again and was broken off before it put the rows in order.
    merge(out, [part("1", result("a", status="failed"), result("b"), result("a"))])
    assert [(row.document_id, row.status) for row in read_results(out)] == [("a", "ok"), ("b", "ok")]


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"model": "local"}, "the model `local`, not `none`"),
        ({"prompt_sha256": "0" * 64}, "another prompt"),
        ({"version": "0.0.9"}, "version 0.0.9, not 0.1.0"),
    ],
)
def test_rows_setting_differences_are_not_joined(part: Part, out: Path, other: dict[str, Any], named: str) -> None:
    one, two = part("1", result("a")), part("2", result("b", **other), **other)
    with pytest.raises(StoreError) as raised:
        merge(out, [one, two])
    assert str(raised.value) == f"`{two}` and `{one}` were made with different settings: {named}."
    for without in (two, one):
        # One of an earlier version, then both.
        manifest_path(without).unlink()
        with pytest.raises(StoreError) as raised:
            merge(out, [one, two])
        assert str(raised.value) == f"`{two}` line 1 was made with other settings than the rows before: {named}."
    assert list(out.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"schema_sha256": "0" * 64}, "another schema of the record"),
        ({"command": "check"}, "`imrllm check`, not `imrllm extract`"),
    ],
)
def test_what_only_the_manifest_tells_counts(part: Part, out: Path, other: dict[str, Any], named: str) -> None:
    with pytest.raises(StoreError, match=named):
        merge(out, [part("1", result("a")), part("2", result("b"), **other)])


def test_another_policy_is_not_joined(part: Part, out: Path) -> None:
    asked = {"model": "local", "prompt_sha256": "1"}
    one, two = (part(policy, result(policy, **asked), on_conflict=policy, **asked) for policy in ("flag", "repair"))
    with pytest.raises(StoreError, match="`--on-conflict repair`, not `flag`"):
        merge(out, [one, two])


def test_a_letter_that_failed_before_any_model_was_asked_differs_from_nothing(part: Part, out: Path) -> None:
    asked = {"model": "local", "prompt_sha256": "1"}
    bad = result("a", status="failed", model="local")
    assert merge(out, [part("1", bad, **asked), part("2", result("b", **asked), **asked)]).documents == 2


def test_without_every_manifest_none_is_written(part: Part, out: Path) -> None:
    one, two = part("1", result("a"), shard="1/3"), part("2", result("b"), shard="2/3")
    manifest_path(two).unlink()
    out.parent.mkdir()
    manifest_path(out).write_text("an old one, of a file that was deleted")
    assert merge(out, [one, two]) == Merged(2, 0, ()), "the other file may be the third shard"
    assert read_manifest(out) is None


def test_a_file_that_exists_is_not_replaced(part: Part, out: Path) -> None:
    one, two = part("1", result("a")), part("2", result("b"))
    before = two.read_bytes()
    with pytest.raises(StoreError) as raised:
        merge(two, [one])
    assert "exists already" in str(raised.value)
    assert raised.value.hint
    assert two.read_bytes() == before


@pytest.mark.parametrize(
    ("tail", "reason"),
    [(b'{"document_id":"b","sta', "a run that was broken off"), (b"my notes\n", "no results")],
)
def test_what_is_no_row_is_refused(part: Part, out: Path, tail: bytes, reason: str) -> None:
    one = part("1", result("a"))
    one.write_bytes(one.read_bytes() + tail)
    with pytest.raises(StoreError) as raised:
        merge(out, [one])
    assert f"`{one}` line 2 is not a result" in str(raised.value), reason
    assert "notes" not in str(raised.value)
    assert list(out.parent.iterdir()) == []


def test_a_last_row_without_its_line_end_is_a_row(part: Part, out: Path) -> None:
    one, two = part("1", result("a")), part("2", result("b"))
    one.write_bytes(b"\n" + one.read_bytes().rstrip())
    merge(out, [one, two])
    assert rows(out) == ["a", "b"]
    assert out.read_bytes().count(b"\n") == 2


def test_files_that_a_run_is_writing_are_refused(part: Part, out: Path) -> None:
    one = part("1", result("a"))
    with ResultsFile(one, RUN), pytest.raises(StoreError, match=r"`1.jsonl` is being written by another run"):
        merge(out, [one])
    with ResultsFile(out, RUN), pytest.raises(StoreError, match=r"`out.jsonl` is being written by another run"):
        merge(out, [one])


def test_a_missing_file(tmp_path: Path, out: Path) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        merge(out, [tmp_path / "not here.jsonl"])


def test_merging_holds_little_of_each_row(tmp_path: Path, out: Path) -> None:
    row = json.loads(result("a").model_dump_json())
    inputs = [tmp_path / f"{number}.jsonl" for number in range(2)]
    for index, path in enumerate(inputs):
        with ResultsFile(path, manifest(shard=f"{index + 1}/2")):
            pass
        with path.open("w") as file:
            for number in range(500):
                row["document_id"] = f"CM1{index}-{number:07}"
                row["record"]["clinical_summary"]["diagnoses"] = ["x" * 20_000]
                file.write(json.dumps(row, separators=(",", ":")) + "\n")
    tracemalloc.start()
    try:
        assert merge(out, inputs).documents == 1000
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert held < 1_000_000, "20 MB of rows went by"
