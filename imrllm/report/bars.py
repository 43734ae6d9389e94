"""Shares and differences as inline SVG: a bar, a whisker for its 95% interval, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from imrllm.report.formatting import interval, percent, points
from imrllm.report.terminal import printable

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
    """Draw a difference of two shares: a gain to the right of the middle, a loss to the left.

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


# Scaled as a whole, so that its text is not distorted.
_COURSE = Markup('<svg class="course" viewBox="0 0 {} 104" role="img"><title>{}</title>{}</svg>')
_COLUMN = Markup('<rect class="{}" x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}"/>')
_TEXT = Markup('<text x="{:.2f}" y="{}" text-anchor="{}">{}</text>')
_COURSE_WIDTH, _FLOOR, _HEIGHT = 240, 88, 74


def course(periods: Sequence[tuple[str, int, int]], top: int, label: str) -> Markup:
    """Draw outcomes over time as columns, the items overturned on those upheld.

    Args:
        periods: name, items upheld and items overturned of each, in order; one at least.
        top: the count that reaches the top; the same for pictures that stand side by side.
        label: what is counted, for those who do not see it.

    Returns:
        An `<svg>` element; the first and the last period are named below it, the top beside it.
    """
    width = (_COURSE_WIDTH - 24) / len(periods)
    drawn = _LINE.format("zero", f"M24 {_FLOOR}.5H{_COURSE_WIDTH}") + _TEXT.format(20, _FLOOR - _HEIGHT + 3, "end", top)
    drawn += _LINE.format("grid", f"M24 {_FLOOR - _HEIGHT}.5H{_COURSE_WIDTH}") + _TEXT.format(20, _FLOOR, "end", 0)
    for place, (_, low, high) in enumerate(periods):
        at, base = 24 + width * (place + 0.1), float(_FLOOR)
        for kind, count in (("upheld", low), ("overturned", high)):
            height = _HEIGHT * count / max(top, 1)
            base -= height
            if count:
                drawn += _COLUMN.format(kind, at, base, width * 0.8, height)
    drawn += _TEXT.format(24, _FLOOR + 13, "start", printable(periods[0][0]))
    if len(periods) > 1:
        drawn += _TEXT.format(_COURSE_WIDTH, _FLOOR + 13, "end", printable(periods[-1][0]))
    upheld, overturned = (sum(counts) for counts in zip(*((low, high) for _, low, high in periods), strict=True))
    said = f"{label}: {upheld} upheld and {overturned} overturned over {len(periods)} periods"
    return _COURSE.format(_COURSE_WIDTH, printable(said), drawn)
