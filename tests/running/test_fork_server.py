"""Processes forked from a server: they answer, can be ended and replaced, and do not outlive what started them.

Each test is a program of its own: what runs the tests has threads, and must not be forked.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from imrllm.running.fork_server import can_fork
from tests.letters import THREE, letter

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")

# Forked processes say their number and what they are sent; `1/0` and a signal are faults.
PROGRAM = """
import os, signal, sys, threading, time
from imrllm.running.fork_server import ForkServer, can_fork
def serve(connection):
    while True:
        sent = connection.recv()
        if sent == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        if sent == "raise":
            1 / 0
        connection.send((os.getpid(), sent, warmed))
def gone(process):
    try:
        return process.connection.recv()
    except (EOFError, OSError):
        return "gone"
assert can_fork()
warmed = []
server = ForkServer(lambda: warmed.append("warm"))
server.take({"echo": serve})
first, second = server.start("echo"), server.start("echo")
"""


def run(program: str, repository: Path) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM + program],
        cwd=repository,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stderr == ""
    return ran.stdout


def test_processes_are_forked_lost_ended_and_replaced(repository: Path) -> None:
    program = """
for process in (first, second):
    process.connection.send("hello")
answers = [process.connection.recv() for process in (first, second)]
assert [answer[1:] for answer in answers] == [("hello", ["warm"]), ("hello", ["warm"])]
assert not warmed
assert len({os.getpid(), *(answer[0] for answer in answers)}) == 3
first.connection.send("crash")
assert gone(first) == "gone"
first.end(), first.end()
third = server.start("echo")
third.connection.send("raise")
assert gone(third) == "gone"
second.end()
assert gone(second) == "gone"
fourth = server.start("echo")
fourth.connection.send("hello")
assert fourth.connection.recv()[1] == "hello"
server.close(), server.close()
assert gone(fourth) == "gone"
for pid, *_ in answers:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        print("ended")
try:
    server.start("echo")
except OSError:
    print("closed")
"""
    assert run(program, repository) == "ended\nended\nclosed\n"


def test_a_process_with_threads_is_not_forked(repository: Path) -> None:
    program = """
server.close()
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
print(can_fork())
"""
    assert run(program, repository) == "False\n"
    assert not can_fork() or len(list(Path("/proc/self/task").iterdir())) == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_processes_end_with_what_started_them(number: int, repository: Path) -> None:
    program = """
first.connection.send("hello"), first.connection.recv()
print("started", flush=True)
time.sleep(600)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM + program], cwd=repository, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "started\n"
    process.send_signal(number)
    # The processes hold the same pipe: its end is theirs.
    assert process.communicate(timeout=60) == ("", None)


# A run whose readers meet a file that crashes them, one that never ends and one that raises.
RUN = """
import os, signal, sys, time
from pathlib import Path
from imrllm.documents import letter_file
from imrllm.running import processes
from imrllm.running.run import Run
decoded = letter_file.decoded
def reading(data, *, name):
    if data.startswith(b"crash"):
        os.kill(os.getpid(), signal.SIGSEGV)
    while data.startswith(b"endless"):
        time.sleep(1)
    if data.startswith(b"raise"):
        raise MemoryError(data)
    return decoded(data, name=name)
letter_file.decoded = reading
processes.SECONDS = 1.0
server = processes.fork_early("none")
assert server
run = Run(["letters"], "out.jsonl", model="none", processes=int(sys.argv[1]))
run.fork_from(server)
print(run.execute().failed)
"""


@pytest.mark.parametrize("processes", [1, 3])
def test_a_hostile_file_costs_its_own_row(processes: int, tmp_path: Path, repository: Path) -> None:
    letters = tmp_path / "letters"
    letters.mkdir()
    for number in range(12):
        (letters / f"{number:02}.txt").write_text(letter(*THREE))
    (letters / "03-crash.txt").write_text("crash")
    (letters / "05-endless.txt").write_text("endless")
    (letters / "07-raise.txt").write_text("raise")
    ran = subprocess.run(
        [sys.executable, "-c", RUN, str(processes)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(repository), "PATH": ""},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stdout == "3\n"
    assert ran.stderr == ""
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["document_id"] for row in rows] == [path.stem for path in sorted(letters.iterdir())]
    errors = {row["document_id"]: row["error"]["message"] for row in rows if row["status"] == "failed"}
    assert list(errors) == ["03-crash", "05-endless", "07-raise"]
    assert "crashed the process" in errors["03-crash"]
    assert "within 1 seconds" in errors["05-endless"]
    assert "MemoryError" in errors["07-raise"]
