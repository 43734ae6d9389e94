"""What the case summary lists as treatment to date and current medications."""

from __future__ import annotations

import pytest

from imrllm.grammar.summary.treatments import read_treatments
from tests.grammar.folded import part, values


@pytest.mark.parametrize(
    ("text", "treatments", "reason"),
    [
        (
            "Treatment to date has included acupuncture, home exercise program.",
            ("acupuncture", "home exercise program"),
            "a list",
        ),
        (
            "Treatment to date: 6 sessions of physical therapy, Norco 10mg.",
            ("physical therapy", "Norco"),
            "no counts, no doses",
        ),
        ("Current medications include Norco and naproxen.", ("Norco", "naproxen"), "current medications count"),
        ("His medications were noted to include Norco 10 mg, and Soma.", ("Norco", "Soma"), "noted to include"),
        ("Past treatments were noted to consist of ice, and rest.", ("ice", "rest"), "noted to consist of"),
        ("The worker takes Norco and Soma.", ("Norco", "Soma"), "takes"),
        ("It hurts on the days she takes it.", (), "no drug's name"),
        ("and treatment to date (ice, acupuncture x6).", ("ice", "acupuncture"), "a list in brackets"),
        (
            "treatment to date (ice, and medications (including ongoing treatment with Norco, Soma and Lyrica)).",
            ("ice", "Norco", "Soma", "Lyrica"),
            "a kind with its instances in brackets",
        ),
        ("She underwent carpal tunnel release on 3/20/13.", ("carpal tunnel release",), "an operation"),
        ("She underwent an MRI of the spine on 3/20/13.", (), "a study"),
        ("Treatments included ice, medications, Norco.", ("ice", "Norco"), "no generic word beside a name"),
        ("Treatments included ice, medications.", ("ice", "medications"), "a generic word alone"),
        ("Treatment included lumbar fusion in 2009, ice.", ("lumbar fusion", "ice"), "no year"),
        ("Treatment: unspecified amounts of yoga; earlier surgery.", ("yoga", "surgery"), "no counts"),
        ("The plan of care included yoga.", (), "a plan of care"),
        ("a reduction of medications as a result of the program", (), "no list"),
        (
            "Thus far, the applicant has been treated with the following: acupuncture; and Norco.",
            ("acupuncture", "Norco"),
            "the following",
        ),
        (
            "Treatment and evaluation to date has included acupuncture and Norco.",
            ("acupuncture", "Norco"),
            "treatment and evaluation",
        ),
        ("He has been managed with splinting and Aleve.", ("splinting", "Aleve"), "managed with"),
        ("He has had no physical therapy.", (), "nothing is none"),
        ("The plan is acupuncture.", (), "a plan is none"),
        ("Treatments tried last year: ice, yoga.", ("ice", "yoga"), "words between name and verb"),
        ("Treatments tried in the past have been TENS and yoga.", ("TENS", "yoga"), "have been"),
        ("Care over six months has comprised rest and ice.", ("rest", "ice"), "how long"),
        ("Medications per the 3/3/15 note: Norco, Soma.", ("Norco", "Soma"), "whose list it is"),
        ("The treatment plan for May included yoga.", (), "a treatment plan"),
        ("The treatments requested include yoga.", (), "what is requested"),
        ("Treatment included yoga, requests for ice, and return to clinic in May.", (), "a list of what is to be done"),
        ("Surgical history: hip pinning in 2012.", ("hip pinning",), "operations before"),
        ("Treatment so far: ice, Medications include Norco.", ("ice", "Norco"), "a list that opens inside another"),
        ("Treatment: at least 6 yoga sessions, eight (8) PT visits.", ("yoga", "PT"), "counts before and after"),
        ("Treatment: 24 hour monitoring, three phase scan.", ("24 hour monitoring", "three phase scan"), "no counts"),
        (
            "Treatment: over-the-counter Aleve, Norco for pain, Soma at night.",
            ("Aleve", "Norco", "Soma"),
            "drugs alone",
        ),
        (
            "Treatment: a splint for support, yoga for the back.",
            ("splint", "yoga for the back"),
            "purposes, not places",
        ),
        ("Treatment: a belt that she bought, yoga which failed.", ("belt", "yoga"), "relative clauses"),
        ("Treatment: Norco, taken daily, and Soma, the last since May.", ("Norco", "Soma"), "comments on an entry"),
        ("Treatment: hip MRI on March 3, 2016, and yoga.", ("hip MRI", "yoga"), "the comma of a date"),
        (
            "Treatment: PT for the neck, back, and left hip, ice.",
            ("PT for the neck, back, and left hip", "ice"),
            "places",
        ),
        ("Treatment: heat and ice, yoga.", ("heat", "ice", "yoga"), "an and amid the list"),
        (
            "Treatment: open reduction and internal fixation.",
            ("open reduction and internal fixation",),
            "one operation",
        ),
        ("Treatment: medications (Norco, Soma), ice.", ("Norco", "Soma", "ice"), "a kind with its instances"),
        ("Treatment: medications of Norco and Soma.", ("Norco", "Soma"), "a kind of its instances"),
        ("Treatment: surgery, hip arthroscopy, yoga.", ("hip arthroscopy", "yoga"), "no surgery beside an operation"),
        ("Treatment: therapy. He had physical therapy.", ("physical therapy",), "no therapy beside a therapy"),
        (
            "Treatment to date: yoga, x-rays, work restrictions.",
            ("yoga", "x-rays", "work restrictions"),
            "all of a list",
        ),
        ("Treatment: oral and topical medications, ice.", ("oral and topical medications", "ice"), "a shared noun"),
        (
            "Treatment: ibuprofen with famotidine, yoga with a ball.",
            ("ibuprofen", "famotidine", "yoga with a ball"),
            "with",
        ),
        (
            "Treatment: Tylenol with codeine, #3 sessions yoga.",
            ("Tylenol with codeine", "yoga"),
            "one drug, and a count",
        ),
        ("Treatment was as follows: yoga, ice.", ("yoga", "ice"), "as follows"),
        ("Treatment to date has included unknown.", (), "nothing known"),
        (
            "Medications: Norco 10/325 mg Soma 350 mg bid Lyrica 75 mg, Naproxen Sodium 550 mg.",
            ("Norco", "Soma", "Lyrica", "Naproxen Sodium"),
            "drugs with doses and no commas",
        ),
        ("Treatment: yoga with Dr. Ames, ice.", ("yoga with Dr. Ames", "ice"), "the dot of a title"),
        ("Treatment: yoga, with minimal relief, and ice.", ("yoga", "ice"), "how much it helped"),
        (
            "Treatment: injections of the hip in April, July and October 2016, ice.",
            ("injections of the hip", "ice"),
            "months",
        ),
        ("Treatment: yoga (paid by her and without benefit), ice.", ("yoga", "ice"), "an and inside brackets"),
        ("Treatment: [yoga, ice.", ("yoga", "ice"), "a bracket that nothing closes"),
        (
            "Treatment: hip injections (two), up to 14 tablets of Norco, Motrin 800.",
            ("hip injections", "Norco", "Motrin"),
            "counts",
        ),
        (
            "Treatment: lumbar laminectomy and fusion, ice.",
            ("lumbar laminectomy and fusion", "ice"),
            "one operation of two",
        ),
        ("Surgeries include hip fusion and wrist release.", ("hip fusion", "wrist release"), "a list of operations"),
        ("The medication regimen listed Norco and Soma.", ("Norco", "Soma"), "a list that lists"),
        ("The request for therapy had been previously modified to 6 visits.", (), "a decision about care"),
        ("No surgical history was documented as of May.", (), "no operations"),
        ("Current medications are not indicated.", (), "none"),
    ],
)
def test_treatments(text: str, treatments: tuple[str, ...], reason: str) -> None:
    assert values(read_treatments(part(text))) == treatments, reason


@pytest.mark.parametrize(
    ("text", "treatments", "reason"),
    [
        ("Treatments: an unknown amount of physical therapy, and ice.", ("physical therapy", "ice"), "an amount"),
        ("Treatment: a series of acupuncture visits, and ice.", ("acupuncture", "ice"), "a counted noun"),
        ("Treatment has included approximately 10 yoga sessions.", ("yoga",), "about how many"),
        ("Treatment to date is rest, a cane and Norco.", ("rest", "cane", "Norco"), "to date is"),
        ("Her current drug regimen is Norco, Lyrica, and Colace.", ("Norco", "Lyrica", "Colace"), "a regimen"),
        ("She had the medication regimen of Motrin and Tylenol No. 3.", ("Motrin", "Tylenol No. 3"), "a numbered drug"),
        (
            "He has exhausted conservative care, including a home exercise program, medication, and two facet blocks.",
            ("home exercise program", "medication", "facet blocks"),
            "conservative care with its kinds",
        ),
        ("The plan of care includes a scan and ongoing therapy including Naproxen and Soma.", (), "a plan's own list"),
        ("He is advised to stop Motrin.", ("Motrin",), "what is stopped was used"),
        ("The worker was to continue Motrin.", ("Motrin",), "what goes on was used"),
        ("Treatment has included rest, NSAIDs and Motrin.", ("rest", "Motrin"), "a kind beside its instance"),
        ("Treatment has included muscle relaxants and Motrin.", ("muscle relaxants", "Motrin"), "another kind"),
        ("Treatment has included opioids, rest, and Norco.", ("rest", "Norco"), "opioids beside one"),
        (
            "Treatment has included knee MRI on 7-1-16 and EMG of the legs on 8-2-16, and a cane.",
            ("knee MRI", "EMG of the legs", "cane"),
            "two studies in one entry",
        ),
        (
            "Treatment has included Orthovisc injections in the right knee, and ice.",
            ("Orthovisc injections in the right knee", "ice"),
            "where a drug was injected",
        ),
        ("She has pain. Naprosyn was prescribed.", (), "prescribed at this visit"),
        ("Naprosyn has been prescribed.", ("Naprosyn",), "prescribed before"),
    ],
)
def test_structures_of_care(text: str, treatments: tuple[str, ...], reason: str) -> None:
    assert values(read_treatments(part(text))) == treatments, reason
