"""The drug classes of a disputed item, from its ingredients and its form: `drug_classes.txt`, `topical_words.txt`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from imrllm.grammar.request.medications import drug_names
from imrllm.normalization import normal_text
from imrllm.records import DisputedItem

OPIOIDS = "opioids"
TOPICAL, COMPOUND, INJECTION = "topical analgesics", "topical compounds", "injection"
# Classes of drugs that are pain relievers when they are applied to the skin. A steroid cream stays a steroid.
_RELIEVE_ON_SKIN = frozenset(
    {"NSAID", "muscle relaxant", "anti-epilepsy drugs", "antidepressant", "misc analgesics", TOPICAL}
)
_DRUGS = ("medication", "topical_compound")


@cache
def ingredient_classes() -> Mapping[str, str]:
    """The class of each ingredient that the grammar's drug table knows, by its name there."""
    return {name.removeprefix("+"): of for name, of in _entries()}


@cache
def class_names() -> tuple[str, ...]:
    """All drug classes, in the order of the table."""
    return tuple(dict.fromkeys((*ingredient_classes().values(), COMPOUND)))


def _entries() -> Iterator[tuple[str, str]]:
    """Each ingredient as the table writes it, with its class."""
    for line in (files("imrllm.analysis") / "drug_classes.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, ingredients = line.partition(":")
            for ingredient in ingredients.split(","):
                yield ingredient.strip(), name


@cache
def _table() -> tuple[Mapping[str, str], frozenset[str]]:
    """The class of each ingredient, and the companions, by normal names."""
    classes = {normal_text(name): of for name, of in ingredient_classes().items()}
    return classes, frozenset(normal_text(name) for name, _ in _entries() if name.startswith("+"))


@cache
def _products() -> Mapping[str, tuple[str, ...]]:
    """The ingredients of each name in the drug table of the grammar, by normal names."""
    return {normal_text(name): tuple(map(normal_text, generics)) for name, generics in drug_names().items()}


@cache
def _words(section: str) -> re.Pattern[str]:
    """The words of a section of `topical_words.txt` as one pattern."""
    found: dict[str, list[str]] = {}
    for line in (files("imrllm.analysis") / "topical_words.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            found[line.strip("[]")] = []
        elif line and not line.startswith("#"):
            found[next(reversed(found))].append(line)
    return re.compile(rf"(?<![a-z])(?:{'|'.join(found[section])})(?![a-z])")


def drug_classes(item: DisputedItem) -> tuple[str, ...]:
    """The drug classes of a disputed item, each once, in the printed order of the ingredients.

    The rule, after the drug classes of DWC's decision search:

    1. An item of category `topical_compound` is of the class topical compounds and of no other.
    2. Otherwise each ingredient has the class of the table. Companions, such as acetaminophen in Norco, count only if
       the item has no other ingredients.
    3. If the item's words name a form for the skin and no form to swallow, pain relievers (`_RELIEVE_ON_SKIN`) are
       topical: topical compounds if there are several and one is not a topical by the table, since no manufactured
       product is of that kind; else topical analgesics.
    4. In an item of category `injection`, topical analgesics, such as lidocaine, are of the class injection.

    Args:
        item: the disputed item.

    Returns:
        The classes; empty if no ingredient is known.
    """
    if item.category == "topical_compound":
        return (COMPOUND,)
    classes, companions = _table()
    known = [each for each in _ingredients(item) if each in classes]
    counted = [each for each in known if each not in companions] or known
    found = [classes[each] for each in counted]
    if item.category == "injection":
        found = [INJECTION if each == TOPICAL else each for each in found]
    elif _is_for_skin(item):
        relieving = [each for each in found if each in _RELIEVE_ON_SKIN]
        is_mixed = len(relieving) > 1 and any(each != TOPICAL for each in relieving)
        found = [(COMPOUND if is_mixed else TOPICAL) if each in _RELIEVE_ON_SKIN else each for each in found]
    return tuple(dict.fromkeys(found))


def is_opioid(item: DisputedItem) -> bool | None:
    """Whether a disputed item has an opioid among its ingredients.

    Args:
        item: the disputed item.

    Returns:
        True if the table has an ingredient under opioids, whatever the form. None if that cannot be said: an ingredient
        is not in the table, or the item is a drug, or of no category, and has no ingredients. Else False.
    """
    classes, _ = _table()
    ingredients = _ingredients(item)
    if any(classes.get(each) == OPIOIDS for each in ingredients):
        return True
    if any(each not in classes for each in ingredients):
        return None
    return None if not ingredients and (item.category is None or item.category in _DRUGS) else False


def _ingredients(item: DisputedItem) -> list[str]:
    """The ingredients by their names in the table. A model may answer a brand or a salt, which the drug table knows."""
    products, (classes, _) = _products(), _table()
    found: list[str] = []
    for ingredient in map(normal_text, item.ingredients):
        found += (ingredient,) if ingredient in classes else products.get(ingredient, (ingredient,))
    return list(dict.fromkeys(found))


def _is_for_skin(item: DisputedItem) -> bool:
    said = f"{item.treatment or ''} {item.request}".lower()
    return bool(_words("skin").search(said)) and not _words("swallowed").search(said)
