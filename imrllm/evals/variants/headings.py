"""Changes in the headings of disputed items."""

from __future__ import annotations

import re
from random import Random
from typing import Any

from imrllm.evals.variants import rationales
from imrllm.evals.variants.draft import Draft
from imrllm.evals.variants.kinds import kind
from imrllm.evals.variants.pools import Treatment, read_pool, treatments
from imrllm.evals.variants.requests import BLANK, STYLES, compose, pick
from imrllm.evals.variants.spellings import misread, other_case, slip
from imrllm.letter import ItemParts

_FORMS = re.compile(
    r"\b(?:patch(?:es)?|gel|cream|ointment|lotion|solution|spray|tab(?:let)?s?|cap(?:sule)?s?)\b", re.IGNORECASE
)
_TEXTS = ("heading", "request", "original_request", "authorized", "treatment", "frequency", "duration")
# Punctuation around a text value is dropped.
_ENDS = " .,;:"
_SURGICAL = ("surgery", "surgical_adjunct")
# What would be a dependent item beside an operation.
_DEPENDENT = ("equipment", "brace", "test", "imaging", "visit", "service", "therapy", "counselling")
_OPERATIONS = ("surgery", "spine_surgery")


@kind("treatment names")
def name_another(draft: Draft, random: Random) -> bool:
    """Name another treatment of the same category where the name stands, in heading and rationale."""
    chosen = draft.untouched_item(random, "heading")
    if chosen is None:
        return False
    index, part, item = chosen
    name, style = item["treatment"], STYLES.get(item["category"])
    if not name or style is None or _FORMS.search(name) or item["heading"].lower().count(name.lower()) < 1:
        return False
    if item["category"] == "equipment" and item["body_parts"]:
        style = "brace"
    pool = [
        each
        for each in treatments()
        if each.category == item["category"]
        and each.style == style
        and (not item["strengths"] or [len(one) for one in each.strengths[:1]] == [len(item["strengths"])])
        and not _is_stated(each.name, name)
    ]
    if not pool:
        return False
    other = random.choice(pool)
    new = other_case(random, other.name)
    heading = _replaced(item["heading"], name, new)
    values = {
        field: _replaced(item[field], name, new)
        for field in ("request", "original_request", "authorized")
        if item[field]
    }
    _print_heading(draft, index, part, heading, {**values, "treatment": new, "ingredients": list(other.ingredients)})
    rationales.rename(draft, index, name, new)
    return True


@kind("requests")
def request_another(draft: Draft, random: Random) -> bool:
    """Ask for another treatment altogether, in the syntax of another clerk."""
    chosen = draft.untouched_item(random, "heading")
    if chosen is None:
        return False
    index, part, _ = chosen
    return _print_request(draft, random, index, part, *compose(random, _fitting(draft, random), draft.latest))


@kind("amounts")
def ask_for_another_amount(draft: Draft, random: Random) -> bool:
    """Ask for another amount of the same drug, course of the same therapy, or part of the body for the same test."""
    chosen = draft.untouched_item(random, "heading")
    if chosen is None:
        return False
    index, part, item = chosen
    name, style = item["treatment"], STYLES.get(item["category"])
    if not name or style is None or len(name) > 60 or item["category"] == "topical_compound":
        return False
    if style == "drug" and _FORMS.search(name):
        style = (
            "topical"
            if re.search(r"\b(?:patch(?:es)?|gel|cream|ointment|lotion|solution)$", name, re.IGNORECASE)
            else ""
        )
    if not style:
        return False
    if style == "counselling" and re.search(r"eval|test|consult", name, re.IGNORECASE):
        style = "test"
    strengths = (tuple(item["strengths"]),) if item["strengths"] else ()
    treatment = Treatment(name, item["category"], tuple(item["ingredients"]), strengths, style)
    return _print_request(draft, random, index, part, *compose(random, treatment, draft.latest))


@kind("partly authorized")
def authorize_a_part(draft: Draft, random: Random) -> bool:
    """Make of an item a partly authorized request: the remaining part alone fills the fields."""
    chosen = draft.untouched_item(random, "heading")
    if chosen is None or draft.is_sentence(chosen[1]):
        return False
    index, part, _ = chosen
    treatment = pick(random, ("drug", "therapy", "drug", "therapy", "counselling"))
    first, _ = compose(random, treatment)
    second, _ = compose(random, treatment)
    rest, values = compose(random, treatment)
    form = random.choice(read_pool("wordings.txt")["partly authorized"])
    # A whole request denied and one granted in part are worded apart: "{whole}" is then what was decided.
    if "{rest}" in form:
        extra = {"original_request": first, "authorized": second, "request": rest}
    else:
        extra = {"original_request": rest, "authorized": second, "request": rest}
        first = rest
    heading = form.format(whole=first, part=second, rest=rest)
    if any(each.rstrip().endswith((".", ",")) for each in (first, second, rest)):
        return False
    return _print_request(draft, random, index, part, heading, {**values, **extra})


@kind("asides in requests")
def add_an_aside(draft: Draft, random: Random) -> bool:
    """Add words to a heading that no field has."""
    chosen = draft.untouched_item(random, "heading")
    if chosen is None or chosen[2]["original_request"]:
        return False
    index, part, item = chosen
    aside = random.choice(read_pool("wordings.txt")["asides"])
    if draft.is_sentence(part) and "." in aside:
        return False
    heading = f"{item['heading']}{'' if aside.startswith(',') else ' '}{aside}"
    _print_heading(draft, index, part, heading, {"request": heading})
    return True


@kind("slips in requests")
def slip_in_a_request(draft: Draft, random: Random) -> bool:
    """Misspell a word of a heading, as a typist or a scan would; what is copied as printed is misspelt too."""
    chosen = draft.untouched_item(random, "heading")
    if chosen is None:
        return False
    index, part, item = chosen
    # The form's own words around a partly authorized request stay.
    words = re.findall(r"[A-Za-z]{4,}", item["request"])
    if not words:
        return False
    word = random.choice(words)
    new = random.choice((slip, slip, misread))(random, word)
    if new == word:
        return False

    def changed(text: str) -> str:
        return re.sub(rf"\b{word}\b", new, text)

    values: dict[str, Any] = {field: changed(item[field]) for field in _TEXTS[1:] if item[field]}
    values["body_parts"] = [changed(each) for each in item["body_parts"]]
    _print_heading(draft, index, part, changed(item["heading"]), values)
    return True


def _fitting(draft: Draft, random: Random) -> Treatment:
    """A treatment that makes no dependent item of another, nor becomes one."""
    categories = [item["category"] for item in draft.gold["disputed_items"]]
    while True:
        treatment = pick(random)
        if any(each in _SURGICAL for each in categories):
            if treatment.style not in (*_DEPENDENT, *_OPERATIONS):
                return treatment
        elif treatment.style not in _OPERATIONS or len(categories) == 1:
            return treatment


def _print_request(
    draft: Draft, random: Random, index: int, part: ItemParts, heading: str, values: dict[str, Any]
) -> bool:
    """Print a whole new request; a rationale that states the old one is written anew."""
    # In the sentences of 2013 a full stop ends the request.
    if draft.is_sentence(part) and re.search(r"\.(?!\d)", heading):
        return False
    if random.random() < 0.7:
        heading, values = _capitalized(heading), {name: _as_in(heading, value) for name, value in values.items()}
    old = draft.gold["disputed_items"][index]
    stated = {old["treatment"] or "", *re.findall(r"\d+", old["heading"])} - {""}
    everything = {"request": heading, "original_request": None, "authorized": None, **BLANK, **values}
    rationale = draft.printed(part.rationale).lower()
    _print_heading(draft, index, part, heading, everything)
    if any(re.search(rf"(?<!\w){re.escape(each.lower())}(?!\w)", rationale) for each in stated):
        rationales.write_anew(draft, random, index)
    return True


def _print_heading(draft: Draft, index: int, part: ItemParts, heading: str, values: dict[str, Any]) -> None:
    old = draft.gold["disputed_items"][index]["heading"]
    twice = draft.is_sentence(part)
    if part.heading:
        draft.put(part.heading, heading)
    if twice:
        # Letters of 2013 print a request again where they argue it.
        again = re.compile(r"(request\s?for\s)" + r"\s+".join(map(re.escape, old.split())) + r"(?=\s?(?::|\bis\b))")
        draft.reprint(again.sub(lambda found: found[1] + heading, draft.text))
    draft.set(f"/disputed_items/{index}/heading", heading.strip(_ENDS))
    # All fields of the request are read from the words that were printed anew.
    draft.changed.update(f"/disputed_items/{index}/{field}" for field in BLANK)
    for field, value in values.items():
        text = value.strip(_ENDS) if isinstance(value, str) and field in _TEXTS else value
        draft.set(f"/disputed_items/{index}/{field}", text)


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _as_in(heading: str, value: Any) -> Any:
    """A text that opens a heading, with a capital as the heading has it."""
    return _capitalized(value) if isinstance(value, str) and heading.startswith(value) else value


def _replaced(text: str, old: str, new: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, text, flags=re.IGNORECASE)


def _is_stated(one: str, other: str) -> bool:
    return one.lower() in other.lower() or other.lower() in one.lower()
