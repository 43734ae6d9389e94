"""The curve of risk against coverage as inline SVG, and the same in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from imrllm.report.formatting import percent
from imrllm.report.terminal import printable

if TYPE_CHECKING:
    from imrllm.evals.runs import KindTrust

# Scaled as a whole, so that its text is not distorted.
_SVG = Markup('<svg class="curve" viewBox="0 0 {} {}" role="img"><title>{}</title>{}</svg>')
_LINE = Markup('<path class="{}" d="{}"/>')
_DOT = Markup('<circle class="now" cx="{:.2f}" cy="{:.2f}" r="3.5"/>')
_TEXT = Markup('<text x="{:.2f}" y="{:.2f}" text-anchor="{}">{}</text>')
_WIDTH, _HEIGHT = 300, 168
_LEFT, _RIGHT, _TOP, _FLOOR = 38, 288, 14, 140
# The possible tops of the axis of wrong values, as shares.
_TOPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
# Coverages that the words name.
_SAID = (0.5, 0.9, 0.98, 1.0)


def coverage_curve(score: KindTrust, label: str) -> Markup:
    """Draw what is wrong among the values kept, against how many are kept, the least risk first.

    Args:
        score: the scores of a kind of values, with a curve.
        label: what is counted, for those who do not see it.

    Returns:
        An `<svg>` element: the curve, a dashed line at the share of wrong values among all, which keeping any values
        at random gives, and a dot where the flags stand: the values that are not flagged.
    """
    shares = [(point.coverage, point.wrong.rate or 0.0) for point in score.curve]
    whole = shares[-1][1]
    kept = 1 - score.flagged.rate if score.flagged.rate is not None else None
    now = score.unflagged_wrong.rate
    start = 0.5 if kept is None or kept >= 0.5 else 0.0
    shown = [each for each in shares if each[0] >= start]
    highest = max([share for _, share in shown] + [now or 0.0])
    top = next(each for each in _TOPS if each >= highest)

    def x(coverage: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (coverage - start) / (1 - start)

    def y(share: float) -> float:
        return _FLOOR - (_FLOOR - _TOP) * share / top

    drawn = Markup("")
    for share in (0.0, top / 2, top):
        drawn += _LINE.format("grid", f"M{_LEFT} {y(share):.2f}H{_RIGHT}")
        drawn += _TEXT.format(_LEFT - 5, y(share) + 3, "end", f"{100 * share:g}%")
    for coverage, anchor in ((start, "start"), ((1 + start) / 2, "middle"), (1.0, "end")):
        drawn += _TEXT.format(x(coverage), _FLOOR + 13, anchor, f"{coverage:.0%}")
    drawn += _TEXT.format(
        (_LEFT + _RIGHT) / 2, _FLOOR + 25, "middle", "of the values kept, those of the least risk first"
    )
    drawn += _LINE.format("chance", f"M{_LEFT} {y(whole):.2f}H{_RIGHT}")
    drawn += _LINE.format("drawn", "M" + "L".join(f"{x(coverage):.2f} {y(share):.2f}" for coverage, share in shown))
    said = ", ".join(f"{percent(share)} of {coverage:.0%}" for coverage, share in shares if coverage in _SAID)
    said = f"{label}, wrong among the values kept: {said}"
    if kept is not None and now is not None:
        drawn += _DOT.format(x(kept), y(now))
        said += f"; not flagged are {percent(kept)}, of which {percent(now)} are wrong"
    return _SVG.format(_WIDTH, _HEIGHT, printable(said), drawn)
