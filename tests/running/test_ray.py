"""A run spread over a Ray cluster gives what one process gives, whatever dies on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from imrllm import Extractor
from imrllm.documents import Shard, find_documents, read_documents
from imrllm.errors import EngineError, StoreError, UsageError
from imrllm.letter import choose_form
from imrllm.llm import resolve_model
from imrllm.running import run as running
from imrllm.running.ray import limits_of_each, planned
from imrllm.running.ray_worker import Job, Outcome, Worker, _counting_tries, address_sha256
from imrllm.store import Partition, Partitions, manifest_path, merge, new_manifest, partition_path
from imrllm.trust import load_table
from tests.letter.own_form import OWN, own_form
from tests.letters import FULL_PROMPT, WHOLE_PROMPT, Item, letter, right_letter_answer
from tests.llm.standin import StandIn, completion

pytest.importorskip("pyarrow", reason="Parquet needs pyarrow (the extra `ray`)")

SHIPPED = load_table("none")
TABLE = SHIPPED.sha256 if SHIPPED else None

LETTERS = 24
TEXT = letter(Item("Norco 10/325mg #120"))
CANARY = "The heron stood in the reeds"
KEY = "sk-canary-0123456789abcdefghijklmn"


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """A folder of letters as files and as JSON lines; some are no letters, and one id stands twice."""
    folder = tmp_path / "letters"
    folder.mkdir()
    for number in range(LETTERS):
        (folder / f"{number:02}.txt").write_text(f"{TEXT}\n{CANARY} {number}." if number % 8 else "A note.")
    rows = [{"id": name, "text": TEXT} for name in ("z", "00", "é")] + [{"id": "no text"}]
    (folder / "rows.jsonl").write_text("\n\n".join(json.dumps(row) for row in rows))
    return folder


@dataclass
class Run:
    """What a run without a model on Ray does, in this process."""

    inputs: Path
    folder: Path
    of: int = 4

    def __call__(self, *, fresh: bool = False, retry_failed: bool = False, **told: Any) -> list[Outcome]:
        manifest = new_manifest(model="none", table_sha256=TABLE)
        with Partitions(self.folder, manifest, fresh=fresh) as partitions:
            tasks = planned(find_documents([self.inputs]), partitions.of or self.of)
            job = Job(
                manifest,
                prompt=FULL_PROMPT,
                folder=partitions.folder,
                of=len(tasks),
                started_in=str(self.inputs.parent),
                inputs=(str(self.inputs),),
                address_sha256=address_sha256(resolve_model("none")),
                retry_failed=retry_failed,
            )
            worker = Worker(replace(job, **told))
            try:
                outcomes = [worker.outcome(task) for task in tasks]
            finally:
                worker.close()
        for outcome in outcomes:
            if outcome.error:
                raise outcome.error
        return outcomes

    def made(self, **options: Any) -> tuple[int, int, int]:
        """Rows made, rows that were done before, and partitions written."""
        outcomes = self(**options)
        summaries = [outcome.summary for outcome in outcomes]
        rows = sum(summary.documents.total() for summary in summaries), sum(each.done_before for each in summaries)
        return *rows, sum(outcome.written for outcome in outcomes)


@pytest.fixture
def run(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    # A worker goes where the run was started; afterwards this process is where it was.
    monkeypatch.chdir(tmp_path)
    return Run(inputs, tmp_path / "parts")


def records(path: Path) -> list[dict[str, Any]]:
    """The rows of a results file, apart from how long they took."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        del row["provenance"]["seconds"]
    return rows


def merged(folder: Path) -> list[dict[str, Any]]:
    output = folder.with_name("merged.jsonl")
    for path in (output, manifest_path(output)):
        path.unlink(missing_ok=True)
    merge(output, [folder])
    return records(output)


def plain(inputs: Path, output: Path, *options: str) -> list[dict[str, Any]]:
    """The rows of the plain run, by the command line."""
    command = ["-m", "imrllm", "extract", inputs.name, "--quiet", "-o", output, *options]
    subprocess.run([sys.executable, *command], cwd=inputs.parent, check=False, env=environment())
    return records(output)


def environment(**more: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONUNBUFFERED": "1"} | more


def test_the_rows_are_those_of_the_plain_run_in_its_order(run: Run, tmp_path: Path) -> None:
    assert run.made() == (LETTERS + 4, 0, 4)
    with Path(tmp_path / "plain.jsonl").open("w") as file:
        for document in read_documents([run.inputs]):
            print(Extractor("none").extract(document).model_dump_json(), file=file)
    assert merged(run.folder) == records(tmp_path / "plain.jsonl")


def test_what_is_done_is_not_made_again_and_a_new_letter_alone_is(run: Run) -> None:
    run()
    before = {path.name: path.stat().st_mtime_ns for path in run.folder.iterdir()}
    assert run.made() == (0, LETTERS + 4, 0)
    assert {path.name: path.stat().st_mtime_ns for path in run.folder.iterdir()} == before
    partition_path(run.folder, 2, 4).unlink()
    lost = sum(Shard.holding(place.id, 4).number == 2 for place in find_documents([run.inputs]))
    assert run.made() == (lost, LETTERS + 4 - lost, 1), "a partition that lacks is made"
    whole = merged(run.folder)
    # The first of all: every other letter has another position now.
    (run.inputs / "-1.txt").write_text(TEXT)
    assert run.made()[:2] == (1, LETTERS + 4)
    assert merged(run.folder)[1:] == whole


def test_failed_rows_are_made_again_on_request_or_if_they_were_fixed(run: Run) -> None:
    run()
    assert run.made(retry_failed=True)[:2] == (4, LETTERS)
    (run.inputs / "08.txt").write_text(TEXT)
    assert run.made()[0] == 1
    assert [row["document_id"] for row in merged(run.folder) if row["status"] == "failed"] == ["00", "16", "no text"]


def test_a_letter_with_other_bytes_is_noticed(run: Run) -> None:
    run()
    (run.inputs / "01.txt").write_text(TEXT + " And more.")
    with pytest.raises(StoreError, match="`01` from other bytes") as raised:
        run()
    assert "`--fresh`" in raised.value.hint
    assert run.made(fresh=True)[:2] == (LETTERS + 4, 0)


def test_rows_of_letters_that_are_no_longer_given_stay_behind_the_others(run: Run) -> None:
    run()
    (run.inputs / "01.txt").unlink()
    assert run.made()[0] == 0
    assert [row["document_id"] for row in merged(run.folder)][-1] == "01"


def test_a_partition_that_was_broken_off_goes_on_with_its_rows(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    write = Partition.write
    monkeypatch.setattr(Partition, "write", lambda *_: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        run()
    assert not list(run.folder.glob("part-*"))
    monkeypatch.setattr(Partition, "write", write)
    begun = sum(Shard.holding(place.id, 4).number == 1 for place in find_documents([run.inputs]))
    assert run.made() == (LETTERS + 4 - begun, begun, 4)
    assert sorted(path.name for path in run.folder.iterdir()) == [f"part-{n:05}-of-00004.parquet" for n in range(1, 5)]


def test_a_partition_that_kills_its_workers_is_given_up(run: Run) -> None:
    run()
    partition_path(run.folder, 1, 4).unlink()
    with Partitions(run.folder, new_manifest(model="none", table_sha256=TABLE)):
        pass

    # A worker that is killed leaves a mark each time; the run that tidies up is over by then.
    class Killed(BaseException):
        pass

    for _ in range(3):
        with pytest.raises(Killed), _counting_tries(partition_path(run.folder, 1, 4)):
            raise Killed
    with pytest.raises(EngineError, match="died 3 times"), _counting_tries(partition_path(run.folder, 1, 4)):
        pass
    assert run.made()[2] == 1, "the same command tries anew"


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"started_in": "/nowhere", "inputs": ("letters",)}, "has no folder `/nowhere`"),
        ({"inputs": ("/nowhere/letters",)}, "does not see `/nowhere/letters`"),
        ({"folder": Path("/nowhere/parts")}, "does not see `/nowhere/parts.lock`"),
        ({"address_sha256": "another"}, "at another address"),
        ({"manifest": new_manifest(model="none", table_sha256=TABLE).model_copy(update={"version": "9"})}, "not 9"),
    ],
)
def test_a_node_that_would_do_otherwise_is_refused(run: Run, told: dict[str, Any], why: str) -> None:
    with pytest.raises(EngineError) as raised:
        run(**told)
    assert why in str(raised.value)
    assert socket.gethostname() in str(raised.value)
    assert raised.value.hint


def test_a_run_that_makes_rows_otherwise_is_refused(run: Run) -> None:
    run()
    other = new_manifest(model="vllm/x", prompt="v5", prompt_sha256="1", on_conflict="flag")
    with pytest.raises(StoreError, match="made with the model `none`, not `vllm/x`"):
        Partitions(run.folder, other)
    with pytest.raises(StoreError, match="another prompt"):
        Partitions(run.folder, new_manifest(model="none", prompt_sha256="2", table_sha256=TABLE))


def test_what_is_no_results_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    manifest = new_manifest(model="none", table_sha256=TABLE)
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(StoreError, match=r"something other than results: `thesis.txt`"):
        Partitions(tmp_path, manifest, fresh=True)
    with pytest.raises(StoreError, match="not a folder"):
        Partitions(tmp_path / "thesis.txt", manifest)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_partitions_that_lack_or_are_damaged_are_not_merged(run: Run, tmp_path: Path) -> None:
    run()
    partition_path(run.folder, 3, 4).rename(tmp_path / "aside")
    with pytest.raises(StoreError, match="lacks 1 of its 4 partitions"):
        merge(tmp_path / "out.jsonl", [run.folder])
    partition_path(run.folder, 3, 4).write_text("not Parquet")
    with pytest.raises(StoreError):
        merge(tmp_path / "out.jsonl", [run.folder])
    assert not (tmp_path / "out.jsonl").exists()


def test_the_columns_of_a_partition(run: Run) -> None:
    from pyarrow import parquet

    run()
    table = parquet.read_table(partition_path(run.folder, 1, 4))
    columns = {field.name: str(field.type) for field in table.schema}
    text = dict.fromkeys(("document_id", "status", "sha256", "row"), "string")
    assert columns == {"position": "int64", **text}
    for row in table.to_pylist():
        whole = json.loads(row["row"])
        named = (whole["document_id"], whole["status"], whole["provenance"]["sha256"])
        assert named == (row["document_id"], row["status"], row["sha256"])


def test_limits_are_divided_and_too_small_ones_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    divided = running.Run(tmp_path, tmp_path / "parts", engine="ray", model="vllm/x", rpm=10)
    assert limits_of_each(divided, 4) == {"concurrency": 2, "rpm": 2, "tpm": None}
    assert limits_of_each(divided, 9) == {"concurrency": 1, "rpm": 1, "tpm": None}, "a default is never too small"
    with pytest.raises(UsageError, match="`--rpm 3` cannot be divided among 4 workers"):
        limits_of_each(running.Run(tmp_path, tmp_path / "parts", engine="ray", model="vllm/x", rpm=3), 4)


# On Ray itself.


@dataclass(frozen=True)
class Cluster:
    """A Ray cluster of two CPUs, a node of which this machine is.

    Attributes:
        address: where it answers.
        folder: where it keeps its sessions and logs.
        home: what its processes, and those that ask it, have for a home.
        server: the model that its processes ask.
    """

    address: str
    folder: Path
    home: str
    server: StandIn

    def extract(self, inputs: Path, *options: str | Path) -> subprocess.CompletedProcess[str]:
        command = ["-m", "imrllm", "extract", inputs.name, "--engine", "ray", "--ray-address", self.address, *options]
        own = environment(
            HOME=self.home, RAY_AUTH_MODE="token", OPENAI_BASE_URL=self.server.base_url, OPENAI_API_KEY=KEY
        )
        return subprocess.run(
            [sys.executable, *command], cwd=inputs.parent, env=own, capture_output=True, text=True, check=False
        )

    def workers(self) -> list[int]:
        """The processes of this cluster that read letters."""
        return [each for each in _processes(self.folder) if b"MapWorker" in Path(f"/proc/{each}/cmdline").read_bytes()]


def _processes(home: Path) -> list[int]:
    """The processes whose home a folder is: those of one cluster, which no other process shares."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"HOME={home}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return found


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    pytest.importorskip("ray", reason="needs Ray (the extra `ray`)")
    # Not pytest's folder: a socket's path may have 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
    with StandIn(completion(right_letter_answer().model_dump_json())) as server:
        own = environment(HOME=str(folder), RAY_AUTH_MODE="token", OPENAI_BASE_URL=server.base_url, OPENAI_API_KEY=KEY)
        subprocess.run([*RAY, "get-auth-token", "--generate"], env=own, check=True, capture_output=True)
        port, head = _started(folder, own)
        try:
            yield Cluster(f"127.0.0.1:{port}", folder, str(folder), server)
        finally:
            # Ray's own way down takes half a minute.
            for process in _processes(folder):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            head.wait(60)
            shutil.rmtree(folder, ignore_errors=True)


RAY = [sys.executable, "-c", "from ray.scripts.scripts import main; main()"]
OPTIONS = ["--num-cpus=2", "--include-dashboard=false", "--disable-usage-stats", "--block"]


def _started(folder: Path, own: dict[str, str]) -> tuple[int, subprocess.Popen[bytes]]:
    """A cluster that is up; Ray gives one up that a busy machine does not bring up within 30 seconds."""
    for number in range(4):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        told = folder / f"{number}.txt"
        start = [*RAY, "start", "--head", "--port", str(port), "--temp-dir", str(folder / f"t{number}"), *OPTIONS]
        with told.open("wb") as out:
            head = subprocess.Popen(start, env=own, stdout=out, stderr=out, start_new_session=True)
        while head.poll() is None:
            if b"Ray runtime started" in told.read_bytes():
                return port, head
            time.sleep(0.1)
    raise AssertionError(told.read_text())


def test_two_workers_give_the_records_of_the_plain_run(cluster: Cluster, inputs: Path, tmp_path: Path) -> None:
    # Enough for two partitions.
    for name in range(LETTERS, 100):
        (inputs / f"{name}.txt").write_text(TEXT)
    parts = tmp_path / "parts"
    ran = cluster.extract(inputs, "--model", "none", "-o", parts)
    assert ran.returncode == 1, ran.stderr
    assert "failed" in ran.stderr
    assert len(list(parts.iterdir())) == 2
    assert merged(parts) == plain(inputs, tmp_path / "plain.jsonl", "--model", "none")
    noise = [line for line in ran.stderr.splitlines() if "ray" in line.lower()]
    assert (ran.stdout, noise) == ("", [])
    other = cluster.extract(inputs, "--model", "vllm/stand-in", "-o", parts)
    assert (other.returncode, other.stderr.splitlines()[0]) == (
        2,
        "Error: `parts` was made with the model `none`, not `vllm/stand-in` and another prompt.",
    )


def test_a_worker_that_dies_loses_nothing_and_doubles_nothing(cluster: Cluster, inputs: Path, tmp_path: Path) -> None:
    for name in range(LETTERS, 120):
        (inputs / f"{name}.txt").write_text(TEXT)
    killed: list[int] = []
    once = threading.Lock()
    answer = cluster.server.script[-1]

    def kill_once(_: Any) -> Any:
        if len(cluster.server.received) > 20 and once.acquire(blocking=False):
            killed.extend(cluster.workers()[:1])
            os.kill(killed[0], signal.SIGKILL)
        return answer

    cluster.server.script[:] = [kill_once]
    asking = ["--model", "vllm/stand-in", "--prompt", WHOLE_PROMPT]
    parts = tmp_path / "parts"
    ran = cluster.extract(inputs, *asking, "-o", parts)
    assert ran.returncode == 1, ran.stderr
    assert killed
    noise = [line for line in ran.stderr.splitlines() if "ray" in line.lower()]
    assert (ran.stdout, noise) == ("", [])
    made = merged(parts)
    assert len({row["document_id"] for row in made}) == len(made) == 120 + 4
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_BASE_URL", cluster.server.base_url)
        assert made == plain(inputs, tmp_path / "plain.jsonl", *asking)
    authorised = {request.headers["authorization"] for request in cluster.server.received}
    assert f"Bearer {KEY}" in authorised, "the key comes from the node's environment"
    marks = (KEY.encode(), CANARY.encode())
    told = [path for path in cluster.folder.glob("t*/**/*") if path.is_file()]
    assert [path for path in told if any(mark in path.read_bytes() for mark in marks)] == []


def test_a_form_travels_with_its_phrases(run: Run, tmp_path: Path) -> None:
    file = own_form(tmp_path)
    chosen = choose_form(file)
    # Other nodes do not have the file.
    file.unlink()
    (run.inputs / "own.txt").write_text(OWN, encoding="utf-8")
    with pytest.raises(EngineError, match="`--form` my-2021"):
        run(form=chosen)
    run(manifest=new_manifest(model="none", table_sha256=TABLE, form=chosen), form=chosen)
    rows = {row["document_id"]: row for row in merged(run.folder)}
    assert rows["own"]["provenance"]["form"] == "my 2021"
