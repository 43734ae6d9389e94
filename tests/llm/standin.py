"""A stand-in for an OpenAI-compatible server: real HTTP on loopback, answering from a script."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

# What each answer costs, unless the script says otherwise.
PROMPT_TOKENS, CACHED_TOKENS, COMPLETION_TOKENS = 100, 40, 10


@dataclass(frozen=True)
class Reply:
    """One answer of the script.

    Attributes:
        body: what is sent as JSON; bytes are sent as they are.
        dropped: the connection ends without an answer.
        hangs: nothing comes until the server ends.
        seconds: how long the answer takes.
        pieces: how many the body is sent in, one after another.
        share: how much of the body is sent before the connection ends; its length is told as a whole.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    dropped: bool = False
    hangs: bool = False
    seconds: float = 0.0
    pieces: int = 1
    share: float = 1.0


def completion(content: str | None, finish_reason: str = "stop", refusal: str | None = None) -> Reply:
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return Reply(
        body={
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "stand-in",
            "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
            "usage": usage(),
        }
    )


def usage() -> dict[str, Any]:
    return {
        "prompt_tokens": PROMPT_TOKENS,
        "completion_tokens": COMPLETION_TOKENS,
        "total_tokens": PROMPT_TOKENS + COMPLETION_TOKENS,
        "prompt_tokens_details": {"cached_tokens": CACHED_TOKENS},
    }


def no_choices() -> Reply:
    return Reply(body={**completion("").body, "choices": []})


def failure(status: int, *, code: str | None = None, message: str = "no", **headers: str) -> Reply:
    """An error; underscores in the headers' names stand for hyphens."""
    error = {"message": message, "type": "some_error", "param": None, "code": code}
    return Reply(status, {"error": error}, {name.replace("_", "-"): value for name, value in headers.items()})


def dropped() -> Reply:
    return Reply(dropped=True)


def hanging() -> Reply:
    return Reply(hangs=True)


def cut(reply: Reply) -> Reply:
    """The first half of a reply, and no more."""
    return replace(reply, share=0.5)


def gzipped(reply: Reply) -> Reply:
    body = gzip.compress(json.dumps(reply.body).encode())
    return replace(reply, body=body, headers={**reply.headers, "content-encoding": "gzip"})


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: Any
    sent: str


class Loopback:
    """A server on loopback while the block runs: each request goes to `handle`, in a thread of its connection's own."""

    def __init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # A body that waits for the acknowledgement of its headers comes 40 ms later.
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                outer.connected()

            def do_POST(self) -> None:
                outer.handle(self)

            def do_GET(self) -> None:
                outer.handle(self)

            def do_DELETE(self) -> None:
                outer.handle(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def connected(self) -> None:
        """Called for each new connection."""

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def send(handler: BaseHTTPRequestHandler, reply: Reply | None) -> None:
    """Send a reply, or as much of it as is to come; None breaks the connection."""
    if reply is None:
        handler.close_connection = True
        handler.connection.close()
        return
    sent = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
    # A client that was cancelled is gone by now.
    with suppress(ConnectionError):
        handler.send_response(reply.status)
        handler.send_header("content-length", str(len(sent)))
        for name, value in {"content-type": "application/json", **reply.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        end = int(len(sent) * reply.share)
        step = -(-end // reply.pieces) or 1
        for start in range(0, end, step):
            handler.wfile.write(sent[start : min(start + step, end)])
    if reply.share < 1:
        handler.close_connection = True


class StandIn(Loopback):
    """Answers each request with the next reply of the script, and the last one from then on.

    A function in a reply's place makes one of the request's body.
    """

    def __init__(self, *script: Reply | Callable[[Any], Reply]) -> None:
        self.script = list(script)
        self.received: list[Received] = []
        self.at_once = 0
        self.connections = 0
        self._now = 0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        super().__init__()

    @property
    def bodies(self) -> list[Any]:
        return [request.body for request in self.received]

    def connected(self) -> None:
        with self._lock:
            self.connections += 1

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        asked = handler.rfile.read(int(handler.headers["content-length"] or 0)).decode()
        body = json.loads(asked or "null")
        with self._lock:
            reply = self.script[min(len(self.received), len(self.script) - 1)]
            headers = {name.lower(): value for name, value in handler.headers.items()}
            self.received.append(Received(handler.path, headers, body, asked))
            self._now += 1
            self.at_once = max(self.at_once, self._now)
        if not isinstance(reply, Reply):
            reply = reply(body)
        time.sleep(reply.seconds)
        if reply.hangs:
            self._ended.wait()
        with self._lock:
            self._now -= 1
        send(handler, None if reply.dropped or reply.hangs else reply)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        super().__exit__(kind, error, trace)
