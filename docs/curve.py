"""Write what an evaluation shows of flags and risks into trust.md: its table, and pictures/coverage.svg.

    imrllm eval public --model none --documents letters/ --json none.json
    python docs/curve.py none.json [local.json ...]

The table has a column for each suite of each file; the picture is of the first. Not part of `make docs`: letters are
needed that are not included.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from imrllm.evals import EvalRun
from imrllm.report.curve import coverage_curve
from imrllm.report.formatting import KIND_NAMES, NOT_MEASURED, estimate, rate_with_interval, wrong_ok

if TYPE_CHECKING:
    from imrllm.evals.runs import KindTrust, TrustKind

DOCS = Path(__file__).parent
BLOCK = re.compile(r"(<!-- Written by docs/curve\.py\. -->\n).*?(<!-- Up to here\. -->)", re.DOTALL)
KINDS: tuple[TrustKind, ...] = ("typed", "prose")
STYLE = """\
  <style>
    text { font: 9px system-ui, sans-serif; fill: #5b6478 }
    text.label { font-size: 11px; fill: #1f2430 }
    path { fill: none; stroke: #3d5afe; stroke-width: 2; stroke-linejoin: round }
    .grid { stroke: #d7dbe6; stroke-width: 1 }
    .chance { stroke: #5b6478; stroke-width: 1; stroke-dasharray: 4 3 }
    .now { fill: #c62828; stroke: #ffffff; stroke-width: 1.5 }
    @media (prefers-color-scheme: dark) {
      text { fill: #a4adc2 } text.label { fill: #e8eaf2 } path { stroke: #8c9eff }
      .grid { stroke: #3a4056 } .chance { stroke: #a4adc2 } .now { fill: #ff8a80; stroke: #1e2129 }
    }
  </style>
"""


def picture(kinds: dict[TrustKind, KindTrust]) -> str:
    """The curves of typed values and of prose side by side, as SVG."""
    drawn = [kind for kind in KINDS if kinds[kind].curve]
    width = 320 * len(drawn)
    parts = (
        f'  <text class="label" x="{320 * at + 38}" y="12">{KIND_NAMES[kind]}</text>\n'
        f'  <svg x="{320 * at}" y="16" width="300" height="168">{coverage_curve(kinds[kind], KIND_NAMES[kind])}</svg>\n'
        for at, kind in enumerate(drawn)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 190" width="{width}" role="img">\n'
        "  <title>Wrong values among those of the least risk</title>\n"
        f"{STYLE}{''.join(parts)}</svg>\n"
    )


def table(runs: list[EvalRun]) -> str:
    """What flags and risks are worth: a column for each suite of each run."""
    columns = [(run, suite, suite.trust) for run in runs for suite in run.suites if suite.trust]
    heads = (f"`{run.model}`{_prompt(run)}: {suite.suite}, {suite.letters} letters" for run, suite, _ in columns)
    lines = [["", *heads], ["---"] * (len(columns) + 1)]
    for kind in KINDS:
        scores = [trust.kinds[kind] for *_, trust in columns]
        of = KIND_NAMES[kind]
        lines += [
            [f"{of}: values flagged", *(rate_with_interval(each.flagged) for each in scores)],
            [f"{of}: of the wrong, flagged", *(_of(each.recall.right, each.recall.of) for each in scores)],
            [f"{of}: of the flagged, wrong", *(_of(each.precision.right, each.precision.of) for each in scores)],
            [f"{of}: letters without a flag", *(_of(each.ok_letters.right, each.ok_letters.of) for each in scores)],
            [f"{of}: of these, with a wrong value", *(wrong_ok(each) for each in scores)],
            [f"{of}: AUROC", *(_measured(each, estimate(each.auroc)) for each in scores)],
            [f"{of}: calibration error", *(_measured(each, estimate(each.calibration_error)) for each in scores)],
        ]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _prompt(run: EvalRun) -> str:
    return f", {run.prompt}" if run.prompt else ""


def _of(some: int, of: int) -> str:
    return f"{some:,} of {of:,}"


def _measured(score: KindTrust, shown: str) -> str:
    return shown if score.measured else NOT_MEASURED


def main() -> int:
    """Write both, from the files that are named."""
    runs = [EvalRun.model_validate_json(Path(name).read_bytes()) for name in sys.argv[1:]]
    first = next(suite.trust for run in runs for suite in run.suites if suite.trust)
    (DOCS / "pictures" / "coverage.svg").write_text(picture(first.kinds), encoding="utf-8")
    page = DOCS / "trust.md"
    written = BLOCK.sub(lambda found: f"{found[1]}\n{table(runs)}\n{found[2]}", page.read_text(encoding="utf-8"))
    page.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
