"""The embedded model's server: llama.cpp in this process, at an OpenAI-compatible address on loopback."""

from __future__ import annotations

import atexit
import ctypes
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from imrllm.errors import ModelUnavailableError
from imrllm.llm.models import LOCAL_MODEL
from imrllm.llm.weights import find

# Enough for a letter of 640 to 1,200 tokens, worked examples, and the answer to the whole letter.
CONTEXT_TOKENS = 12288
_SECONDS_TO_SETTLE = 0.2
_SECONDS_TO_STOP = 0.5
# Addresses of engines that were stopped while they answered: they compute until the process ends.
left_running: list[str] = []
# Threads meet hundreds of times a token. OpenMP lets the first one spin for milliseconds, which on a busy machine is
# all the time that the others would need. A thousand rounds, some 20 microseconds, cost an idle machine under 10%.
_SPIN_ROUNDS = "1000"


class EmbeddedServer:
    """Serves the local model while the context is open.

    Loading takes about three seconds. No other thread of this process runs meanwhile, because the engine holds the
    interpreter lock. Stopping takes at most half a second: it ends an answer that is being
    generated, or leaves it to the end of the process.
    """

    def __init__(
        self,
        weights: Path | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        threads: int | None = None,
        context_tokens: int = CONTEXT_TOKENS,
    ) -> None:
        """Prepare a server; nothing is loaded before `start`.

        Args:
            weights: the GGUF file; by default the one that `imrllm model pull` stored.
            host: the address to listen at.
            port: the port to listen at; 0 takes a free one.
            threads: compute threads; by default one for each physical core that this process may use.
            context_tokens: maximum of prompt and answer together, in tokens.
        """
        self._weights = weights
        self._host = host
        self._port = port
        self._threads = threads or physical_cores()
        self._context_tokens = context_tokens
        self._server: Any = None
        self._stopped = threading.Event()

    @property
    def base_url(self) -> str:
        """The OpenAI-compatible endpoint, such as `http://127.0.0.1:41234/v1`."""
        if self._server is None:
            raise ModelUnavailableError("The embedded server is not running.")
        return f"{str(self._server.listening_address).rstrip('/')}/v1"

    def start(self) -> Self:
        """Load the model and listen.

        Raises:
            ModelUnavailableError: the engine is not installed, the weights are missing or damaged, or the port is
                taken.
        """
        if self._server is not None:
            return self
        try:
            with _short_spins():
                import xllamacpp
        except ImportError:
            raise _no_engine() from None
        weights = self._weights or find()
        if weights is None or not weights.is_file():
            raise ModelUnavailableError("The local model's weights are not here.", hint="Run `imrllm model pull`.")
        # The engine reports a taken port and a damaged file with the same words.
        if self._port and not _is_free(self._host, self._port):
            raise ModelUnavailableError(f"Port {self._port} is taken.", hint="Give another `--port`.")
        loaded: list[Any] = []
        try:
            # `extend` runs in C: after a plain call, a Ctrl-C that came during the load could lose the new engine.
            loaded.extend(map(xllamacpp.Server, [self._parameters(xllamacpp, weights)]))
        except RuntimeError:
            loaded.clear()
        finally:
            # The engine's loop starts after its constructor returns. An engine freed before that waits for ever.
            time.sleep(_SECONDS_TO_SETTLE if loaded else 0)
        self._server = loaded.pop() if loaded else None
        if self._server is None:
            raise ModelUnavailableError(
                f"The embedded model `{weights.name}` does not load.",
                hint="Delete the file and run `imrllm model pull`, or free some memory: it needs 2 GB.",
            )
        self._stopped.clear()
        return self

    def _parameters(self, engine: Any, weights: Path) -> Any:
        parameters = engine.CommonParams()
        parameters.model.path = str(weights)
        parameters.model_alias = {LOCAL_MODEL}
        parameters.n_ctx = self._context_tokens
        parameters.n_parallel = 1
        parameters.cpuparams.n_threads = self._threads
        parameters.cpuparams_batch.n_threads = self._threads
        parameters.hostnames = [self._host]
        parameters.port = self._port
        # Room for the prefixes of several prompts in turn (28 kB a token); the engine's default grows to 8 GB.
        parameters.cache_ram_mib = 512
        # 0 keeps llama.cpp's own log, which goes straight to file descriptor 2, empty.
        parameters.verbosity = 0
        # Web pages in a local browser must not read answers, and nobody the prompts in the slots.
        parameters.cors_origins = ""
        parameters.cors_origins_explicit = True
        parameters.endpoint_slots = False
        # Counts only: they say whether a request is being answered.
        parameters.endpoint_metrics = True
        parameters.ui = False
        return parameters

    def stop(self) -> None:
        """Stop listening and free the model's memory; while a request is being answered, leave both to the process."""
        self._stop(_SECONDS_TO_STOP)

    def _stop(self, patience: float) -> None:
        server, self._server = self._server, None
        self._stopped.set()
        if server is None:
            return
        idle = False
        try:
            idle = _is_idle(str(server.listening_address), patience)
        finally:
            # The engine's server ends with its last reference. That holds the interpreter lock until the last request
            # is answered, which can take minutes, and no thread of this process could break the request off.
            if not idle:
                _leave_to_the_process(server)

    def wait(self) -> None:
        """Serve until `stop` is called in another thread, or until Ctrl-C raises KeyboardInterrupt."""
        self._stopped.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._stop(0 if kind is KeyboardInterrupt else _SECONDS_TO_STOP)


@contextmanager
def _short_spins() -> Iterator[None]:
    """Limit how long OpenMP's threads spin, if its library loads in the block and the user has set no limit."""
    if os.environ.keys() & {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"}:
        yield
        return
    os.environ["GOMP_SPINCOUNT"] = _SPIN_ROUNDS
    try:
        yield
    finally:
        del os.environ["GOMP_SPINCOUNT"]


def _is_idle(address: str, patience: float) -> bool:
    """Whether the engine at an address answers no request, or stops doing so within `patience` seconds."""
    end = time.monotonic() + patience
    place = urlsplit(address)
    while (left := end - time.monotonic()) > 0:
        connection = HTTPConnection(place.hostname or "", place.port, timeout=left)
        try:
            connection.request("GET", "/metrics")
            if b"\nllamacpp:requests_processing 0" in connection.getresponse().read():
                return True
        except TimeoutError:
            return False
        except OSError:
            return True
        finally:
            connection.close()
        time.sleep(0.05)
    return False


def _leave_to_the_process(server: Any) -> None:
    """Keep a busy engine alive until the process ends, and let the process end without waiting for it."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(server))
    left_running.append(str(server.listening_address))
    # The engine's threads would crash when the C library destroys what they use. Python has finished by then.
    library = ctypes.pythonapi if sys.platform == "win32" else ctypes.CDLL(None)
    if hasattr(library, "on_exit"):
        library.on_exit(library._exit, None)
    else:
        atexit.register(os._exit, 130)


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def physical_cores(system: Path = Path("/sys")) -> int:
    """Physical cores that this process may use: threads beyond them slow llama.cpp down.

    Args:
        system: the folder where Linux describes processors and limits.

    Returns:
        At least 1; the number of logical processors if the system does not say which share a core.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    logical: set[int] = affinity(0) if affinity else set(range(os.cpu_count() or 1))
    cores = set()
    for processor in logical:
        siblings = system / f"devices/system/cpu/cpu{processor}/topology/thread_siblings_list"
        try:
            cores.add(siblings.read_text().strip())
        except OSError:
            cores.add(str(processor))
    try:
        # A container's share: quota and period in microseconds, or "max".
        quota, period = (system / "fs/cgroup/cpu.max").read_text().split()
        share = int(quota) // int(period)
    except (OSError, ValueError):
        share = len(cores)
    return max(1, min(len(cores), share))


def require_engine() -> None:
    """Check that the engine is installed, without loading it.

    Raises:
        ModelUnavailableError: it is not.
    """
    if sys.modules.get("xllamacpp") is None and find_spec("xllamacpp") is None:
        raise _no_engine()


def _no_engine() -> ModelUnavailableError:
    return ModelUnavailableError(
        "The embedded model's engine is not installed.",
        hint="Run `pip install 'imrllm[local]'`, or read without a model: `--model none`.",
    )
