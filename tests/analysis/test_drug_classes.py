"""Drug classes: every ingredient of the drug table has one, and an item's form counts."""

from __future__ import annotations

from typing import Any

import pytest

from imrllm.analysis.drug_classes import class_names, drug_classes, ingredient_classes, is_opioid
from imrllm.grammar.request.medications import drug_names
from imrllm.records import DisputedItem
from tests.export.made import item


def test_every_ingredient_of_the_drug_table_has_one_class() -> None:
    known = {ingredient for ingredients in drug_names().values() for ingredient in ingredients}
    assert len(known) > 500
    assert set(ingredient_classes()) == known


def test_an_ingredient_stands_once_in_the_table() -> None:
    from imrllm.analysis.drug_classes import _entries

    names = [name.removeprefix("+") for name, _ in _entries()]
    assert len(names) == len(set(names))


def test_the_classes_have_the_names_of_the_design() -> None:
    assert {
        "opioids",
        "NSAID",
        "muscle relaxant",
        "anti-epilepsy drugs",
        "antidepressant",
        "benzodiazepines",
        "sedative-hypnotics",
        "proton pump inhibitors",
        "topical analgesics",
        "topical compounds",
    } <= set(class_names())


def drug(treatment: str, *ingredients: str, category: str | None = "medication", **given: Any) -> DisputedItem:
    return item(**{"treatment": treatment, "request": treatment, "category": category} | given, ingredients=ingredients)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # Acetaminophen is a companion of hydrocodone, and counts alone.
        (drug("Norco", "hydrocodone", "acetaminophen"), ("opioids",)),
        (drug("Tylenol", "acetaminophen"), ("misc analgesics",)),
        # Two companions and nothing else.
        (drug("Tylenol and Narcan", "acetaminophen", "naloxone"), ("misc analgesics", "opioid antagonist")),
        # Two drugs in one item: an item is counted in each class.
        (drug("Naproxen and Prilosec", "naproxen", "omeprazole"), ("NSAID", "proton pump inhibitors")),
        # Printed order, each once.
        (
            drug("Prilosec, Protonix and Motrin", "omeprazole", "pantoprazole", "ibuprofen"),
            ("proton pump inhibitors", "NSAID"),
        ),
        # Swallowed or on the skin.
        (drug("Diclofenac 75 mg", "diclofenac"), ("NSAID",)),
        (drug("Diclofenac gel", "diclofenac"), ("topical analgesics",)),
        (drug("Flector", "diclofenac"), ("topical analgesics",)),
        (drug("Advil liquid gels", "ibuprofen"), ("NSAID",)),
        (drug("Advil gel caps", "ibuprofen"), ("NSAID",)),
        # A form to swallow in the same item: what the form is of is not known, so the table has the word.
        (drug("Ibuprofen tablets and lidocaine patch", "ibuprofen", "lidocaine"), ("NSAID", "topical analgesics")),
        # The request's words count where the treatment is a bare name.
        (drug("Voltaren", "diclofenac", request="Voltaren 1% topical, 100 gm"), ("topical analgesics",)),
        # A manufactured product for the skin, and a mixture that no manufacturer has.
        (drug("Terocin patch", "lidocaine", "menthol"), ("topical analgesics",)),
        (drug("Gabapentin/lidocaine cream", "gabapentin", "lidocaine"), ("topical compounds",)),
        (drug("Compound", category="topical_compound"), ("topical compounds",)),
        (drug("Flurbiprofen 20%", "flurbiprofen", category="topical_compound"), ("topical compounds",)),
        # Through the skin into the blood, or for the skin itself: no pain reliever of the skin.
        (drug("Fentanyl patch", "fentanyl"), ("opioids",)),
        (drug("Hydrocortisone cream", "hydrocortisone"), ("adrenal cortical steroids",)),
        (drug("Testosterone gel", "testosterone"), ("androgens & anabolic steroids",)),
        # Injected.
        (drug("Trigger point injection with lidocaine", "lidocaine", category="injection"), ("injection",)),
        (drug("Synvisc injection", "hylan g-f 20", category="injection"), ("viscosupplementation",)),
        # A model may answer a brand or a salt.
        (drug("Anaprox", "Naproxen Sodium"), ("NSAID",)),
        (drug("Norco", "norco"), ("opioids",)),
        (drug("Xyzzyl", "xyzzyl"), ()),
        (drug("Physical therapy", category="physical_therapy"), ()),
    ],
    ids=lambda given: given.request if isinstance(given, DisputedItem) else None,
)
def test_classes(given: DisputedItem, expected: tuple[str, ...]) -> None:
    assert drug_classes(given) == expected
    assert set(expected) <= set(class_names())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (drug("Norco", "hydrocodone", "acetaminophen"), True),
        (drug("Tramadol cream", "tramadol", category="topical_compound"), True),
        (drug("Naproxen", "naproxen"), False),
        (drug("Physical therapy", category="physical_therapy"), False),
        # Not known: no ingredient, or one that no table has.
        (drug("Pain medication"), None),
        (drug("Compound", category="topical_compound"), None),
        (drug("Xyzzyl", "xyzzyl"), None),
        (drug("Something", category=None), None),
        # An opioid is one beside whatever else.
        (drug("Xyzzyl and Norco", "xyzzyl", "hydrocodone"), True),
    ],
)
def test_opioids(given: DisputedItem, expected: bool | None) -> None:
    assert is_opioid(given) is expected
