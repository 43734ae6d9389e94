"""Shares and differences as inline SVG: a bar, a whisker for its 95% interval, and the same in words."""

from __future__ import annotations

from markupsafe import Markup

from imrllm.report.terminal import printable
from imrllm.report.wording import interval, percent, points

# Stretched to the width of its cell: strokes keep their width, and only what may stretch is drawn.
_SVG = Markup(
    '<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" role="img"><title>{}</title>'
    '<rect class="track" x="0" y="2" width="100" height="8"/>{}</svg>'
)
_FILL = Markup('<rect class="fill" x="{:.2f}" y="2" width="{:.2f}" height="8"/>')
_LINE = Markup('<path class="{}" vector-effect="non-scaling-stroke" d="{}"/>')


def share_bar(share: float | None, low: float | None, high: float | None, floor: float | None, label: str) -> Markup:
    """Draw a share of 0 to 1.

    Args:
        share: the bar's length; None draws the empty track.
        low: lower end of its interval; None, as `high`, for no whisker.
        high: upper end.
        floor: what costs nothing to reach, drawn as a tick; None for none.
        label: what is measured, for those who do not see it.

    Returns:
        An `<svg>` element.
    """
    said = f"{label}: nothing to count" if share is None else f"{label}: {percent(share)}"
    drawn = Markup("")
    if share is not None:
        drawn += _FILL.format(0, share * 100)
    if floor is not None:
        said += f", floor {percent(floor)}"
        drawn += _LINE.format("floor", f"M{floor * 100:.2f} 0V12")
    if low is not None and high is not None:
        said += f", 95% interval {interval(low, high)}"
        drawn += _whisker(low * 100, high * 100)
    return _SVG.format(printable(said), drawn)


def difference_bar(difference: float, low: float | None, high: float | None, scale: float, label: str) -> Markup:
    """Draw a difference of two shares, to the right of the middle where it is a gain and to the left where a loss.

    Args:
        difference: -1 to 1.
        low: lower end of its interval; None, as `high`, for no whisker.
        high: upper end.
        scale: what reaches either edge, above 0 and not below the size of anything drawn.
        label: what is compared, for those who do not see it.

    Returns:
        An `<svg>` element.
    """
    at = 50 + 50 * difference / scale
    said = f"{label}: {points(difference)} points"
    drawn = _FILL.format(min(at, 50), abs(at - 50)) + _LINE.format("zero", "M50 0V12")
    if low is not None and high is not None:
        said += f", 95% interval {points(low)} to {points(high)}"
        drawn += _whisker(50 + 50 * low / scale, 50 + 50 * high / scale)
    return _SVG.format(printable(said), drawn)


def _whisker(low: float, high: float) -> Markup:
    return _LINE.format("whisker", f"M{low:.2f} 6H{high:.2f}M{low:.2f} 3.5V8.5M{high:.2f} 3.5V8.5")
