"""The treatment's name alone and its body parts (record.md and its Rulings: Treatment, Body parts)."""

from __future__ import annotations

import pytest

from imrllm.grammar.request.request import read_request
from tests.grammar.folded import part, values


@pytest.mark.parametrize(
    ("request_text", "treatment", "reason"),
    [
        ("MRI of the right shoulder", "MRI", "body part and side"),
        ("Physical therapy 12 visits for the lumbar spine", "Physical therapy", "count and body part"),
        ("Norco 10/325mg #60", "Norco", "strength and count"),
        ("Lorezepam - Ativan 1mg #30", "Lorezepam - Ativan", "brand with generic stays in full, as printed"),
        (
            "Right shoulder arthroscopy RCR (rotator cuff repair) and decompression",
            "arthroscopy RCR (rotator cuff repair) and decompression",
            "brackets of the name stay",
        ),
        ("Bupropion HCL 150mg #60", "Bupropion HCL", "salt words stay"),
        ("Ultram ER 150mg #30", "Ultram ER", "release words stay"),
        ("Voltaren gel 1% 100 grams", "Voltaren gel", "dosage forms stay"),
        ("Flector 1.3% transdermal patch #60", "Flector transdermal patch", "also after a strength that is cut out"),
        ("Orphenadrine Citrate 100mg ER tabs #60", "Orphenadrine Citrate ER tabs", "and tabs"),
        ("Tylenol #3 #60", "Tylenol #3", "a number that is the name's"),
        ("Shoulder Brace", "Brace", "a body part before it"),
        ("Left knee brace", "brace", "with its side"),
        ("Right carpal tunnel release", "carpal tunnel release", "a side goes wherever it stands"),
        ("Carpal tunnel release, left", "Carpal tunnel release", "also at the end"),
        ("Bilateral L3-S1 medial branch block", "medial branch block", "also before a level"),
        ("Trigger finger release, right ring finger", "Trigger finger release", "a part inside a procedure's name"),
        ("MRI lumbar spine with and without contrast", "MRI", "contrast"),
        ("MRI of the brain without contrast", "MRI", "contrast"),
        ("Pre-op clearance", "clearance", "Pre-op"),
        ("Preoperative EKG", "EKG", "Preoperative"),
        ("Post-op physical therapy 12 visits", "physical therapy", "Post-op"),
        ("Additional acupuncture 6 visits", "acupuncture", "Additional"),
        ("Continue Norco 10/325mg", "Norco", "Continue"),
        ("Retrospective Norco 10/325mg #60 (DOS: 11/11/2016)", "Norco", "Retrospective and its date"),
        ("Retrospective request for urine drug screen", "urine drug screen", "a request for"),
        ("Unknown prescription of Norco", "Norco", "Unknown"),
        ("Associated surgical service: Assistant surgeon", "Assistant surgeon", "the mark of a dependent item"),
        ("1 prescription of Norco 10/325mg #60", "Norco", "a count of prescriptions"),
        ("Twelve physical therapy visits", "physical therapy", "a written number and its noun"),
        ("Acupuncture two times a week for three weeks (6 visits)", "Acupuncture", "frequency and duration"),
        ("Acupuncture three (3) times per week for four (4) weeks", "Acupuncture", "numbers said twice"),
        ("TENS unit, 30 day trial", "TENS unit", "a trial's length"),
        ("Prospective usage of Flexeril 7.5mg #90", "Flexeril", "usage of"),
        ("Retro Tramadol 50mg #60", "Tramadol", "Retro"),
        ("Urine drug screen (retrospective DOS 10/1/2013)", "Urine drug screen", "Retrospective in brackets"),
        ("Post-op DME: knee brace", "brace", "the label of equipment"),
        ("One Lumbar Epidural Steroid Injection at L4-L5", "Epidural Steroid Injection", "a counted noun of the name"),
        ("Epidural injection at the left L5-S1 level", "Epidural injection", "a level with its word"),
        ("Three Supartz injections to the left knee", "Supartz injections", "in the plural as printed"),
        ("One injection of Toradol 60mg IM", "injection of Toradol", "the noun before what is injected"),
        ("30 Lidoderm patches", "Lidoderm patches", "dosage forms stay also where they are counted"),
        ("1 follow-up visit", "follow-up visit", "a visit that names the treatment"),
        ("Synvisc injection, right knee, series of 3", "Synvisc injection", "a series between commas"),
        ("MRI of the Lumbar Spine without contrast between 8/1/2014 and 9/30/2014", "MRI", "a time to do it in"),
        ("Orthopedic re-evaluation within 6 weeks", "Orthopedic re-evaluation", "the word before a cut"),
        (
            "Left shoulder arthroscopic decompression and distal clavicle excision",
            "arthroscopic decompression and distal clavicle excision",
            "a part inside a procedure's name",
        ),
        ("1) MRI of the left hip", "MRI", "the number of a list's entry"),
        ("Retrospective review of Naproxen 550mg", "Naproxen", "review of"),
        ("Pharmacy purchase of Norco 10/325mg #120", "Norco", "how it is bought"),
        ("DME rental: cold therapy unit for 7 days", "cold therapy unit", "equipment's label with how it is had"),
        ("Request for authorization for acupuncture 2x4", "acupuncture", "authorization for"),
        ("Unspecified physical therapy sessions", "physical therapy", "an amount that is not specified"),
        ("3 Tesla MRI of the left wrist", "MRI", "a field strength that opens the request"),
        ("X-ray of the right hand 3 views", "X-ray", "how many views"),
        ("Lidoderm 5% patch (700mg/patch) #30", "Lidoderm patch", "a form before what was cut out of brackets"),
        ("Left hip injection under ultrasound guidance", "injection under ultrasound guidance", "guidance adjoins"),
        ("Epidural injection at C5-6 under fluoroscopic guidance", "Epidural injection", "guidance stands apart"),
        ("Toradol 60mg IM injection", "Toradol injection", "a route before the form"),
        ("Initial trial of biofeedback, 4 sessions", "biofeedback", "a trial"),
        ("Follow-up visit in 6 weeks", "Follow-up visit", "a wait"),
        ("Suboxone 8/2mg film #60", "Suboxone film", "a form after strengths with a slash"),
        ("Trigger point injections, bilateral trapezius", "Trigger point injections", "a muscle"),
        ("two evaluations and eight sessions of physical therapy", "physical therapy", "two amounts before it"),
        ("MRI of the neck is", "MRI", "the trailing is of a heading"),
        (
            "Referral to a hand surgeon for evaluation",
            "Referral to a hand surgeon for evaluation",
            "a referral's own end",
        ),
        ("Referral to a dentist for treatment of TMJ", "Referral to a dentist for treatment", "but not what is seen"),
        ("Urology consult for evaluation", "Urology consult", "a purpose of what is no referral"),
        ("Batteries for H-wave device, purchase", "Batteries for H-wave device", "the device that supplies are for"),
        ("Electrodes for back pain", "Electrodes", "but no complaint"),
        (
            "Evaluation by a foot and ankle specialist",
            "Evaluation by a foot and ankle specialist",
            "who sees the worker",
        ),
        ("Norco 10/325mg by mouth", "Norco", "a route"),
        ("Psychological evaluation prior to surgery", "Psychological evaluation", "a time"),
        ("Norco dispensed in the office", "Norco", "how it was given"),
        ("Urine drug screen to monitor compliance", "Urine drug screen", "a goal"),
        ("Right carpal tunnel release, outpatient", "carpal tunnel release", "where it is done"),
        ("Toradol 60mg intramuscular injection", "Toradol injection", "a route in full"),
        ("Ketoprofen 15% Lidocaine 10% 150g", "Ketoprofen Lidocaine", "a list without its commas"),
        ("Pennsaid 2% solution, apply twice daily", "Pennsaid solution", "directions behind a comma"),
        ("Steroid injection, left hip, ultrasound guided", "Steroid injection", "guidance stands apart"),
        ("Functional restoration program, initial 2 weeks", "Functional restoration program", "what a cut leaves"),
        ("Trigger point injections, four", "Trigger point injections", "a count behind a comma"),
        ("Electrodes, 4 packs and batteries, 2", "Electrodes, and batteries", "also one that is not the request's"),
        ("Baclofen 2%/Lidocaine 5% in lipoderm base", "Baclofen/Lidocaine in lipoderm base", "any base"),
        (
            "Flurbiprofen 20%/Baclofen 2%/Lidocaine 5% 240 grams",
            "Flurbiprofen/Baclofen/Lidocaine",
            "shares are cut out of a mixture",
        ),
    ],
)
def test_treatment(request_text: str, treatment: str, reason: str) -> None:
    assert values(read_request(part(request_text)).treatment) == treatment, reason


@pytest.mark.parametrize(
    ("request_text", "body_parts", "reason"),
    [
        ("MRI of the right shoulder", ("right shoulder",), "as printed with laterality"),
        ("MRI of the lumbar spine", ("lumbar spine",), "a region of the spine"),
        ("Fusion L5-S1", ("L5-S1",), "a level"),
        ("Right L4-L5 epidural steroid injection", ("Right L4-L5",), "a level with its side"),
        ("MRI of the cervical and thoracic spine", ("cervical spine", "thoracic spine"), "a shared noun"),
        ("MRI of the neck, right shoulder and lumbar spine", ("neck", "right shoulder", "lumbar spine"), "a list"),
        ("X-ray of the bilateral knees", ("bilateral knees",), "both sides"),
        ("Right carpal tunnel release", (), "inside a procedure's name"),
        ("Left biceps tenodesis", (), "another"),
        ("Consultation with a hip specialist", (), "inside a specialist's name"),
        ("Evaluation by a foot and ankle specialist", (), "the first of two inside it"),
        ("Consultation with a knee orthopedist", (), "a specialist by another name"),
        ("Hand surgery consultation", (), "inside the name of a specialty"),
        ("Consultation with a hand surgeon, right wrist", ("right wrist",), "beside it"),
        ("Tennis elbow strap", (), "inside a complaint's name"),
        ("MRI of the cervical/lumbar spine", ("cervical/lumbar spine",), "a noun behind a slash"),
        ("Trigger finger release", (), "a finger that is the procedure's"),
        ("Norco 10/325mg", (), "none named"),
        (
            (
                "Cupping, right knee was the original request. Five of cupping was authorized by the Claims "
                "Administrator. The remaining IMR eligible portion of the original request, cupping is"
            ),
            (),
            "from the remaining request only",
        ),
    ],
)
def test_body_parts(request_text: str, body_parts: tuple[str, ...], reason: str) -> None:
    assert values(read_request(part(request_text)).body_parts) == body_parts, reason
