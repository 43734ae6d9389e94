"""The embedded server, with another engine in the place of llama.cpp."""

from __future__ import annotations

import os
import socket
import sys
import threading
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from imrllm.errors import ModelUnavailableError
from imrllm.llm import server as subject
from imrllm.llm.server import EmbeddedServer, physical_cores, require_engine


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Puts an engine in place, and tells the parameters that its servers were started with."""
    started: list[Any] = []

    class Server:
        def __init__(self, parameters: Any) -> None:
            if Path(parameters.model.path).read_bytes() == b"damaged":
                raise RuntimeError("Failed to init server, please check the input params.")
            started.append(parameters)
            self.listening_address = f"http://{parameters.hostnames[0]}:{parameters.port or 41234}"

    module = ModuleType("xllamacpp")
    module.Server = Server  # type: ignore[attr-defined]
    module.CommonParams = lambda: SimpleNamespace(  # type: ignore[attr-defined]
        model=SimpleNamespace(), cpuparams=SimpleNamespace(), cpuparams_batch=SimpleNamespace()
    )
    monkeypatch.setitem(sys.modules, "xllamacpp", module)
    return started


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "some.gguf"
    path.write_bytes(b"weights")
    return path


def test_serves_while_the_context_lasts(engine: list[Any], file: Path) -> None:
    server = EmbeddedServer(file, threads=3)
    with pytest.raises(ModelUnavailableError):
        server.base_url  # noqa: B018
    with server:
        assert server.base_url == "http://127.0.0.1:41234/v1"
        assert server.start() is server
        waiting = threading.Thread(target=server.wait)
        waiting.start()
    waiting.join(5)
    assert not waiting.is_alive()
    assert len(engine) == 1
    parameters = engine[0]
    assert (parameters.n_ctx, parameters.n_parallel, parameters.cpuparams.n_threads) == (12288, 1, 3)
    # No log, no prompts in `/slots`, no pages of other sites.
    assert (parameters.verbosity, parameters.endpoint_slots, parameters.cors_origins) == (0, False, "")


def test_the_weights_that_were_pulled(engine: list[Any], file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "find", lambda: file)
    with EmbeddedServer():
        assert engine[0].model.path == str(file)


@pytest.mark.parametrize("own", [{}, {"GOMP_SPINCOUNT": "7"}, {"OMP_WAIT_POLICY": "active"}])
def test_the_engine_loads_with_short_spins(
    own: dict[str, str], file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
    for name in names:
        monkeypatch.delenv(name, raising=False)
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    # Set first, so that the stand-in is taken away again at the test's end.
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    del sys.modules["xllamacpp"]
    (tmp_path / "xllamacpp.py").write_text(
        f"import os\nSEEN = {{n: os.environ[n] for n in {names} if n in os.environ}}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    # The module has no server: it is enough that it loaded.
    with pytest.raises(AttributeError):
        EmbeddedServer(file).start()
    assert (own or {"GOMP_SPINCOUNT": "1000"}) == sys.modules["xllamacpp"].SEEN
    # Programs that this process starts keep the system's own setting.
    assert {name: os.environ[name] for name in names if name in os.environ} == own


def test_no_engine(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ModelUnavailableError) as caught:
        EmbeddedServer(file).start()
    assert "pip install 'imrllm[local]'" in caught.value.hint
    assert "--model none" in caught.value.hint


def test_no_weights(engine: list[Any], tmp_path: Path) -> None:
    for server in (EmbeddedServer(), EmbeddedServer(tmp_path / "none.gguf")):
        with pytest.raises(ModelUnavailableError) as caught:
            server.start()
        assert "imrllm model pull" in caught.value.hint


def test_damaged_weights(engine: list[Any], file: Path) -> None:
    file.write_bytes(b"damaged")
    with pytest.raises(ModelUnavailableError, match="does not load"):
        EmbeddedServer(file).start()


def test_a_taken_port(engine: list[Any], file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ModelUnavailableError, match=f"Port {port} is taken"):
            EmbeddedServer(file, port=port).start()


@pytest.mark.parametrize(
    ("siblings", "limit", "cores"),
    [
        # Four logical processors on two cores.
        (["0,2", "1,3", "0,2", "1,3"], "max 100000", 2),
        (["0", "1", "2", "3"], "max 100000", 4),
        # A container's share of the machine.
        (["0", "1", "2", "3"], "250000 100000", 2),
        (["0", "1", "2", "3"], "50000 100000", 1),
        # Nothing known of cores or limits.
        ([None, None, None, None], None, 4),
    ],
)
def test_physical_cores(
    siblings: list[str | None], limit: str | None, cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject.os, "sched_getaffinity", lambda pid: {0, 1, 2, 3}, raising=False)
    for processor, text in enumerate(siblings):
        topology = tmp_path / f"devices/system/cpu/cpu{processor}/topology"
        topology.mkdir(parents=True)
        if text:
            (topology / "thread_siblings_list").write_text(f"{text}\n")
    if limit:
        (tmp_path / "fs/cgroup").mkdir(parents=True)
        (tmp_path / "fs/cgroup/cpu.max").write_text(f"{limit}\n")
    assert physical_cores(tmp_path) == cores


def test_the_engine_is_looked_for_without_loading_it(engine: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    require_engine()
    assert engine == [], "nothing was loaded"
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ModelUnavailableError, match="engine is not installed"):
        require_engine()
