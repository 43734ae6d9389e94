"""A stand-in for a provider's file and batch endpoints: real HTTP on loopback, as unreliable as it is told to be."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from tests.llm.standin import Loopback, Reply, cut, send

Lines = list[dict[str, Any]]


@dataclass(frozen=True)
class Fault:
    """What happens in place of a request's answer, the first so many times.

    Attributes:
        when: method and the beginning of the path, such as `POST /v1/batches`.
        reply: what is answered; None breaks the connection.
        acted: whether the request is carried out all the same.
        cut: answer as always, but break off in the midst of it.
    """

    when: str
    reply: Reply | None = None
    acted: bool = False
    cut: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a batch ends.

    Attributes:
        status: the provider's word.
        code: what is wrong with the batch as a whole.
        answers: changes the lines of the output file.
        errors: makes the lines of the error file, of the requests that are left without an answer.
        raw: put into the output file as it is.
    """

    status: str = "completed"
    code: str | None = None
    answers: Callable[[Lines], Lines] = lambda lines: lines
    errors: Callable[[Lines], Lines] = lambda _: []
    raw: bytes = b""


def expired(left: Lines) -> Lines:
    error = {"code": "batch_expired", "message": "This request could not be executed before the window expired."}
    return [{"id": "r", "custom_id": line["custom_id"], "response": None, "error": error} for line in left]


def errors(status: int, code: str, message: str = "no") -> Callable[[Lines], Lines]:
    body = {"error": {"code": code, "message": message, "param": None, "type": "some_error"}}

    def made(left: Lines) -> Lines:
        response = {"status_code": status, "request_id": "q", "body": body}
        return [{"id": "r", "custom_id": line["custom_id"], "response": response, "error": None} for line in left]

    return made


class BatchStandIn(Loopback):
    """Ends each batch as soon as it is asked about, unless it is held.

    Attributes:
        files: what lies there, by id: name and content.
        batches: all batches, by id, in the order of their creation.
        asked: the requests of each batch.
        held: batches are left in progress.
        lag: how many lists of batches do not show a new one yet.
        log: method and path of every request.
    """

    def __init__(self, answer: Callable[[Any], Reply], *outcomes: Outcome, faults: tuple[Fault, ...] = ()) -> None:
        self.files: dict[str, tuple[str, bytes]] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.asked: dict[str, Lines] = {}
        self.direct: list[Any] = []
        self.held = False
        self.lag = 0
        self.log: list[str] = []
        self._uploads = 0
        self._answer = answer
        self._outcomes = deque(outcomes)
        self._faults = list(faults)
        self._lock = threading.Lock()
        super().__init__()

    def stop_failing(self) -> None:
        self._faults.clear()

    @property
    def sent(self) -> list[list[str]]:
        """The custom ids of each batch."""
        return [[line["custom_id"] for line in lines] for lines in self.asked.values()]

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        path = urlsplit(handler.path).path
        with self._lock:
            what = f"{handler.command} {path}"
            self.log.append(what)
            fault = next((each for each in self._faults if what.startswith(each.when)), None)
            if fault is not None:
                self._faults.remove(fault)
            reply = None
            if fault is None or fault.acted or fault.cut:
                reply = self._reply(handler.command, path, handler.headers.get("content-type") or "", body)
        if fault is not None:
            reply = cut(reply) if reply is not None and fault.cut else fault.reply
        send(handler, reply)

    def _reply(self, method: str, path: str, kind: str, body: bytes) -> Reply:
        parts = path.removeprefix("/v1/").split("/")
        match method, parts:
            case "POST", ["chat", "completions"]:
                self.direct.append(json.loads(body))
                return self._answer(self.direct[-1])
            case "POST", ["files"]:
                return Reply(body=self._file(self._put(*_uploaded(kind, body))))
            case "GET", ["files"]:
                return Reply(body={"object": "list", "data": [self._file(each) for each in self.files]})
            case "GET", ["files", file, "content"] if file in self.files:
                return Reply(body=self.files[file][1])
            case "DELETE", ["files", file] if file in self.files:
                del self.files[file]
                return Reply(body={"id": file, "object": "file", "deleted": True})
            case "POST", ["batches"]:
                return Reply(body=self._create(json.loads(body)))
            case "GET", ["batches"]:
                return Reply(body={"object": "list", "data": self._listed(), "has_more": False})
            case "POST", ["batches", batch, "cancel"] if batch in self.batches:
                if self.batches[batch]["status"] != "in_progress":
                    return Reply(409, {"error": {"message": "no", "code": None, "type": "invalid", "param": None}})
                self.batches[batch]["status"] = "cancelling"
                return Reply(body=self.batches[batch])
            case "GET", ["batches", batch] if batch in self.batches:
                if not self.held:
                    self._end(self.batches[batch])
                return Reply(body=self.batches[batch])
        return Reply(404, {"error": {"message": "no", "code": None, "type": "not_found", "param": None}})

    def _listed(self) -> Lines:
        if self.lag:
            self.lag -= 1
            return []
        return list(self.batches.values())[::-1]

    def _put(self, name: str, content: bytes) -> str:
        self._uploads += 1
        self.files[f"file-{self._uploads}"] = (name, content)
        return f"file-{self._uploads}"

    def _file(self, file: str) -> dict[str, Any]:
        name, content = self.files[file]
        told = {"id": file, "object": "file", "bytes": len(content), "created_at": 1, "filename": name}
        return {**told, "purpose": "batch", "status": "processed"}

    def _create(self, asked: dict[str, Any]) -> dict[str, Any]:
        lines = [json.loads(line) for line in self.files[asked["input_file_id"]][1].splitlines()]
        batch = f"batch_{len(self.batches) + 1}"
        self.asked[batch] = lines
        self.batches[batch] = {
            "id": batch,
            "object": "batch",
            "endpoint": asked["endpoint"],
            "input_file_id": asked["input_file_id"],
            "completion_window": asked["completion_window"],
            "metadata": asked["metadata"],
            "status": "in_progress",
            "created_at": 1,
            "expires_at": 86_401,
            "request_counts": {"total": len(lines), "completed": 0, "failed": 0},
        }
        return self.batches[batch]

    def _end(self, batch: dict[str, Any]) -> None:
        if batch["status"] not in ("in_progress", "cancelling"):
            return
        outcome = self._outcomes.popleft() if self._outcomes else Outcome()
        lines = self.asked[batch["id"]]
        batch["status"] = outcome.status
        if outcome.status == "failed":
            error = {"code": outcome.code, "message": "no", "line": None, "param": None}
            batch["errors"] = {"object": "list", "data": [error]}
            return
        answered = outcome.answers([self._answered(line) for line in lines])
        have = {line["custom_id"] for line in answered}
        failed = outcome.errors([line for line in lines if line["custom_id"] not in have])
        batch["request_counts"] = {"total": len(lines), "completed": len(have), "failed": len(failed)}
        if answered or outcome.raw:
            batch["output_file_id"] = self._put("output.jsonl", _jsonl(answered) + outcome.raw)
        if failed:
            batch["error_file_id"] = self._put("errors.jsonl", _jsonl(failed))

    def _answered(self, line: dict[str, Any]) -> dict[str, Any]:
        reply = self._answer(line["body"])
        response = {"status_code": reply.status, "request_id": "q", "body": reply.body}
        return {"id": "r", "custom_id": line["custom_id"], "response": response, "error": None}


def _jsonl(lines: Lines) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def _uploaded(kind: str, body: bytes) -> tuple[str, bytes]:
    """Name and content of the file in a multipart form."""
    form = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    assert form.is_multipart()
    fields: dict[Any, Any] = {part.get_param("name", header="content-disposition"): part for part in form.get_payload()}  # type: ignore[union-attr]
    assert fields["purpose"].get_payload(decode=True) == b"batch"
    return str(fields["file"].get_filename()), fields["file"].get_payload(decode=True)
