"""OpenTelemetry spans: one for each document, and in it one for each request to a model.

The spans follow OpenTelemetry's semantic conventions for generative AI
(https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/). This package needs only OpenTelemetry's API, the
extra `telemetry`; the program that uses it brings the SDK and the exporter. Without the API nothing is recorded.

Attributes are counts, names of models and prompts, and hashes: never a letter's text, its name, an error's message or a
key. Exceptions are not recorded as events, because their messages and tracebacks can hold what was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.trace import SpanKind, Tracer

# What OpenTelemetry takes as an attribute's value. None is left out.
Attribute = str | bool | int | float | tuple[str, ...] | None
# Adds attributes to the span that is open.
Note = Callable[[Mapping[str, Attribute]], None]


@contextmanager
def request_span(model: str, attributes: Callable[[], Mapping[str, Attribute]]) -> Iterator[Note]:
    """Record one request to a model, its retries included.

    Args:
        model: the model's name in requests.
        attributes: what is known before the request; called only if there is a tracer.

    Yields:
        Adds what the answer says.

    Raises:
        Exception: what the block raises; the span has its class as `error.type`.
    """
    tracer = _tracer()
    if tracer is None:
        yield _ignore
        return
    from opentelemetry.trace import SpanKind

    with _recorded(tracer, f"chat {model}", SpanKind.CLIENT) as note:
        if note is not _ignore:
            note(attributes())
        yield note


@contextmanager
def document_span() -> Iterator[Note | None]:
    """Record the reading of one document.

    Yields:
        Adds what became of it; None if spans are not recorded, so that nothing has to be counted.

    Raises:
        Exception: what the block raises; the span has its class as `error.type`.
    """
    tracer = _tracer()
    if tracer is None:
        yield None
        return
    from opentelemetry.trace import SpanKind

    with _recorded(tracer, "imrllm.extract", SpanKind.INTERNAL) as note:
        yield None if note is _ignore else note


def is_recorded() -> bool:
    """Whether spans go anywhere: the program has set a provider that can be told to send them."""
    return _provider_flush() is not None


def flush(seconds: float) -> None:
    """Send the spans that wait to be sent; for a process that ends without its exit handlers.

    Args:
        seconds: how long to wait at most.
    """
    force_flush = _provider_flush()
    if force_flush is not None:
        force_flush(int(seconds * 1000))


def _provider_flush() -> Callable[[int], object] | None:
    if _tracer() is None:
        return None
    from opentelemetry import trace

    found: Callable[[int], object] | None = getattr(trace.get_tracer_provider(), "force_flush", None)
    return found


@contextmanager
def _recorded(tracer: Tracer, name: str, kind: SpanKind) -> Iterator[Note]:
    from opentelemetry.trace import StatusCode

    with tracer.start_as_current_span(name, kind=kind, record_exception=False, set_status_on_exception=False) as span:
        # Without an SDK, or where a sampler leaves the span out.
        if not span.is_recording():
            yield _ignore
            return

        def note(attributes: Mapping[str, Attribute]) -> None:
            span.set_attributes({name: value for name, value in attributes.items() if value is not None})
            if attributes.get("error.type"):
                span.set_status(StatusCode.ERROR)

        try:
            yield note
        except BaseException as error:
            note({"error.type": type(error).__name__})
            raise


@cache
def _tracer() -> Tracer | None:
    """The tracer of the program's provider, which may be set later; None if OpenTelemetry is not installed."""
    try:
        from opentelemetry import trace
    except ImportError:
        return None
    from imrllm.version import __version__

    return trace.get_tracer("imrllm", __version__)


def _ignore(attributes: Mapping[str, Attribute]) -> None:
    """Record nothing."""
