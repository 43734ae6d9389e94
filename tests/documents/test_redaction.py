"""Redaction: what is masked, what only looks like it, and that every character keeps its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imrllm.documents import fold, redacted

WRITTEN = Path(__file__).parents[2] / "evals"

MASKED = [
    ("SSN 123-45-6789.", "SSN XXX-XX-XXXX.", "a Social Security number by its hyphens"),
    ("of 123-45-6789, born", "of XXX-XX-XXXX, born", "without a label too"),
    ("123\u201345\u20116789", "XXX\u2013XX\u2011XXXX", "with other hyphens, which stay"),
    ("SSN: 123456789", "SSN: XXXXXXXXX", "without hyphens by its label"),
    ("Social Security No. 123 45 6789", "Social Security No. XXX XX XXXX", "the label in full"),
    ("SS# ***-**-6789", "SS# ***-**-XXXX", "what is left of one"),
    ("call 415-555-0132 today", "call XXX-XXX-XXXX today", "a phone number"),
    ("(415) 555-0132", "(XXX) XXX-XXXX", "its area in brackets"),
    ("415.555.0132, 1-415-555-0132", "XXX.XXX.XXXX, X-XXX-XXX-XXXX", "with dots; with the country's 1"),
    ("+1 415 555 0132", "+X XXX XXX XXXX", "as abroad"),
    ("Phone: 4155550132", "Phone: XXXXXXXXXX", "without any sign by its label"),
    ("Fax No. 555-0132", "Fax No. XXX-XXXX", "without its area by its label"),
    ("to jo.o'neil+x@mail.clinic.example.", "to XX.X'XXXX+X@XXXX.XXXXXX.XXXXXXX.", "an e-mail address"),
    ("Claim #: 0123-456-789", "Claim #: XXXX-XXX-XXX", "a claim number"),
    ("Claim No. WC 2015/123 of", "Claim No. XX XXXX/XXX of", "with letters before it"),
    ("Claim Number is ABC12345-001 (", "Claim Number is XXXXXXXX-XXX (", "in a sentence"),
    ("claim no 0123 4567 890,", "claim no XXXX XXXX XXX,", "in groups"),
    ("the claim 00123456 was", "the claim XXXXXXXX was", "after the bare word, where it is long"),
    ("CLAIM#12345.Norco 10/325mg", "CLAIM#XXXXX.Norco 10/325mg", "glued to the next sentence"),
    ("Claim # 12-34-5678", "Claim # XX-XX-XXXX", "no date: there is no month 12 with a day 34"),
    ("MRN 778812", "MRN XXXXXX", "a medical record number"),
    ("MRN: A-778812; MR#55", "MRN: X-XXXXXX; MR#XX", "with a letter; the short label"),
    ("Medical Record Number 77 ", "Medical Record Number XX ", "the label in full"),
    ("chart # 88-1", "chart # XX-X", "the chart's"),
    ("Claim # 12345 325 mg of", "Claim # XXXXX 325 mg of", "a strength after it stays"),
    ("Claim # 12345 Norco 10/325mg #60", "Claim # XXXXX Norco 10/325mg #60", "a request after it stays"),
]
KEPT = [
    ("Case Number: CM16-0213037", "an IMR case number"),
    ("Claim Number: CM16-0213037", "even behind another label"),
    ("Claim # CM 16 - 0213037", "with spaces"),
    ("Date of Injury: 03/01/2016 12-20-2016 2016-03-01", "dates"),
    ("Claim No. 3/1/2016; claim number 2016-03-01; phone 12-20-2016; MRN 3-1-16", "dates behind labels"),
    ("Norco 10/325mg #60 with 2 refills", "a strength and a quantity"),
    ("Percocet 10-325 mg #120-180", "with hyphens"),
    ("Page(s): 78, 80-82, 100 123 2009", "pages"),
    ("8 CCR 9792.24.2 and 9792.20-9792.23", "paragraphs of a regulation"),
    ("NDC 0093-0058-01, 12345-678-9012", "codes of drugs"),
    ("CPT 97110, ICD 724.4, L4-5 and C5-6", "codes and levels"),
    ("he claims no 30% relief; the claim 2015", "words that are no label, a year"),
    ("The claims administrator 12345678 denied", "nor the administrator"),
    ("MRI #2, 2 x 6 sessions, 3 times 4 weeks", "counts"),
    ("social security disability 2009", "a benefit and its year"),
    ("@ 20 mg @ bedtime", "signs"),
]


@pytest.mark.parametrize(("text", "masked", "reason"), MASKED, ids=[reason for *_, reason in MASKED])
def test_masked(text: str, masked: str, reason: str) -> None:
    assert redacted(text) == masked, reason


@pytest.mark.parametrize(("text", "reason"), KEPT, ids=[reason for _, reason in KEPT])
def test_kept(text: str, reason: str) -> None:
    assert redacted(text) == text, reason


@given(st.lists(st.sampled_from([text for text, *_ in (*MASKED, *KEPT)] + list(" .-#:1aX"))).map("".join) | st.text())
def test_each_character_keeps_its_place(text: str) -> None:
    masked = redacted(text)
    assert len(masked) == len(text)
    assert all(after in (before, "X") for before, after in zip(text, masked, strict=True))


@pytest.mark.parametrize("file", sorted(WRITTEN.glob("*/letters/*.txt")), ids=lambda file: file.stem)
def test_nothing_of_a_letter_without_identifiers(file: Path) -> None:
    text = fold(file.read_text(encoding="utf-8")).printed
    assert redacted(text) == text
