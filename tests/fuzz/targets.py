"""What is fuzzed: one target for each reader, with its seeds, its property and the inputs that may take it longest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Target:
    """One reader.

    Attributes:
        name: its name in reports.
        run: reads an input. It returns how that ended, in a few words: a new outcome is worth further mutation. It
            raises where the input does what none may: an exception that is not the reader's own, or a broken property.
        seeds: the inputs to start from, made once.
        grow: by name, an input of about so many bytes that a reader with a flaw takes long for.
        share: of the time, beside the others' shares.
        damage: whether an input is a seed with one piece of damage, and no more: the property compares the two.
    """

    name: str
    run: Callable[[bytes], str]
    seeds: Callable[[], Sequence[bytes]]
    grow: Mapping[str, Callable[[int], bytes]] = field(default_factory=dict)
    share: int = 1
    damage: bool = False


def all_targets() -> tuple[Target, ...]:
    """Every target, in the order of the table."""
    from tests.fuzz.file_targets import FILES
    from tests.fuzz.letter_targets import LETTERS
    from tests.fuzz.settings_targets import SETTINGS

    return (*FILES, *LETTERS, *SETTINGS)


def repeated(unit: bytes | str, *, before: bytes | str = b"", after: bytes | str = b"") -> Callable[[int], bytes]:
    """A family of inputs: one unit over and over, between a beginning and an end."""
    unit, before, after = (each.encode() if isinstance(each, str) else each for each in (unit, before, after))

    def grown(size: int) -> bytes:
        return before + unit * max(1, (size - len(before) - len(after)) // len(unit)) + after

    return grown
