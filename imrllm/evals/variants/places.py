"""Where on the body a treatment is asked for, as clerks print it."""

from __future__ import annotations

from random import Random

from imrllm.evals.variants.pools import form, read_pool


def place(random: Random, style: str) -> tuple[str, list[str]]:
    """A part of the body.

    Args:
        random: what chooses.
        style: `joint`, `spine`, `level`, `limbs`, or `any`.

    Returns:
        The words, and the record's entries for them.
    """
    pool = read_pool("body_parts.txt")
    if style == "any":
        style = random.choice(("joint", "joint", "spine", "spine", "paired", "elsewhere"))
    if style == "paired":
        words, *parts = (cell.strip() for cell in random.choice(pool["paired"]).split("|"))
        return words, parts
    if style == "joint":
        both = random.random() < 0.25
        side = form(random, "both sides" if both else "sides")
        words = form(random, "sided", side=side, part=random.choice(pool["joints" if both else "joint"]))
    elif style == "limbs":
        words = form(random, "limbs")
    elif style == "level":
        side = form(random, "both sides" if random.random() < 0.3 else "sides") + " " if random.random() < 0.6 else ""
        words = side + random.choice(pool["level"])
    else:
        words = random.choice(pool[style])
    return words, [words]
