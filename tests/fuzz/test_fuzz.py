"""A few inputs for each target, the same each time, and the fuzzer on planted faults; `make fuzz` tries more."""

from __future__ import annotations

import signal

import pytest

from tests.fuzz import fuzzing
from tests.fuzz.fuzzing import fuzz
from tests.fuzz.growth import Growth, growths
from tests.fuzz.targets import Target, all_targets, repeated

TARGETS = all_targets()
# Inputs beside the seeds. All targets together take some ten seconds of processor.
INPUTS = 60
FEWER = {"grammar": 20, "prompt": 10, "calibration table": 10}


@pytest.mark.parametrize("target", TARGETS, ids=[each.name for each in TARGETS])
def test_nothing_but_the_readers_own_errors(target: Target) -> None:
    report = fuzz(target, seed=1, inputs=len(target.seeds()) + FEWER.get(target.name, INPUTS))
    assert not report.findings, [(each.what, each.data[:500]) for each in report.findings.values()]
    assert len(report.outcomes) > 1, "some are read and some are not"


def test_names_are_unique() -> None:
    assert len({each.name for each in TARGETS}) == len(TARGETS)


def test_one_seed_is_one_sequence_of_inputs() -> None:
    tried: list[list[bytes]] = [[], []]
    for run in tried:

        def keep(data: bytes, run: list[bytes] = run) -> str:
            run.append(data)
            return "read"

        fuzz(Target("a", keep, lambda: [b"one 1, two 2"]), seed=7, inputs=50)
    assert tried[0] == tried[1]
    assert len(set(tried[0])) > 25


def planted(data: bytes) -> str:
    """A reader that fails on a number without end."""
    if b"9" * 20 in data:
        raise OverflowError
    return "read"


def test_a_planted_fault_is_found_and_made_small() -> None:
    report = fuzz(Target("a", planted, lambda: [b"Norco 10/325mg #45, with 3 refills. " * 5]), seed=1, inputs=400)
    (finding,) = report.findings.values()
    assert finding.what == "OverflowError at the property"
    assert finding.data == b"9" * 20


def test_a_new_outcome_is_mutated_further() -> None:
    # Three changes in turn are needed, each of which shows in the outcome.
    def run(data: bytes) -> str:
        met = [sign in data for sign in (b"\x00", b"\xff", b"\x1b")]
        assert not all(met)
        return str(met)

    assert fuzz(Target("a", run, lambda: [b"text " * 20]), seed=1, inputs=3_000).findings


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers that interrupt there")
def test_an_input_that_takes_for_ever_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(data: bytes) -> str:
        while b"x" not in data:
            try:
                sum(range(1_000))
            except Exception:  # noqa: BLE001 - as a reader that takes everything for damage
                return "damaged"
        return "read"

    monkeypatch.setattr(fuzzing, "SLOWEST", 0.05)
    report = fuzz(Target("a", run, lambda: [b"a"]), seed=1, inputs=1)
    assert list(report.findings) == ["more than 0.05 seconds"]


@pytest.mark.parametrize(("power", "steep"), [(1.0, False), (1.05, False), (1.5, True), (2.0, True)])
def test_the_exponent_is_that_of_the_times(power: float, steep: bool) -> None:
    sizes = (312_500, 625_000, 1_250_000, 2_500_000, 5_000_000)
    grown = Growth("a", "b", tuple((size, 3 * (size / 5_000_000) ** power) for size in sizes))
    assert grown.exponent == pytest.approx(power)
    assert grown.is_steep is steep


def test_what_takes_no_time_is_not_steep() -> None:
    assert Growth("a", "b", ((1_000, 0.001), (2_000, 0.004))).exponent == 0
    assert not Growth("a", "b", ((1_000, 0.03), (2_000, 0.12))).is_steep


def test_one_size_has_no_slope() -> None:
    assert Growth("a", "b", ((60_000, 0.3), (60_000, 0.31))).exponent == 0


def test_the_worst_families_are_grown() -> None:
    def run(data: bytes) -> str:
        if data.startswith(b"b"):
            sum(range(len(data)))
        return "read"

    found = growths(Target("a", run, lambda: [b""], {name: repeated(name) for name in "ab"}), b"", seconds=5)
    assert {each.family for each in found} == {"a", "b"}
    assert all(each.points[-1][0] == 5_000_000 for each in found)
