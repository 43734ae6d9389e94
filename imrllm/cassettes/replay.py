"""Recording and replaying: vcrpy stands between client and network, and knows requests by their fingerprints."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from imrllm.cassettes.fingerprints import Fingerprint
from imrllm.cassettes.store import (
    REQUEST_HEADERS,
    RESPONSE_HEADERS,
    Cassette,
    Interaction,
    RecordedRequest,
    RecordedResponse,
    cassette_files,
    read_cassette,
)
from imrllm.errors import CassetteError
from imrllm.llm.calls import Call, current_call

_RECORD = "Run `imrllm cassettes record`."
# Of a chat completion, what the client reads: ids, times and timings would change with every recording.
_BODY = frozenset({"object", "model", "choices", "usage"})
_CHOICE = frozenset({"index", "finish_reason", "message"})
_MESSAGE = frozenset({"role", "content", "refusal"})


class Replay:
    """What is left of the cassettes that are being played."""

    def __init__(self, cassettes: Sequence[Cassette]) -> None:
        """Prepare the answers of some cassettes; each is played once, in whatever order."""
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
        """The calls whose recorded answers nobody asked for yet."""
        return [fingerprint.call for number, (fingerprint, _) in enumerate(self._recorded) if not self._played(number)]

    def _played(self, number: int) -> bool:
        return self._tape is not None and self._tape.play_counts[number] > 0

    def _find(self, asked: Fingerprint) -> None:
        """Make sure that an answer to a request is left.

        Raises:
            CassetteError: there is none.
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
            named = _named(request)
            if named is None:
                raise CassetteError("A request was made outside of any letter's call: no cassette can answer it.")
            if named is not request:
                self._find(named.body)
            return named

        requests = [
            Request("POST", _ADDRESS, fingerprint, interaction.request.headers)
            for fingerprint, interaction in self._recorded
        ]
        responses = [_as_vcr(interaction.response) for _, interaction in self._recorded]
        with _taped("none", find, (requests, responses)) as self._tape:
            yield


@contextmanager
def replaying(*places: Path | Cassette) -> Iterator[Replay]:
    """Answer model calls from cassettes while the block runs: no model, no key, no connection.

    Args:
        places: cassettes, their files, or folders of them. The extractor within must have an address, which is never
            reached: make it with `target=replay_target(model)`.

    Yields:
        What is left of them.

    Raises:
        CassetteError: a cassette cannot be read, or, within the block, a call is not among them. The message names the
            letter, the call and what changed.
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
def recording() -> Iterator[list[tuple[Call, Interaction]]]:
    """Record model calls while the block runs; they go to the model, whatever is recorded already.

    Yields:
        A list that is filled when the block ends: each named call that was answered, in order. Errors are not answers.
    """
    recorded: list[tuple[Call, Interaction]] = []
    with _taped("all", _named, None) as tape:
        yield recorded
    recorded += [
        (request.body.call, _interaction(request, response))
        for request, response in zip(tape.requests, tape.responses, strict=True)
    ]


# In place of the true address: the embedded server's port changes with each run.
_ADDRESS = "model:/chat/completions"


def _named(request: Any) -> Any:
    """A request as it is stored and compared: a fingerprint. vcrpy asks more than once, also about stored ones."""
    if isinstance(request.body, Fingerprint):
        return request
    call = current_call()
    fingerprint = Fingerprint.of_body(call, request.body or b"") if call is not None else None
    if fingerprint is None:
        return None
    from vcr.request import Request

    headers = {name.lower(): value for name, value in request.headers.items() if name.lower() in REQUEST_HEADERS}
    return Request("POST", _ADDRESS, fingerprint, headers)


def _stored(response: Any) -> Any:
    """An answer as it is stored; None where it is none."""
    if not 200 <= response["status"]["code"] < 300:
        return None
    try:
        body = json.loads(response["body"]["string"])
        body = {key: value for key, value in body.items() if key in _BODY}
        choices = [{key: value for key, value in choice.items() if key in _CHOICE} for choice in body["choices"]]
        for choice in choices:
            choice["message"] = {key: value for key, value in choice["message"].items() if key in _MESSAGE}
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
def _taped(mode: str, name: Callable[[Any], Any], stored: tuple[list[Any], list[Any]] | None) -> Iterator[Any]:
    """Put vcrpy in place while the block runs.

    Args:
        mode: vcrpy's record mode.
        name: turns a request into what is stored, or None where it is to pass by.
        stored: requests and responses to play.
    """
    try:
        import vcr
        from vcr.persisters.filesystem import CassetteNotFoundError
    except ImportError:
        vcr = None
    if vcr is None:
        raise CassetteError("Cassettes need vcrpy, which is not installed.", hint='Run `pip install "imrllm[evals]"`.')
    # At INFO it logs whole answers.
    logger = logging.getLogger("vcr")
    logger.setLevel(max(logger.level, logging.WARNING))

    class Memory:
        """In place of vcrpy's files: cassettes are read and written here, whole and by their own layout."""

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
