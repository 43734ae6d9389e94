"""Changes in rationales: the conclusion in other words, or a rationale written anew, whose grounds are known."""

from __future__ import annotations

import re
from random import Random

from imrllm.evals.variants.draft import Draft
from imrllm.evals.variants.kinds import kind
from imrllm.evals.variants.pools import read_pool


@kind("conclusions")
def conclude_otherwise(draft: Draft, random: Random) -> bool:
    """Write a rationale anew, with a conclusion in the words of another reviewer; now and then against the heading."""
    chosen = draft.untouched_item(random, "rationale")
    if chosen is None or chosen[1].rationale is None or chosen[2]["original_request"]:
        return False
    index, _, item = chosen
    necessary = item["decision"] == "overturned"
    write_anew(draft, random, index, necessary if random.random() < 0.97 else not necessary)
    return True


def write_anew(draft: Draft, random: Random, index: int, necessary: bool | None = None) -> None:
    """Print another rationale for an item; its conclusion is the heading's unless another is given."""
    found = {each: part for each, part, _ in draft.items}
    if index not in found or (span := found[index].rationale) is None:
        return
    item = draft.gold["disputed_items"][index]
    necessary = item["decision"] == "overturned" if necessary is None else necessary
    words = read_pool("wordings.txt")
    name = item["treatment"] or "treatment"
    reasons = [line.partition(" | ") for line in words["reasons for" if necessary else "reasons against"]]
    picked = random.sample(reasons, random.choice((1, 1, 2)))
    conclusion = random.choice(words["necessary" if necessary else "not necessary"])
    sentences = [random.choice(words["openings"]), *(reason for _, _, reason in picked), conclusion]
    if random.random() < 0.15:
        sentences = [sentences[0], conclusion, *sentences[1:-1]]
    draft.put(span, " ".join(sentences).replace("{treatment}", name))
    draft.touched.add(f"{index} rationale")
    draft.set(f"/disputed_items/{index}/medically_necessary", necessary)
    draft.set(f"/disputed_items/{index}/grounds", list(dict.fromkeys(ground for ground, _, _ in picked)))


def rename(draft: Draft, index: int, old: str, new: str) -> None:
    """Print another name wherever an item's rationale has the old one."""
    found = {each: part for each, part, _ in draft.items}
    if index not in found or (span := found[index].rationale) is None:
        return
    text = draft.printed(span)
    renamed = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, text, flags=re.IGNORECASE)
    if renamed != text:
        draft.put(span, renamed)
