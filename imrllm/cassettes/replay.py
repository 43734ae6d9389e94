"""Recording and replaying: vcrpy stands between the HTTP transport and the network, and stores fingerprints."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imrllm.cassettes.fingerprints import Fingerprint
from imrllm.cassettes.store import (
    REQUEST_HEADERS,
    RESPONSE_HEADERS,
    Cassette,
    Interaction,
    RecordedRequest,
    RecordedResponse,
    cassette_files,
    digest,
    read_cassette,
)
from imrllm.errors import CassetteError
from imrllm.llm import Call, Transport

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion

_RECORD = "Run `imrllm cassettes record`."
# The parts of a chat completion that the client reads. Ids and times would change with every recording.
_BODY = frozenset({"object", "model", "choices", "usage"})
_CHOICE = frozenset({"index", "finish_reason", "message", "logprobs"})
_MESSAGE = frozenset({"role", "content", "refusal"})
# Of the log-probabilities only those of these tokens are read.
_VERDICTS = ("true", "false")
# Stands for the true address: the embedded server's port changes with each run.
_ADDRESS = "model:/chat/completions"


class _CallsInFlight:
    """The calls in flight by the digests of their bodies: vcrpy's hooks see only the bytes of a request."""

    def __init__(self) -> None:
        self._fingerprints: dict[str, Fingerprint] = {}

    def transport(self, http: Transport) -> Transport:
        """Wrap an HTTP transport for `Extractor(transport=...)`. Sends the same bytes, and notes their call."""
        return _NotingTransport(http, self._fingerprints)

    def _named(self, request: Any) -> Any:
        """The stored form of a request, or None if it is not of a call in flight. May be called more than once."""
        from vcr.request import Request

        if isinstance(request.body, Fingerprint):
            return request
        try:
            fingerprint = self._fingerprints.get(digest(json.loads(request.body or b"")))
        except ValueError:
            return None
        if fingerprint is None:
            return None
        headers = {name.lower(): value for name, value in request.headers.items() if name.lower() in REQUEST_HEADERS}
        return Request("POST", _ADDRESS, fingerprint, headers)


class _NotingTransport:
    def __init__(self, http: Transport, fingerprints: dict[str, Fingerprint]) -> None:
        self._http = http
        self._fingerprints = fingerprints
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def send(self, call: Call, body: dict[str, Any], count: Callable[[], None]) -> ChatCompletion:
        key = digest(body)
        # The hooks cannot tell calls with equal bodies apart, so these wait for each other.
        async with self._locks[key]:
            self._fingerprints[key] = Fingerprint.of_request(call, body)
            try:
                return await self._http.send(call, body, count)
            finally:
                del self._fingerprints[key]


class Replay(_CallsInFlight):
    """Cassettes that are being played."""

    def __init__(self, cassettes: Sequence[Cassette]) -> None:
        """Prepare the answers of some cassettes; each is played once, in any order."""
        super().__init__()
        self._recorded = [
            (Fingerprint.of_recorded(cassette, interaction.request), interaction)
            for cassette in cassettes
            for interaction in cassette.interactions
        ]
        self._of_document: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, (fingerprint, _) in enumerate(self._recorded):
            self._of_document[fingerprint.call.document, fingerprint.call.prompt].append(number)
        self._tape: Any = None

    @property
    def unplayed(self) -> list[Call]:
        """The calls whose recorded answers have not been played."""
        return [fingerprint.call for number, (fingerprint, _) in enumerate(self._recorded) if not self._played(number)]

    def _played(self, number: int) -> bool:
        return self._tape is not None and self._tape.play_counts[number] > 0

    def _find(self, asked: Fingerprint) -> None:
        """Check that an answer to a request is left to play.

        Raises:
            CassetteError: none is left; the message says why.
        """
        call = asked.call
        whose = f"`{call.document}` with prompt `{call.prompt}`"
        numbers = self._of_document.get((call.document, call.prompt), [])
        if not numbers:
            raise CassetteError(f"There is no cassette of {whose}.", hint=_RECORD)
        alike = [(number, self._recorded[number][0]) for number in numbers if self._recorded[number][0].call == call]
        if not alike:
            raise CassetteError(f"The cassette of {whose} does not hold the call `{call}`.", hint=_RECORD)
        if any(recorded == asked and not self._played(number) for number, recorded in alike):
            return
        nearest = min((asked.changed(recorded) for _, recorded in alike), key=len)
        if not nearest:
            raise CassetteError(
                f"The cassette of {whose} holds the call `{call}` fewer times than it is made.", hint=_RECORD
            )
        parts = ", ".join(f"`{part}`" for part in nearest)
        raise CassetteError(f"The cassette of {whose} does not match the call `{call}`: {parts} changed.", hint=_RECORD)

    @contextmanager
    def _play(self) -> Iterator[None]:
        from vcr.request import Request

        def find(request: Any) -> Any:
            named = self._named(request)
            if named is None:
                raise CassetteError("A request was made that is not a letter's call: no cassette can answer it.")
            if named is not request:
                self._find(named.body)
            return named

        requests = [
            Request("POST", _ADDRESS, fingerprint, interaction.request.headers)
            for fingerprint, interaction in self._recorded
        ]
        responses = [_as_vcr(interaction.response) for _, interaction in self._recorded]
        with _vcr_in_place("none", find, (requests, responses)) as self._tape:
            yield


class Recording(_CallsInFlight):
    """A recording.

    Attributes:
        answered: each call that was answered, in order; empty until the block ends. Errors are not answers.
    """

    def __init__(self) -> None:
        """Prepare a recording."""
        super().__init__()
        self.answered: list[tuple[Call, Interaction]] = []


@contextmanager
def replaying(*places: Path | Cassette) -> Iterator[Replay]:
    """Answer model calls from cassettes while the block runs, without a model, a key or a connection.

    Args:
        places: cassettes, their files, or folders of them.

    Yields:
        The replay. Make the extractor with `target=replay_target(model), transport=replay.transport`.

    Raises:
        CassetteError: a cassette cannot be read; or, within the block, a call is not in the cassettes. The message
            names the letter, the call and what changed.
    """
    cassettes: list[Cassette] = []
    for place in places:
        if isinstance(place, Cassette):
            cassettes.append(place)
            continue
        files = list(cassette_files(place))
        if not files:
            raise CassetteError(f"There is no cassette under `{place.name}`.", hint=_RECORD)
        cassettes += [read_cassette(file) for file in files]
    replay = Replay(cassettes)
    with replay._play():
        yield replay


@contextmanager
def recording() -> Iterator[Recording]:
    """Record model calls while the block runs. They go to the model even if they are recorded already.

    Yields:
        The recording. Make the extractor with `transport=recording.transport`.
    """
    recorded = Recording()
    with _vcr_in_place("all", recorded._named, None) as tape:
        yield recorded
    recorded.answered += [
        (request.body.call, _interaction(request, response))
        for request, response in zip(tape.requests, tape.responses, strict=True)
    ]


def _token(token: dict[str, Any]) -> dict[str, Any]:
    """A token's log-probability and those of its alternatives."""
    alternatives = [{name: each[name] for name in ("token", "logprob")} for each in token.get("top_logprobs") or ()]
    return {"token": token["token"], "logprob": token["logprob"], "top_logprobs": alternatives}


def _stored(response: Any) -> Any:
    """A response as it is stored; None if it is not a model's answer."""
    if not 200 <= response["status"]["code"] < 300:
        return None
    try:
        body = json.loads(response["body"]["string"])
        body = {key: value for key, value in body.items() if key in _BODY}
        choices = [{key: value for key, value in choice.items() if key in _CHOICE} for choice in body["choices"]]
        for choice in choices:
            choice["message"] = {key: value for key, value in choice["message"].items() if key in _MESSAGE}
            if tokens := (choice.pop("logprobs", None) or {}).get("content"):
                choice["logprobs"] = {
                    "content": [_token(each) for each in tokens if each["token"].strip() in _VERDICTS]
                }
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return {
        "status": response["status"],
        "headers": {key: value for key, value in response["headers"].items() if key.lower() in RESPONSE_HEADERS},
        "body": {"string": json.dumps({**body, "choices": choices}).encode()},
    }


def _interaction(request: Any, response: Any) -> Interaction:
    fingerprint: Fingerprint = request.body
    return Interaction(
        request=RecordedRequest(
            kind=fingerprint.call.kind,
            item=fingerprint.call.item,
            messages_sha256=fingerprint.messages,
            schema_sha256=fingerprint.schema,
            parameters_sha256=fingerprint.parameters,
            headers=dict(request.headers),
        ),
        response=RecordedResponse(
            status=response["status"]["code"],
            headers={name.lower(): ", ".join(values) for name, values in response["headers"].items()},
            body=json.loads(response["body"]["string"]),
        ),
    )


def _as_vcr(response: RecordedResponse) -> dict[str, Any]:
    return {
        "status": {"code": response.status, "message": "OK"},
        "headers": {name: [value] for name, value in response.headers.items()},
        "body": {"string": json.dumps(response.body).encode()},
    }


@contextmanager
def _vcr_in_place(mode: str, name: Callable[[Any], Any], stored: tuple[list[Any], list[Any]] | None) -> Iterator[Any]:
    """Run vcrpy during the block. `name` gives the stored form of a request, or None to leave it unrecorded."""
    try:
        import vcr
        from vcr.persisters.filesystem import CassetteNotFoundError
    except ImportError:
        raise CassetteError(
            "Cassettes need vcrpy, which is not installed.", hint='Run `pip install "imrllm[evals]"`.'
        ) from None
    # It logs whole answers at INFO.
    logger = logging.getLogger("vcr")
    logger.setLevel(max(logger.level, logging.WARNING))

    class Memory:
        """Replaces vcrpy's files: cassettes have a layout of their own, which `store` reads and writes."""

        @staticmethod
        def load_cassette(*_: Any, **__: Any) -> tuple[list[Any], list[Any]]:
            if stored is None:
                raise CassetteNotFoundError
            return stored

        @staticmethod
        def save_cassette(*_: Any, **__: Any) -> None:
            pass

    recorder = vcr.VCR(
        record_mode=mode,
        match_on=("fingerprint",),
        before_record_request=name,
        before_record_response=_stored,
        decode_compressed_response=True,
    )
    recorder.register_matcher("fingerprint", lambda asked, recorded: asked.body == recorded.body)
    recorder.register_persister(Memory)
    with recorder.use_cassette("memory") as tape:
        yield tape
