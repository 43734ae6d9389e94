"""A fast stand-in for an OpenAI-compatible server, in a separate process, with a given latency and faults.

Run: python -m benchmarks.standin [--latency 0.5] [--faults 0.1] [--seed 1] [--log requests.txt]

It prints its address and answers until it is stopped. `GET /statistics` returns the number of requests since the last
such call, and the seconds from the first request to the last answer. Answers fit the requested schema and depend only
on the request. A letter that contains `letter no. 000123` is identified by that number in the log and in the answer.
It uses no framework, because it shares the cores with the measured program and must not dominate the measurement.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import TextIO

from imrllm.records import (
    Basis,
    CaseAnswer,
    Citation,
    ClinicalSummary,
    InjuredWorker,
    ItemAnswer,
    LetterAnswer,
    NumberedItemAnswer,
    Reviewer,
)

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_SCHEMA = re.compile(rb'"json_schema": ?\{"name": ?"(\w+)"')
# The number of the request's letter; the prompt's examples have no number.
_NUMBER = re.compile(rb"letter no\. (\d+)")
_HEAD = "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{more}\r\n"
_SHORTLY = "retry-after-ms: 5\r\n"
# Seconds between the pieces of a slow answer.
_DRIP = 0.002


def answer(schema: str, number: str) -> str:
    """A small answer, about as long as a model's, that fits v5 or a whole letter's prompt; `number` stands in it."""
    if not schema:
        # LangExtract describes its format in words.
        return '{"extractions": []}'
    told = f" {number}" if number else ""
    pages = Citation(
        guideline="MTUS",
        within_mtus=True,
        chapter="Chronic Pain Treatment Guidelines",
        year=None,
        sections=("Opioids",),
        pages=("78", "80"),
    )
    item = ItemAnswer(
        treatment="Norco",
        category="medication",
        ingredients=("hydrocodone", "acetaminophen"),
        strengths=("10 mg", "325 mg"),
        quantity=120,
        quantity_unit=None,
        refills=None,
        frequency=f"as needed{told}" if told else None,
        duration=None,
        total_visits=None,
        body_parts=(),
        retrospective=False,
        date_of_service=None,
        claims_administrator=Basis(stance="none_cited", citations=()),
        reviewer_basis=Basis(stance="cited", citations=(pages,)),
        medically_necessary=False,
        grounds=("no_functional_improvement",),
    )
    if schema == "ItemAnswer":
        return item.model_dump_json(exclude={"grounds"})
    case = CaseAnswer(
        reviewer=Reviewer(licensed_states=("California", "Texas"), specialties=("Family Medicine", "Sports Medicine")),
        injured_worker=InjuredWorker(age=48, sex="male", injury_date="2016-03-01"),
        clinical_summary=ClinicalSummary(
            diagnoses=("lumbar radiculopathy", f"insomnia{told}"),
            treatments_to_date=("home exercise program", "chiropractic care", "Norco"),
        ),
    )
    if schema == "CaseAnswer":
        return case.model_dump_json()
    return LetterAnswer(**dict(case), disputed_items=(NumberedItemAnswer(item=1, **dict(item)),)).model_dump_json()


def response(status: str, body: object, more: str = "") -> bytes:
    """A whole HTTP response."""
    content = json.dumps(body).encode()
    return _HEAD.format(status=status, length=len(content), more=more).encode() + content


def completion(content: str) -> bytes:
    """A response that holds a model's answer."""
    message = {"role": "assistant", "content": content, "refusal": None}
    return response(
        "200 OK",
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "stand-in",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {
                "prompt_tokens": 1000,
                "completion_tokens": 200,
                "total_tokens": 1200,
                "prompt_tokens_details": {"cached_tokens": 800},
            },
        },
    )


@lru_cache(maxsize=1024)
def clean(schema: bytes, number: bytes) -> bytes:
    """The response to one question."""
    return completion(answer(schema.decode(), number.decode()))


def error(status: str, more: str = "") -> bytes:
    """A response that is an error."""
    return response(status, {"error": {"message": "no", "type": "some_error", "param": None, "code": None}}, more)


# What a fault sends of the response: how much of it, and in how many pieces.
WHOLE = {
    "429": error("429 Too Many Requests", _SHORTLY),
    "500": error("500 Internal Server Error", _SHORTLY),
    "503": error("503 Service Unavailable", "retry-after: 0\r\n"),
    "no JSON": completion("Here is the record you asked for."),
    "another schema": completion('{"age": "forty"}'),
}
BROKEN = ("dropped", "dropped half-way")
FAULTS = (*WHOLE, *BROKEN, "drip")


class Server(asyncio.Protocol):
    """One connection; requests on it are answered one after another."""

    # For all connections, since the last call of `/statistics`.
    requests = 0
    first = last = 0.0

    def __init__(
        self, settings: argparse.Namespace, chance: random.Random, log: TextIO | None, said: set[tuple[bytes, bytes]]
    ) -> None:
        self._settings = settings
        self._chance = chance
        self._log = log
        # Questions that got a wrong answer. A second one would count against the letter.
        self._said = said
        self._received = bytearray()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        received = self._received
        received += data
        while (end := received.find(b"\r\n\r\n")) >= 0:
            head = bytes(received[:end])
            length = _LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(received) < whole:
                return
            body = bytes(received[end + 4 : whole])
            del received[:whole]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"GET /statistics "):
            told = {"requests": Server.requests, "seconds": Server.last - Server.first}
            Server.requests = 0
            self._transport.write(response("200 OK", told))
            return
        if not Server.requests:
            Server.first = time.perf_counter()
        Server.requests += 1
        schema, number = _SCHEMA.search(body), _NUMBER.search(body)
        question = (schema[1] if schema else b"", number[1] if number else b"")
        fault = self._fault(question)
        if self._log is not None:
            path = head.split(b" ", 2)[1].decode()
            print(time.time_ns(), path, question[1].decode(), question[0].decode(), fault or "clean", file=self._log)
        send = partial(self._send, clean(*question), fault)
        if self._settings.latency:
            asyncio.get_running_loop().call_later(self._settings.latency, send)
        else:
            send()

    def _fault(self, question: tuple[bytes, bytes]) -> str | None:
        if not self._settings.faults or self._chance.random() >= self._settings.faults:
            return None
        fault = self._chance.choice(FAULTS)
        if fault in ("no JSON", "another schema"):
            if question in self._said:
                return "500"
            self._said.add(question)
        return fault

    def _send(self, due: bytes, fault: str | None) -> None:
        Server.last = time.perf_counter()
        write: Callable[[bytes], None] = self._transport.write
        if fault is None:
            write(due)
        elif fault in WHOLE:
            write(WHOLE[fault])
        elif fault in BROKEN:
            write(due[: len(due) // 2] if fault == "dropped half-way" else b"")
            self._transport.close()
        else:
            step = len(due) // 8 + 1
            for count, start in enumerate(range(0, len(due), step)):
                asyncio.get_running_loop().call_later(_DRIP * count, write, due[start : start + step])


async def serve(settings: argparse.Namespace) -> None:
    """Listen on a free port of loopback, print the address and answer until cancelled."""
    chance = random.Random(settings.seed)
    # Line by line, so that the log is complete even if the server is killed.
    log = settings.log.open("a", buffering=1, encoding="utf-8") if settings.log else None
    said: set[tuple[bytes, bytes]] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Server(settings, chance, log, said), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}/v1", flush=True)
    await server.serve_forever()


@contextmanager
def serving(*options: str | Path | float) -> Iterator[str]:
    """Run the stand-in while the block runs.

    Args:
        options: of the command line, such as `"--latency", 0.5`.

    Yields:
        Its address, for `OPENAI_BASE_URL`. Whatever stands before `/v1` in the path is answered alike.
    """
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-m", "benchmarks.standin", *map(str, options)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.kill()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds from a request to its answer")
    parser.add_argument("--faults", type=float, default=0.0, help="share of requests with a fault")
    parser.add_argument("--seed", type=int, default=1, help="the seed for drawing faults")
    parser.add_argument("--log", type=Path, help="a file that gets a line for each request")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
