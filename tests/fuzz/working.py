"""One target's share of the time, in a process of its own: one that dies takes no other with it."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection

from tests.fuzz.fuzzing import Report, fuzz
from tests.fuzz.growth import Growth, growths
from tests.fuzz.targets import all_targets

# Bytes of memory that a process may take: a reader that needs more is a finding.
MEMORY = 3_000_000_000
# Seconds beyond its share after which a process is taken to hang where no signal ends it.
_PATIENCE = 900.0


class DiedError(Exception):
    """A target's process ended without a report. The same seed leads it there again."""


@dataclass(frozen=True)
class Done:
    """What a target's share of the time showed; `peak` is the process's peak memory in MiB."""

    report: Report
    growths: list[Growth]
    peak: float


def in_process(name: str, seed: int, seconds: float) -> Done:
    """Run one target in a new process.

    Args:
        name: the target's name.
        seed: as in `fuzz`.
        seconds: its share of the time; a third of it is for growth, where the target has families that grow.

    Raises:
        DiedError: the process died, or hung and was killed.
    """
    context = get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(there, name, seed, seconds))
    process.start()
    there.close()
    try:
        if not here.poll(seconds + _PATIENCE):
            process.kill()
            raise DiedError(f"hung after {seconds + _PATIENCE:.0f} s")
        done: Done = here.recv()
    except EOFError:
        process.join()
        raise DiedError(f"died with {process.exitcode}") from None
    process.join()
    return done


def _run(to: Connection, name: str, seed: int, seconds: float) -> None:
    import resource

    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    target = next(each for each in all_targets() if each.name == name)
    started = time.monotonic()
    report = fuzz(target, seed=seed, seconds=seconds * (2 / 3 if target.grow else 1))
    left = max(5.0, seconds - (time.monotonic() - started)) if target.grow else 0.0
    grown = growths(target, report.slowest[1], seconds=left, seed=seed) if left else []
    scale = 1 if sys.platform == "darwin" else 1024
    to.send(Done(report, grown, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 2**20))
