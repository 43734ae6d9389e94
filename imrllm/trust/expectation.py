"""What share of wrong values to expect where nobody is asked to look, with its bound and what the bound rests on."""

from __future__ import annotations

from collections.abc import Mapping

from imrllm.trust.bounds import CONFIDENCE, upper_bound
from imrllm.trust.risk import RiskModel, Unflagged

_NOT_MEASURED = "Wrong values among those not to review: not measured"


def expectation(model: RiskModel | None, forms: Mapping[str, int], left: int, expected_wrong: float) -> str:
    """One or two sentences on the values of a run that nobody is asked to look at.

    Args:
        model: the risk model of the run; None where nothing is measured.
        forms: letters of the run by form.
        left: typed values with a measured risk that nobody is asked to look at.
        expected_wrong: the sum of their risks.

    Returns:
        The expected share of wrong values with its one-sided 95% bound, or that it is not measured.
    """
    if model is None or not left:
        return f"{_NOT_MEASURED}: no letters with gold of this model, prompt and grammar."
    known = {form: model.unflagged[form] for form in forms if form in model.unflagged}
    unknown = {form: count for form, count in forms.items() if form not in known}
    said = ""
    if known:
        most = max(bound for each in known.values() if (bound := bound_of_values(each)) is not None)
        letters = sum(each.letters for each in known.values())
        said = (
            f"Of {left:,} typed values not to review, {expected_wrong / left:.2%} are expected to be wrong, at most "
            f"{most:.2%} ({CONFIDENCE:.0%}, from {letters:,} letters with gold that the grammar was not developed on)."
        )
    if unknown:
        named = ", ".join(f"{count:,} with {form}" for form, count in unknown.items())
        said = f"{said} {_NOT_MEASURED} in letters of other forms ({named}): none has gold.".strip()
    return said


def bound_of_values(unflagged: Unflagged) -> float | None:
    """The one-sided 95% upper bound of the share of wrong values, counted by letter; None without letters.

    Values of one letter are not independent. So the bound is of the share of letters with a wrong value, times the
    wrong values of such a letter, over the values of a letter.
    """
    letters = upper_bound(unflagged.letters_wrong, unflagged.letters)
    if letters is None or not unflagged.values:
        return None
    in_a_wrong_letter = max(1.0, unflagged.wrong / unflagged.letters_wrong) if unflagged.letters_wrong else 1.0
    return min(1.0, letters * in_a_wrong_letter / (unflagged.values / unflagged.letters))
