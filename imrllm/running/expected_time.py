"""How long a run will take: measured on this machine where this machine does the work, else from stated figures."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from imrllm.documents import Document, Unreadable
from imrllm.errors import ImrllmError
from imrllm.estimates import Estimate
from imrllm.llm import speed as model_speed
from imrllm.pipeline import Extractor
from imrllm.running.fork_server import can_fork
from imrllm.running.processes import FEW_LETTERS, processes_for

SECONDS_A_CALL = 3.0
"""What a call to a server is assumed to take; docs/scale.md assumes the same."""

# Letters that are read by the grammar to measure how long one takes.
_TIMED = 20


@dataclass(frozen=True, slots=True)
class ExpectedTime:
    """The time that a run will take.

    Attributes:
        seconds: None if it is not known.
        basis: what the figure rests on, or why there is none.
    """

    seconds: float | None
    basis: str


class Stopwatch:
    """Times the reading of documents, and what the grammar needs for the first of them."""

    def __init__(self, extractor: Extractor, processes: int | None = None) -> None:
        """Prepare for a run with this extractor, and with so many processes; by default as many as it would start."""
        self._extractor = extractor
        self._processes = processes or processes_for(extractor)
        self._reading = 0.0
        self._timed = 0
        self._grammar = 0.0

    def reading(self, documents: Iterable[Document | Unreadable]) -> Iterator[Document | Unreadable]:
        """Pass documents on, and add up the time that reading them takes."""
        following = iter(documents)
        while True:
            started = time.perf_counter()
            document = next(following, None)
            self._reading += time.perf_counter() - started
            if document is None:
                return
            if not self._extractor.target.asks and self._timed < _TIMED:
                started = time.perf_counter()
                self._extractor.extract(document)
                self._grammar += time.perf_counter() - started
                self._timed += 1
            yield document

    def expected(self, estimate: Estimate) -> ExpectedTime:
        """The time for the documents of an estimate. For `local`, if there are calls, it loads and times the model."""
        target, calls = self._extractor.target, estimate.calls.total()
        if not target.asks:
            return self._by_grammar(estimate.documents)
        if not calls:
            return ExpectedTime(0.0, "")
        if not target.embedded:
            return self._by_server(calls, estimate.input_tokens + estimate.output_tokens)
        try:
            speed = model_speed.measure_speed()
        except ImrllmError as error:
            return ExpectedTime(None, f"not measured: {error} {error.hint}".strip())
        seconds = speed.seconds(estimate.input_tokens - estimate.cacheable_tokens, estimate.output_tokens)
        basis = f"measured now: {speed.read:,.0f} tokens a second read, {speed.written:,.1f} written"
        return ExpectedTime(self._reading + seconds, basis)

    def _by_grammar(self, documents: int) -> ExpectedTime:
        if not self._timed:
            return ExpectedTime(0.0, "")
        each = self._grammar / self._timed
        processes = self._processes if documents > FEW_LETTERS or can_fork() else 1
        first = f"the first {self._timed:,} letters" if self._timed > 1 else "a letter"
        several = f", by {processes} processes" if processes > 1 else ""
        # Reading is spread over the cores too: while this process reads, the others work.
        seconds = (self._reading + each * documents) / processes
        return ExpectedTime(seconds, f"measured now on {first}{several}")

    def _by_server(self, calls: int, tokens: int) -> ExpectedTime:
        extractor = self._extractor
        seconds = calls * SECONDS_A_CALL / extractor.concurrency
        basis = f"if a call takes {SECONDS_A_CALL:g} s, {extractor.concurrency} at a time"
        for limit, of, name in ((extractor.rpm, calls, "--rpm"), (extractor.tpm, tokens, "--tpm")):
            if limit and of / limit * 60 > seconds:
                seconds, basis = of / limit * 60, f"by `{name} {limit}`"
        return ExpectedTime(seconds, basis)
