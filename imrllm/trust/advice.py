"""What a model would add to a run without one, as measured on gold."""

from __future__ import annotations

from imrllm.prompts import DEFAULT_PROMPT, load_prompt
from imrllm.trust.arbitration import cross_validated_f1
from imrllm.trust.tables import load_table

_FIELD = "grounds"
_WORTH_SAYING = 0.01


def model_advice() -> str | None:
    """One sentence on what the local model would add, and what it takes; None if that was not measured.

    Each letter with gold is judged by counts of the others.
    """
    prompt = load_prompt(DEFAULT_PROMPT)
    alone, local = load_table("none"), load_table("local", prompt.name, prompt.sha256)
    if alone is None or local is None or local.seconds is None:
        return None
    without, with_model = (cross_validated_f1(table, _FIELD) for table in (alone, local))
    if without is None or with_model is None:
        return None
    takes = f"in about {local.seconds:.0f} seconds and {local.tokens:,} tokens a letter"
    measured = f"No model was asked. On letters with gold, F1 of grounds is {without:.2f} by words alone"
    if with_model < without + _WORTH_SAYING:
        return f"{measured}; `--model local` adds nothing ({with_model:.2f}), but says which are in doubt, {takes}."
    return f"{measured} and {with_model:.2f} with `--model local`, {takes}."
