"""Strengths, refills, directions and ingredients of medication requests."""

from __future__ import annotations

import pytest

from imrllm.grammar.request.medications import (
    directed_unit,
    read_directions,
    read_ingredients,
    read_refills,
    read_strengths,
)
from imrllm.grammar.request.request import read_request
from tests.grammar.folded import part, values

CREAM = "Flurbiprofen 20%/Baclofen 2%/Cyclobenzaprine 2%/Gabapentin 6%/Lidocaine 5%"


@pytest.mark.parametrize(
    ("text", "strengths", "reason"),
    [
        ("Norco 5/325mg", ("5 mg", "325 mg"), "a unit after a slash list is shared"),
        ("Norco 10/325 mg", ("10 mg", "325 mg"), "with a space"),
        ("Norco 5-325mg", ("5 mg", "325 mg"), "a hyphen lists too"),
        ("Norco 7.5-325mg", ("7.5 mg", "325 mg"), "decimals"),
        ("Norco 5 mg/325 mg", ("5 mg", "325 mg"), "each with its unit"),
        ("Gabapentin 300mg/g", ("300 mg/g",), "a concentration is one strength"),
        ("Morphine 10mg/ml", ("10 mg/ml",), "dissolved"),
        ("Fentanyl 25 mcg/hr", ("25 mcg/hr",), "per hour"),
        ("Capsaicin 0.025%", ("0.025 %",), "a share"),
        ("Flector 1.3 %", ("1.3 %",), "a share with a space"),
        ("Lidocaine 5 percent", ("5 %",), "a share in words"),
        ("Risperidone .5 mg", ("0.5 mg",), "no nought before the point"),
        ("Metformin 1,000 mg", ("1000 mg",), "a comma between thousands"),
        ("Naproxen 550 milligrams", ("550 mg",), "the unit written out"),
        (CREAM, ("20 %", "2 %", "2 %", "6 %", "5 %"), "five ingredients in printed order"),
        ("Ketoprofen10%/Lidocaine5%", ("10 %", "5 %"), "no space between the name and its share"),
        ("Voltaren gel 120 grams", (), "a weight is an amount"),
        ("cream 500ml", (), "a volume is an amount"),
        ("Norco #60", (), "a count is none"),
        ("Norco 10/325", (), "no unit is printed"),
        ("case 5-325-60mg5", (), "a code is none"),
    ],
)
def test_strengths(text: str, strengths: tuple[str, ...], reason: str) -> None:
    assert values(read_strengths(part(text))) == strengths, reason


@pytest.mark.parametrize("text", ["Norco 10/325mg", "Metformin 1,000 mg", "Risperidone .5 mg", "Advil 200mg #60"])
def test_no_strength_is_part_of_a_number(text: str) -> None:
    for reading in read_strengths(part(text)):
        start, end = reading.span
        assert not text[start - 1].isdigit()
        assert not text[end : end + 1].isdigit()


@pytest.mark.parametrize(
    ("text", "refills", "reason"),
    [
        ("with 3 refills", 3, "with"),
        ("with (3) refills", 3, "in brackets"),
        ("with three (3) refills", 3, "words and figures"),
        ("plus one refill", 1, "one"),
        ("plus refill", 1, "a refill without a number is one"),
        ("with a refill", 1, "an article"),
        ("no refills", 0, "none"),
        ("without refills", 0, "none in other words"),
        ("0 refills", 0, "nought"),
        ("refills: none", 0, "a label that says none"),
        ("Refills: 3", 3, "a label"),
        ("Refills 3", 3, "a label without a colon"),
        ("refill x 1", 1, "times"),
        ("x 2 refills", 2, "times before"),
        ("90 refills 2", 2, "a label behind the amount"),
        ("times 2 refills", 2, "times in words"),
        ("RF x2", 2, "abbreviated, times"),
        ("RF: 2", 2, "abbreviated, a label"),
        ("3RF", 3, "abbreviated after its number"),
        ("two additional refills", 2, "additional"),
        ("", None, "none stated"),
    ],
)
@pytest.mark.parametrize("amount", ["#90", "# 90", "Qty: 90", "x 90"])
def test_refills_beside_any_amount(amount: str, text: str, refills: int | None, reason: str) -> None:
    fields = read_request(part(f"Ibuprofen 800mg {amount}, {text}"))
    assert values(fields.refills) == refills, reason
    assert values(fields.quantity) == 90, reason
    assert values(fields.treatment) == "Ibuprofen", reason


@pytest.mark.parametrize("label", ["Refills: 3", "Refills 3", "RF: 3", "refill x 3", "RF x3"])
@pytest.mark.parametrize("amount", ["#90", "# 90", "Qty 90", "Qty: 90"])
def test_no_amount_before_a_label_is_its_refills(amount: str, label: str) -> None:
    fields = read_request(part(f"Ibuprofen 800mg {amount} {label}"))
    assert (values(fields.quantity), values(fields.refills)) == (90, 3)


def test_refills_of_something() -> None:
    fields = read_request(part("Three refills of Voltaren 75mg #60"))
    assert values(fields.refills) == 3
    assert values(fields.quantity) == 60
    assert values(fields.treatment) == "Voltaren"


def test_refills_are_read_alone() -> None:
    assert values(read_refills(part("plus one refill"))) == 1
    assert read_refills(part("refillable")) is None


@pytest.mark.parametrize(
    ("text", "directions", "reason"),
    [
        ("Ambien 10mg QHS #30", "QHS", "a code"),
        ("Botox 155 units every 12 weeks", "every 12 weeks", "weeks between doses"),
        ("Soma one (1) PO Q8H PRN #60", "one (1) PO Q8H PRN", "a number said twice"),
        ("Prilosec 20mg 1 QD-BID #60", "1 QD-BID", "a range of times"),
        ("Ambien 10mg every night", "every night", "words"),
        ("Ambien 10mg at bedtime", "at bedtime", "a time of day"),
        ("Norco one tablet Q8 hours PRN #90", "one tablet Q8 hours PRN", "dose, interval and need"),
        ("Norco 1 PO q4-6h prn pain #90", "1 PO q4-6h prn pain", "what it is needed for"),
        (
            "Norco one tab by mouth every 4-6 hours as needed for pain",
            "one tab by mouth every 4-6 hours as needed for pain",
            "all in words",
        ),
        ("Omeprazole 20mg BID", "BID", "twice a day"),
        ("Omeprazole 20mg b.i.d.", "b.i.d", "with full stops; the last is surrounding punctuation"),
        ("Ibuprofen take 1 tab by mouth three times a day", "take 1 tab by mouth three times a day", "take"),
        ("Lidoderm 12 hours on 12 hours off", "12 hours on 12 hours off", "on and off"),
        ("Lidoderm 12 hours on/12 hours off", "12 hours on/12 hours off", "on and off with a slash"),
        ("Norco 10/325mg #60", None, "none stated"),
    ],
)
def test_directions(text: str, directions: str | None, reason: str) -> None:
    assert values(read_directions(part(text))) == directions, reason


@pytest.mark.parametrize(
    ("directions", "unit"),
    [("one tablet Q8 hours", "tablet"), ("1 tab daily", "tablet"), ("2 caps BID", "capsule"), ("QHS", None)],
)
def test_unit_of_directions(directions: str, unit: str | None) -> None:
    assert directed_unit(directions) == unit


@pytest.mark.parametrize(
    ("text", "ingredients", "reason"),
    [
        ("norco", ("hydrocodone", "acetaminophen"), "a brand of two"),
        ("Percocet", ("oxycodone", "acetaminophen"), "another"),
        ("Gabapentin 300mg", ("gabapentin",), "a generic is its own"),
        ("Lorezepam - Ativan", ("lorazepam",), "misspelt, and its brand: once"),
        ("Zanaflex (tizanidine)", ("tizanidine",), "brand and generic: once"),
        ("Hydrocodone/APAP 10/325mg", ("hydrocodone", "acetaminophen"), "an abbreviation"),
        ("Hydrocodone-Acetaminophen", ("hydrocodone", "acetaminophen"), "joined by a hyphen"),
        ("Senokot-S", ("sennosides", "docusate"), "a hyphen of the name's own"),
        ("Tylenol #3", ("acetaminophen", "codeine"), "the number is part of the name"),
        ("Tylenol No. 3", ("acetaminophen", "codeine"), "the number written otherwise"),
        ("Tylenol #30", ("acetaminophen",), "a count is not"),
        ("Ultram ER 150mg", ("tramadol",), "release words"),
        ("Bupropion HCL", ("bupropion",), "salt words"),
        ("Cyclobenzoprine", ("cyclobenzaprine",), "one slip"),
        ("Omeprozole", ("omeprazole",), "another"),
        (CREAM, ("flurbiprofen", "baclofen", "cyclobenzaprine", "gabapentin", "lidocaine"), "all of a mixture"),
        ("Flector patch", ("diclofenac",), "a brand of one"),
        ("physical therapy", (), "no drug"),
        ("ability to walk, ambient temperature", (), "words one slip from a brand are no drugs"),
        ("systolic pressure, singular event", (), "more of them"),
        ("heat therapy and relaxation", (), "ordinary words"),
        ("weight loss program, cortisone shot", (), "words one slip from Prograf and Cortizone"),
        ("AneCream 4%", ("lidocaine",), "a cream's brand"),
        ("Salonpas pad", ("camphor", "menthol", "methyl salicylate"), "a product of a brand with several"),
        ("Salonpas lidocaine patch", ("lidocaine",), "another"),
        ("Icy Hot patch", ("menthol",), "a patch that holds less than the cream"),
        ("Hyzaar", ("losartan", "hydrochlorothiazide"), "two for the heart"),
        ("Trelegy Ellipta", ("fluticasone", "umeclidinium", "vilanterol"), "three to inhale"),
        ("Reyvow", ("lasmiditan",), "for migraine"),
        (
            "Terocin patches (Lidocaine 4%/Menthol 4%)",
            ("lidocaine", "menthol"),
            "what is printed of a product goes before its label",
        ),
        ("Norco (hydrocodone/acetaminophen)", ("hydrocodone", "acetaminophen"), "all of it is printed"),
        ("Norco (for pain)", ("hydrocodone", "acetaminophen"), "a bracket that names no drug"),
    ],
)
def test_ingredients(text: str, ingredients: tuple[str, ...], reason: str) -> None:
    assert values(read_ingredients(part(text))) == ingredients, reason
