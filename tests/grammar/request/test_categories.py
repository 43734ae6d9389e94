"""The request category (record.md's list, DWC's request categories, and the Rulings' edge cases)."""

from __future__ import annotations

from typing import get_args

import pytest

from imrllm.grammar.request.request import read_request
from imrllm.records import Category
from tests.grammar.folded import part, values

ROWS = [
    ("Norco 10/325mg #60", "medication", "a drug"),
    ("Flector patch 1.3% #30", "medication", "one commercial topical"),
    ("Lidoderm 5% patch #30", "medication", "another"),
    ("Voltaren gel 1% 100 grams", "medication", "and by weight"),
    ("Post-op Percocet 5/325mg #40", "medication", "post-op drugs are medication"),
    ("Ketoprofen 10%/Cyclobenzaprine 3%/Lidocaine 5% 120gm", "topical_compound", "an office-made mixture"),
    ("Ketoprofen/Cyclobenzaprine/Lidocaine 120 gm", "topical_compound", "without its shares"),
    ("Compound cream 120 grams", "topical_compound", "named as one"),
    ("Terocin patches (Lidocaine 4%/Menthol 4%) #30", "medication", "one product whatever it holds"),
    ("FluriFlex 240gm", "topical_compound", "a pharmacy's own mixture"),
    ("Gabadone #60", "medication", "a medical food: DWC lists nutritional products under pharmaceuticals"),
    ("MRI of the right shoulder", "imaging", "MRI"),
    ("X-ray of the left foot", "imaging", "X-ray"),
    ("CT scan of the head", "imaging", "CT"),
    ("EMG/NCV of the bilateral upper extremities", "electrodiagnostic", "EMG"),
    ("Electro-diagnostic study", "electrodiagnostic", "with the hyphen of a line's end"),
    ("Urine drug screen", "laboratory", "a screen is no drug"),
    ("CBC", "laboratory", "a blood count"),
    ("Sleep study", "other_diagnostic", "a study that is none of these"),
    ("Echocardiogram", "other_diagnostic", "another"),
    ("Physical therapy 12 visits", "physical_therapy", "physical therapy"),
    ("Occupational therapy 8 sessions, right hand", "physical_therapy", "DWC: PT/OT"),
    ("Post-op physical therapy 12 visits", "physical_therapy", "post-op care is no adjunct unless marked"),
    ("Chiropractic treatment 6 sessions", "chiropractic", "chiropractic"),
    ("Acupuncture 6 visits", "acupuncture", "acupuncture"),
    ("Ultrasound therapy 6 sessions", "other_therapy", "a modality given by a therapist"),
    ("Infrared therapy", "other_therapy", "another"),
    ("Ultrasound of the abdomen", "imaging", "a study of a part"),
    ("Botox 155 units for migraine", "injection", "what is always injected"),
    ("Home exercise program instruction", "physical_therapy", "an exercise program is therapy"),
    ("L4-5 fusion with assistant surgeon", "surgery", "an operation with its assistant"),
    ("Dermatologist", "consultation", "a specialist alone"),
    ("Pain psychology evaluation", "psychological", "a psychologist's evaluation"),
    ("Nutritional counseling", "consultation", "counsel of another kind"),
    ("Group therapy 10 sessions", "psychological", "psychotherapy in a group"),
    ("Massage chair", "equipment", "a chair"),
    ("Sleep study consultation", "consultation", "what is consulted on does not count"),
    ("Hot packs", "equipment", "packs"),
    ("Lumbar corset", "equipment", "a corset"),
    ("Aqua relief system", "equipment", "a system, whatever it is called after"),
    ("Flu vaccine", "injection", "a vaccine"),
    ("Ice therapy", "other_therapy", "a modality"),
    ("Raised toilet seat", "equipment", "an aid named for its shape"),
    ("Cardio-respiratory testing", "other_diagnostic", "a test that no term knows"),
    ("Copies of the MRI", "other", "copies"),
    ("Myofascial release 6 sessions", "other_therapy", "a release that is no surgery"),
    ("Electrical stimulation 6 sessions", "other_therapy", "given in sessions"),
    ("Traction 6 sessions", "other_therapy", "given in sessions"),
    ("Massage therapy 6 visits", "other_therapy", "massage"),
    ("Electrical stimulation unit", "equipment", "a device"),
    ("Cervical traction unit purchase", "equipment", "a device bought"),
    ("TENS unit rental, 30 days", "equipment", "a device rented"),
    ("Left knee brace", "equipment", "a brace"),
    ("Wheelchair", "equipment", "a chair"),
    ("Cold therapy unit rental for 7 days", "equipment", "therapy by name only"),
    ("Lumbar epidural steroid injection L5-S1", "injection", "an injection"),
    ("Right L4-L5 medial branch block", "injection", "a block"),
    ("Kenalog injection, left shoulder", "injection", "of a named drug"),
    ("Right shoulder arthroscopy", "surgery", "surgery"),
    ("Right carpal tunnel release", "surgery", "a release"),
    ("L4-5 and L5-S1 fusion", "surgery", "a fusion"),
    ("Associated surgical service: Physical therapy 12 visits", "surgical_adjunct", "marked, whatever it is"),
    ("Associated surgical service: Cold therapy unit", "surgical_adjunct", "marked, a device"),
    ("Pre-op clearance", "surgical_adjunct", "clearance"),
    ("Preoperative EKG", "surgical_adjunct", "a pre-op test"),
    ("Assistant surgeon", "surgical_adjunct", "an assistant"),
    ("Orthopedic consultation", "consultation", "a consultation"),
    ("Hip specialist referral", "consultation", "a referral"),
    ("Functional capacity evaluation", "consultation", "named by record.md"),
    ("Cognitive behavioral therapy 6 sessions", "psychological", "a psychotherapy"),
    ("Psychotherapy 12 sessions", "psychological", "another"),
    ("Home health aide 4 hours a day", "home_health", "home health"),
    ("Home nurse visits", "home_health", "nurse visits are home health"),
    ("Functional restoration program, 10 days", "program", "a program"),
    ("Inpatient detoxification program", "program", "detox"),
    ("Transportation to and from appointments", "transportation", "transportation"),
    ("Epidural steroid injection under fluoroscopy", "injection", "what guides the needle is not asked for"),
    ("Cortisone injection with ultrasound guidance", "injection", "nor is ultrasound"),
    ("Manipulation under anesthesia", "surgery", "under anesthesia is what it is"),
    ("ACDF C5-C6", "surgery", "a fusion by its initials"),
    ("Vitamin D level", "laboratory", "a level is a test"),
    ("Right L4-L5 TFESI", "injection", "by its initials"),
    ("Pharmacy purchase of Norco 10/325mg", "medication", "a drug is bought, too"),
    ("Liver function test", "laboratory", "an organ's test"),
    ("Physician assistant", "surgical_adjunct", "an assistant"),
    ("Shoulder immobilizer", "equipment", "worn"),
    ("Psychological evaluation with testing", "psychological", "DWC: psych services, evaluation and management"),
    ("2 day length of stay", "surgical_adjunct", "a stay after surgery"),
    ("Partial hospitalization day treatment", "program", "a level of care"),
    ("Intensive outpatient program, 3 times per week", "program", "another"),
    ("Skilled nursing facility admission", "program", "a stay, not visits at home"),
    ("Glucose test strips #100", "equipment", "supplies, not a test"),
    ("Home exercise kit", "equipment", "a kit, not the exercise"),
    ("Percutaneous neurostimulator 4 treatments", "equipment", "a device unless its stimulation is named"),
]


@pytest.mark.parametrize(("request_text", "category", "reason"), ROWS)
def test_category(request_text: str, category: str, reason: str) -> None:
    assert values(read_request(part(request_text)).category) == category, reason


def test_every_category_has_a_row() -> None:
    assert {category for _, category, _ in ROWS} == set(get_args(Category))


def test_what_the_lexicon_does_not_know_has_none() -> None:
    assert read_request(part("Something of another kind")).category is None


@pytest.mark.parametrize(
    ("request_text", "ingredients", "strengths", "reason"),
    [
        ("Kenalog injection 40mg, left shoulder", ("triamcinolone",), ("40 mg",), "injections of a named drug"),
        ("Ketoprofen 10%/Lidocaine 5% cream", ("ketoprofen", "lidocaine"), ("10 %", "5 %"), "topical compounds"),
        ("Physical therapy 12 visits", (), (), "empty for all else"),
        ("Urine drug screen for norco", (), (), "a drug that is tested for is not given"),
    ],
)
def test_drugs_by_category(
    request_text: str, ingredients: tuple[str, ...], strengths: tuple[str, ...], reason: str
) -> None:
    fields = read_request(part(request_text))
    assert values(fields.ingredients) == ingredients, reason
    assert values(fields.strengths) == strengths, reason
