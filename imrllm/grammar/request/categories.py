"""The request category: a lexicon of what treatments are called, after DWC's list of treatment request categories."""

from __future__ import annotations

import re

from imrllm.records import Category

# Request categories after DWC's list, first that fits. The order settles overlaps: what depends on surgery before what
# it is, a therapy before the modality's device, a referral before the care that is referred to.
_CATEGORY_TERMS: tuple[tuple[Category, str], ...] = (
    (
        "surgical_adjunct",
        (
            r"associated surg|pre-?\s?op|medical clearance|surgical clearance|cardiac clearance|\bclearance\b"
            r"|\b(?:PA|surgical|surgeon|RNFA) assist|(?:physician|surgical) assistant"
            r"|assistant surgeon|co-?surgeon|hospital stay|inpatient stay|overnight stay|length of stay|\bLOS\b"
        ),
    ),
    # What a therapist evaluates is the therapy's own first visit.
    ("physical_therapy", r"(?:physical|occupational) therapy (?:re-?)?eval"),
    ("transportation", r"transport|mileage|taxi|\bride\b"),
    (
        "home_health",
        (
            r"home (?:health|aide|care|nurs|attendant)|\bRN\b|\bLVN\b|nurse|nursing|caregiver|attendant care"
            r"|housekeep|homemaker|skilled nursing|home assistance"
        ),
    ),
    (
        "electrodiagnostic",
        (
            r"\bEMG|\bNCV|\bNCS\b|electromyogra|electro-?diagnostic|nerve conduction|\bSSEP|evoked potential"
            r"|\bEDX\b|\bEDS\b|electroneuro"
        ),
    ),
    (
        "imaging",
        (
            r"\bMR[IA](?:of)?\b|magnetic resonance|\bCT\b|\bCAT\b|computed tomogra|computerized tomogra|x-?\s?rays?\b"
            r"|radiogra|arthrogram|\bPET\b|bone scan|dexa|bone density|myelogra|discogra|diagnostic ultrasound"
            r"|ultrasound of|ultrasonograph|sonogra|doppler|fluoroscop|venogra|angiogra|\bscan\b|\bimaging\b"
        ),
    ),
    (
        "laboratory",
        (
            r"\blabs?\b|laborator|\burine|urinalysis|\bUDS\b|\bUDT\b|toxicolog|drug (?:screen|test|monitor)"
            r"|blood (?:test|work|draw|count|panel)|\bCBC\b|\bCMP\b|\bBMP\b|\bPT/PTT|\bPTT\b|\bINR\b"
            r"|metabolic panel|\bpanel\b|genetic|DNA test|cytochrome|hemoglobin|A1C|culture|pathology|serum"
            r"|\bESR\b|\bCRP\b|chem(?:istry)? \d|creatinine"
            # "Vitamin D level"
            r"|\blevels?$|(?:liver|kidney|renal|hepatic|thyroid) function|\bUA\b"
        ),
    ),
    (
        "other_diagnostic",
        (
            r"\bEKG|\bECG|electrocardiogra|echocardio|sleep study|polysomno|pulmonary function|\bPFT|spirometr"
            r"|stress test|holter|audiogra|audiometr|hearing test|endoscop|colonoscop|range of motion (?:test"
            r"|measure)|muscle test|\bEEG|electroencephal|\bQSART|autonomic|sudoscan|vestibular test|\bVNG"
            r"|computerized (?:range|muscle|strength)|inclinomet|capsule study"
        ),
    ),
    (
        "program",
        (
            r"functional restoration|restoration program|detox|inpatient|rehabilitation program"
            r"|pain (?:management )?program|interdisciplinary|multidisciplinary|weight loss|work (?:hardening"
            r"|conditioning)|\bprogram\b|residential|\bHELP\b|\bFRP\b"
        ),
    ),
    (
        "surgery",
        (
            r"arthroscop|\wectom|\wplasty|\bfusion\b|arthrodesis|\bORIF\b|rotator cuff repair|tunnel release"
            r"|trigger finger release|\b(?:[AP]CDF|[TPAX]LIF|ACDA|ACLR?|TK[AR]|TH[AR])\b"
        ),
    ),
    (
        "consultation",
        (
            r"functional capacity|\bFCE\b|work capacity|referral|\bconsult|specialist|follow[- ]?up|office visit"
            r"|(?:initial|physical|medical|re-?)\s?exam|\bexam\b|examination|re-?evaluation|second opinion"
            r"|\bQME\b|medication (?:management|monitoring)|\bAME\b|\bvisit with|medical visit"
            r"|pain management(?! program)|(?:ortho|neuro|derm|cardi"
            r"|uro|rheumat|physi|podi|ophthalm|gastro|ent)\w*(?:ist|surgeon|atrist)? evaluation"
            r"|(?<!psychological )(?<!psychiatric )\bevaluation\b(?! and treat)|dental|dentist|optometr"
        ),
    ),
    (
        "psychological",
        (
            r"psych|cognitive behav|\b(?:depression|anxiety) (?:inventory|scale)|\bCBT\b|biofeedback|counsel|hypno"
            r"|relaxation|stress management|mental health"
            r"|behavio(?:u)?ral"
        ),
    ),
    ("acupuncture", r"acupunct|cupping"),
    ("chiropractic", r"chiropract|chiro\b|spinal manipul|joint manipul|\bmanipulation\b(?! under)|\bCMT\b"),
    (
        "injection",
        (
            r"inject|epidural|\b(?:TF|IL|CT|[CLT])?E\.?S\.?I\b|\bblock|facet|trigger point|\bTPI\b|botox|botulinum"
            r"|rhizotom|radiofrequency|\bRFA\b|neurotomy|ablation|viscosuppl|synvisc|orthovisc|supartz|euflexxa|hyalgan"
            r"|hyaluron|platelet|\bPRP\b|prolotherap|infusion|nerve block|sympathetic|toradol im|depo-?medrol"
        ),
    ),
    (
        "physical_therapy",
        (
            r"physical\s?therap|physio|occupational therap|hand therap|\bPT\b|\bOT\b|aqua|therapeutic exercise"
            r"|home exercise(?! kit| equipment)|therapeutic activit|gait training|pool therap|neuromuscular re"
            r"|land[- ]based"
        ),
    ),
    (
        "other_therapy",
        (
            r"(?:electrical|electro|muscle|interferential|nerve) ?stimulation(?! unit)|e-?stim\b|ultrasound"
            r"|infra-?red|shock\s?wave|\bESWT\b|myofascial|massage|traction(?! unit)|manual therap|soft tissue"
            r"|iontophor|phonophor|diatherm|laser|\bPENS\b|percutaneous electrical"
            r"|neurostim(?:ulation)?\b(?! (?:unit|device|implant))|ice/heat|hot/cold pack|paraffin"
            r"|spinal decompression|mechanical decompression|\bPEMF\b|yoga|tai chi|speech therap|vision therap"
            r"|vestibular|hyperbaric|craniosacral|kinesio ?taping|lymph|\btherapy sessions?\b|spinolator"
            r"|\btherapy\b(?= times)|cryotherapy (?:session|treat)|dry needling"
        ),
    ),
    (
        "equipment",
        (
            r"\bunit\b|\bTENS\b|h-?wave|brace|sleeves?\b|immobilizer|orthosis|orthos|orthotic|splint|sling\b"
            r"|support\b|wheelchair|walker"
            r"|\bcane|crutch|commode|\bchair\b|\bbed\b|mattress|pillow|\bpad\b|\bpads\b|\bwrap|collar|\bboot\b"
            r"|\bshoe|insole|insert|stocking|garment|device|equipment|\bDME\b|supplies|electrode|\bbatter|rental"
            r"|(?<!pharmacy )purchase|cold (?:therapy|compression)|cryo|hot.?cold|heat(?:ing)? (?:pad|therapy|system"
            r"|unit)|\bkit\b"
            r"|scooter|ramp|\blift\b|hearing aid|glasses|\blens|prosthe|cushion|bone growth stim|bone stim"
            r"|stimulator(?! (?:trial|implant))|\bCPAP|vehicle|grab bar|shower|\btub\b|ergonomic|workstation"
            r"|exercise ball|\bball\b|thera-?band|monitor\b|machine|gloves|wipes|diapers?|dressings?|bandage"
            r"|recliner|rollator|\bcompression\b|\bCPM\b|\bDVT\b"
        ),
    ),
    # DWC lists no membership under programs.
    ("other", r"\bgym\b|health club|\b(?:copies|copy) of|medical records|medical[- ]legal|\breport\b"),
    (
        "surgery",
        (
            r"surg|ectomy|otomy|ostomy|plasty|arthroscop|fusion|arthrodes|decompress|\brelease\b|\brepair"
            r"|reconstruct|replacement|revision|excision|debridement|\bORIF\b|fixation|implant|removal"
            r"|transposition|tenodes|tenoly|neuroly|\bgraft|hardware|stimulator trial|intrathecal|under anesthesia"
            r"|kyphop"
            r"|vertebrop|amputat|synovec|lysis|closure|osteot"
        ),
    ),
)
_CATEGORIES = tuple((category, re.compile(terms, re.IGNORECASE)) for category, terms in _CATEGORY_TERMS)
_TESTED = dict(_CATEGORIES)["laboratory"]
# The names of pharmacies' own mixtures count as such.
_COMPOUND = re.compile(
    r"compound|\bflu[rt]iflex\b|\btg-?hot\b|\bcap-?toli\b|\bcream base|\bin (?:cream|gel) base|\bcustom cream",
    re.IGNORECASE,
)
_TOPICAL = re.compile(r"\b(?:cream|gel|ointment|lotion|topical|\d+\s?(?:gm?|grams?))\b", re.IGNORECASE)
_INJECTED = re.compile(r"inject|\bIM\b|\bIV\b|infusion", re.IGNORECASE)
_PURCHASED = re.compile(r"\b(?:unit|rental|(?<!pharmacy )purchase|device)\b", re.IGNORECASE)
# What guides a needle is not what is asked for.
_WITH = re.compile(
    r"\swith\s|,\s|\sunder\s(?!anesthesia)|\(?\s\(?(?:ultrasound|fluoro(?:scop\w+)?|CT|image)[- ]guid", re.IGNORECASE
)
_DRUG_FORM = re.compile(
    r"\b\d+\s?mg\b|\bmg\b|\btablets?|\btabs?\b|capsule|\bcaps?\b|\bpatch|ointment|\bgel\b|\bcream\b"
    r"|medication|prescription|oral suspension"
    r"|\bsyrup|opioid|antibiotic|\bNSAIDs?\b|supplement|vitamin"
    # Medical foods: DWC lists nutritional products under pharmaceuticals.
    r"|medical food|\bnutritional|theramine|percura|hypertensa|\bsentra\b|gabadone|trepadone|toprophan|\bensure\b",
    re.IGNORECASE,
)


_BEFORE_SURGERY = re.compile(
    r"\b(?:EKG|ECG|electrocardiogra\w+|chest (?:x-?\s?rays?|radiogra\w+|films?))\b", re.IGNORECASE
)


def serves_surgery(request: str) -> bool:
    """Whether a request is for a test that an anesthetist wants: beside an operation in its letter it serves that."""
    return bool(_BEFORE_SURGERY.search(request))


def read_category(heading: str, treatment: str, drugs: int, strengths: tuple[str, ...]) -> Category | None:
    """The request category, None where no term of the lexicon settles it.

    Args:
        heading: the whole request, plain text: its lead-ins count too.
        treatment: the treatment's name.
        drugs: how many drugs the request names, a brand of several ingredients counted once.
        strengths: their strengths as the record has them.
    """
    if re.match(r"\s*associated surg", heading, re.IGNORECASE):
        return "surgical_adjunct"
    # A drug that a test is for ("urine drug screen for norco") is not asked for.
    if (drugs and not _TESTED.search(treatment)) or strengths:
        shares = [strength for strength in strengths if strength.endswith("%")]
        # Several drugs under one slash in a cream, or by the gram, are mixed for the patient; a brand and its generic
        # count as one drug here.
        mixed = drugs >= 2 and (len(shares) >= 2 or ("/" in treatment and _TOPICAL.search(heading)))
        if _COMPOUND.search(heading) or mixed:
            return "topical_compound"
        if _INJECTED.search(heading):
            return "injection"
        if not _PURCHASED.search(heading) and not re.search(r"phoresis", heading, re.IGNORECASE):
            return "medication"
    # What a treatment comes "with" is not what it is.
    head = _WITH.split(treatment)[0]
    for category, terms in _CATEGORIES:
        if terms.search(heading if category == "surgical_adjunct" else head):
            # A modality is a therapy when it is given in sessions, equipment when it is bought or rented.
            if category in ("other_therapy", "physical_therapy") and _PURCHASED.search(heading):
                return "equipment"
            return category
    if treatment != heading:
        return read_category(heading, heading, drugs, strengths)
    if _COMPOUND.search(heading):
        return "topical_compound"
    if _DRUG_FORM.search(heading):
        return "medication"
    spelt = _corrected(heading)
    return read_category(spelt, spelt, drugs, strengths) if spelt != heading else None


# Terms that are looked for with one slip where no term stands in its right spelling.
_SPELT = (
    "acupuncture", "behavioral", "chiropractic", "chiropractor", "cognitive", "consultation", "counseling", "epidural",
    "injection", "injections", "occupational", "orthopedic", "physical", "physiotherapy", "psychiatric",
    "psychological", "psychotherapy", "radiofrequency", "transportation", "ultrasound",
)  # fmt: skip
_LONG_WORD = re.compile(r"[a-z]{7,}", re.IGNORECASE)


def _corrected(heading: str) -> str:
    """The request with the terms of the lexicon that are one slip (Damerau-Levenshtein distance 1) from it."""
    from rapidfuzz.distance import OSA

    def corrected(word: re.Match[str]) -> str:
        printed = word.group().lower()
        near = (term for term in _SPELT if OSA.distance(printed, term, score_cutoff=1) <= 1)
        return next(near, word.group())

    return _LONG_WORD.sub(corrected, heading)
