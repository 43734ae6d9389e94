"""The loop of a fuzz target: mutate what has shown something new, keep to time, and report what must not be."""

from __future__ import annotations

import signal
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType

import imrllm
from tests.fuzz.mutating import DAMAGE, mutated
from tests.fuzz.targets import Target

# Seconds of processor for one input of at most 60 kB; the slowest that is known takes a tenth of it.
SLOWEST = 10.0
# Inputs kept for further mutation, beside the seeds.
CORPUS = 400
# The package's own frames say where an exception was raised, and not the tests'.
_PACKAGE = f"{Path(imrllm.__file__).parent}/"
# Runs that making a finding smaller may take.
SMALLER = 300


class TooSlowError(BaseException):
    """An input took too long; no reader may take it for damage, so it is no `Exception`."""


@dataclass(frozen=True)
class Finding:
    """An input that a target does not survive.

    Attributes:
        target: the target's name.
        data: the input, made as small as a few hundred tries could.
        what: the exception and where it was raised.
    """

    target: str
    data: bytes = field(repr=False)
    what: str


@dataclass
class Report:
    """What a target's run showed.

    Attributes:
        inputs: how many were tried.
        outcomes: how often each outcome was met.
        findings: by what is wrong, the first input that showed it.
        slowest: seconds of processor, and the input that took them.
    """

    target: str
    inputs: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)
    slowest: tuple[float, bytes] = (0.0, b"")


def fuzz(target: Target, *, seed: int, inputs: int | None = None, seconds: float | None = None) -> Report:
    """Run a target over its seeds and over mutated copies of them.

    An input that ends in a way not met before (another error, another status) is mutated further.

    Args:
        target: the target.
        seed: what the mutations are drawn from: one seed, one sequence of inputs.
        inputs: how many to try.
        seconds: how long to try, by the clock; at least the seeds are tried.
    """
    report = Report(target.name)
    # Not `hash`: that of a text differs between processes.
    chance = Random(f"{seed} {target.name}")
    seeds = target.seeds()
    corpus = list(seeds)
    started = time.monotonic()
    waiting = iter(seeds)
    while (inputs is None or report.inputs < inputs) and (
        seconds is None or report.inputs < len(seeds) or time.monotonic() - started < seconds
    ):
        given = next(waiting, None)
        if given is not None:
            data = given
        elif target.damage:
            data = chance.choice(DAMAGE)(chance.choice(seeds), chance, seeds)
        else:
            data = mutated(chance.choice(corpus), chance, seeds)
        report.inputs += 1
        begun = time.process_time()
        outcome, what = attempt(target, data)
        took = time.process_time() - begun
        if took > report.slowest[0]:
            report.slowest = (took, data)
        if what and what not in report.findings:
            report.findings[what] = Finding(target.name, data if target.damage else smaller(target, data, what), what)
        if outcome not in report.outcomes and len(corpus) < CORPUS + len(seeds):
            corpus.append(data)
        report.outcomes[outcome] += 1
    return report


def attempt(target: Target, data: bytes) -> tuple[str, str]:
    """Try one input.

    Returns:
        Its outcome, and what is wrong with it; an empty text if nothing is.
    """
    try:
        with at_most(SLOWEST):
            return target.run(data), ""
    except TooSlowError:
        return "too slow", f"more than {SLOWEST:g} seconds"
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename.startswith(_PACKAGE)]
        place = f"{frames[-1].filename.removeprefix(_PACKAGE)}:{frames[-1].lineno}" if frames else "the property"
        said = f": {error}"[:200] if isinstance(error, AssertionError) else ""
        return "finding", f"{type(error).__name__} at {place}{said}"


def smaller(target: Target, data: bytes, what: str) -> bytes:
    """The smallest input found that fails in the same way, by taking out ever shorter stretches."""
    left = SMALLER if "seconds" not in what else 0
    step = len(data) // 2
    while step and left:
        at = 0
        while at < len(data) and left:
            shorter = data[:at] + data[at + step :]
            left -= 1
            if attempt(target, shorter)[1] == what:
                data = shorter
            else:
                at += step
        step //= 2
    return data


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise `TooSlowError` in the block after so many seconds of this process's processor."""

    def ended(number: int, frame: FrameType | None) -> None:
        raise TooSlowError

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGPROF, ended)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
