"""Growth of time with size: the inputs that take a target longest are made ever larger, and an exponent is fitted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import log
from random import Random

from tests.fuzz.fuzzing import TooSlowError, at_most
from tests.fuzz.targets import Target

LARGEST = 5_000_000
"""In bytes, the largest input: a text of more is refused."""
STEEPEST = 1.1
"""Time grows with size to the power of this at most. Quadratic is 2."""

# In bytes. All families are timed at the first two; those that grow most go on to the rest.
_SMALL = (10_000, 40_000)
_SIZES = (312_500, 625_000, 1_250_000, 2_500_000, LARGEST)
# Seconds of processor below which a time is noise; above which a size is not doubled any more; and the longest.
_NOISE, _SLOW, _LONG = 0.02, 60.0, 240.0
_WORST = 3


@dataclass(frozen=True)
class Growth:
    """How the time of one family of inputs grows.

    Attributes:
        target: the target's name.
        family: the family's.
        points: bytes and seconds of processor, in ascending order.
    """

    target: str
    family: str
    points: tuple[tuple[int, float], ...]

    @property
    def exponent(self) -> float:
        """The slope of the times over the sizes, both as logarithms, by least squares; 0 where all is noise.

        Only times well above noise count, and of them the larger half of the sizes: what is constant hides the slope.
        """
        points = [(log(size), log(seconds)) for size, seconds in self.points if seconds >= _NOISE][-4:]
        if len({size for size, _ in points}) < 2:
            return 0.0
        middle = [sum(each) / len(points) for each in zip(*points, strict=True)]
        above = sum((x - middle[0]) * (y - middle[1]) for x, y in points)
        return above / sum((x - middle[0]) ** 2 for x, _ in points)

    @property
    def seconds(self) -> float:
        """The time of the largest size."""
        return self.points[-1][1] if self.points else 0.0

    @property
    def is_steep(self) -> bool:
        """Whether it grows more than in step, and takes a time that anyone would notice."""
        return self.exponent > STEEPEST and self.seconds > 1.0


def growths(target: Target, slow: bytes, *, seconds: float, seed: int = 1) -> list[Growth]:
    """Time a target's families of inputs, and repetitions of a slow input, up to `LARGEST`.

    Args:
        target: the target.
        slow: the slowest input that fuzzing found.
        seconds: how long to go on, by the clock. Families that promise least are left out, and where there are many,
            those that come last.
        seed: the order of the families.

    Returns:
        The growth of the worst families, the worst first.
    """
    ends = time.monotonic() + seconds
    names = list(target.grow)
    Random(seed).shuffle(names)
    families = {name: target.grow[name] for name in names}
    if slow:
        families["the slowest input, repeated"] = lambda size: slow * max(1, size // len(slow))
    small = []
    for name, grown in families.items():
        if time.monotonic() > ends - seconds / 2:
            break
        small.append(Growth(target.name, name, tuple(_points(target, grown, _SMALL))))
    # What takes longest, and what grows most: a slope shows before a time does.
    by_time = sorted(small, key=lambda each: -each.seconds)
    by_slope = sorted(small, key=lambda each: -each.exponent)
    worst = dict.fromkeys(each.family for pair in zip(by_time, by_slope, strict=True) for each in pair)
    found = []
    for name in list(worst)[: 2 * _WORST]:
        points = list(_points(target, families[name], _SIZES, ends))
        if points:
            found.append(Growth(target.name, name, tuple(points)))
    return sorted(found, key=lambda each: (-each.exponent, -each.seconds))


def _points(
    target: Target, grown: Callable[[int], bytes], sizes: Sequence[int], ends: float | None = None
) -> Iterator[tuple[int, float]]:
    """The time of each size, until one takes long or the time is over."""
    for size in sizes:
        if ends is not None and time.monotonic() > ends:
            return
        data = grown(size)
        taken = timed(target, data)
        yield len(data), taken
        if taken > _SLOW:
            return


def timed(target: Target, data: bytes) -> float:
    """Seconds of processor for one input, the less of two where that costs nothing; `_LONG` where it did not end."""
    best = _LONG
    for _ in range(2):
        started = time.process_time()
        try:
            with at_most(_LONG):
                target.run(data)
        except TooSlowError:
            return _LONG
        except (AssertionError, Exception):  # noqa: BLE001 - the loop of fuzzing reports it
            pass
        best = min(best, time.process_time() - started)
        if best > 5.0:
            break
    return best
