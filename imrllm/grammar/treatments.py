"""The name of the treatment alone, and its request category.

The name is one stretch of the request, as the record's rulings have it: what other readers took (amounts, directions,
body parts, dates) is cut away, and so are the lead-ins and tails listed here.
"""

from __future__ import annotations

import re

from imrllm.grammar.reading import MASK, Part, Reading
from imrllm.records import Category, Span

# Words that say how or when a treatment is asked for, not what it is.
_LEAD_INS = re.compile(
    r"(?:[\s,.:;()/-]|\x00)*(?:\b(?:"
    r"retrospective(?:ly)?(?: requests?)?(?: for)?|prospective(?: requests?)?(?: for)?|requests? (?:for|is for)"
    r"|associated (?:surgical|surgery) services?\s?:?|(?:post|pre)[- ]?op(?:erative)?(?:ly)?\b\.?(?: labs?\s?:)?"
    r"|additional|continued?(?: with)?|continuation(?: of| for| with)?|unknown(?: (?:quantity|number|amount|prescription) of)?|outpatient"
    r"|labs? to include\s?:|(?:one|two|three|\d+)? ?prescriptions? (?:of|for)|purchase of|rental of|rental or purchase of"
    r"|(?:a )?trial of|series of|coverage (?:of|for)|supply of|refills? (?:of|for)|another|up to|a total of|of|for|with|to|the|an?"
    r")(?![\w-])\s?:?)",
    re.IGNORECASE,
)
_CONTRAST = re.compile(r",?\s?\(?\b(?:with(?:out)?|w/o?|with and without|with or without)\s(?:\w+\s)?(?:contrast|dye|gadolinium)(?: (?:material|enhancement))?\)?", re.IGNORECASE)
# What a name never runs into: a purpose, a reason, how it is paid for.
_TAIL = re.compile(
    r"\s(?:for (?!use\b)|to (?=(?:assist|help|treat|address|include|rule|evaluate|be|improve|determine|the|his|her)\b)|due to\b|because\b"
    r"|in order\b|as (?:an? )?(?:outpatient|needed|directed)|per\b|times\b|every\b|on an?\b|by\b|at (?!home\b)|purchase\b|rental\b)"
    r"|,?\s\(?(?:rental|purchase|unspecified)\b",
    re.IGNORECASE,
)
_UNSPECIFIED = re.compile(
    r",?\s?\(?\b(?:unspecified|unknown) (?:quantity|amount|number|frequency|duration|dosage|dose|strength)[^)]{0,30}\)?", re.IGNORECASE
)
# Salt, release and dosage-form words stay, also after a strength that is cut out.
FORM_WORDS = (
    r"(?:tab(?:let)?s?|cap(?:sule)?s?|pills?|patch(?:es)?|transdermal|topical|oral|ophthalmic|nasal|gel|cream|ointment|lotion|spray"
    r"|solution|suspension|syrup|elixir|liquid|drops?|inhaler|injections?|suppositor(?:y|ies)|roll[- ]on|foam|base"
    r"|HCL|hydrochloride|citrate|sodium|potassium|sulfate|succinate|tartrate|maleate|ER|XR|SR|CR|DR|EC|ODT|DS|ES|extended[- ]release"
    r"|delayed[- ]release|immediate[- ]release|in cream base|in base|in gel base)"
)
_FORM_RUN = re.compile(rf"[\s,-]*(?P<forms>{FORM_WORDS}(?:[\s-]{FORM_WORDS})*)\b(?!\s?\()", re.IGNORECASE)
_LIST_GOES_ON = re.compile(r"\s?(?:[/+&,]|,?\s?(?:and|with)\b)\s?(?=[A-Za-z])", re.IGNORECASE)
# What a body part's phrase drags along: "for the lumbar spine flare-up".
_COMPLAINT = re.compile(r"\s?(?:flare-?\s?ups?|pain|area|region|injury|condition|symptoms|strain|sprain)\b", re.IGNORECASE)
_WORDS = re.compile(r"[A-Za-z]")
_MASKED = re.compile(r"[\x00\s,;:]*\x00[\x00\s,;]*")

# Request categories after DWC's list, first that fits. The order settles overlaps: what depends on surgery before what
# it is, a therapy before the modality's device, a referral before the care that is referred to.
_CATEGORY_TERMS: tuple[tuple[Category, str], ...] = (
    ("surgical_adjunct", r"associated surg|pre-?\s?op|medical clearance|surgical clearance|cardiac clearance|\bclearance\b|\b(?:PA|surgical|surgeon|RNFA) assist|assistant surgeon|co-?surgeon|hospital stay|inpatient stay|overnight stay"),
    ("transportation", r"transport|mileage|taxi|\bride\b"),
    ("home_health", r"home (?:health|aide|care|nurs|attendant)|\bRN\b|\bLVN\b|nurse|nursing|caregiver|attendant care|housekeep|skilled nursing|home assistance"),
    ("electrodiagnostic", r"\bEMG|\bNCV|\bNCS\b|electromyogra|electrodiagnostic|nerve conduction|\bSSEP|evoked potential|\bEDX\b|\bEDS\b|electroneuro"),
    ("imaging", r"\bMR[IA]\b|magnetic resonance|\bCT\b|\bCAT\b|computed tomogra|computerized tomogra|x-?\s?rays?\b|radiogra|arthrogram|\bPET\b|bone scan|dexa|bone density|myelogra|discogra|diagnostic ultrasound|ultrasound of|ultrasonograph|sonogra|doppler|fluoroscop|venogra|angiogra|\bscan\b|\bimaging\b"),
    ("laboratory", r"\blabs?\b|laborator|\burine|urinalysis|\bUDS\b|\bUDT\b|toxicolog|drug (?:screen|test|monitor)|blood (?:test|work|draw|count|panel)|\bCBC\b|\bCMP\b|\bBMP\b|\bPT/PTT|\bPTT\b|\bINR\b|metabolic panel|\bpanel\b|genetic|DNA test|cytochrome|hemoglobin|A1C|culture|pathology|serum|\bESR\b|\bCRP\b|chem(?:istry)? \d|creatinine"),
    ("other_diagnostic", r"\bEKG|\bECG|electrocardiogra|echocardio|sleep study|polysomno|pulmonary function|\bPFT|spirometr|stress test|holter|audiogra|audiometr|hearing test|endoscop|colonoscop|range of motion (?:test|measure)|muscle test|\bEEG|electroencephal|\bQSART|autonomic|sudoscan|vestibular test|\bVNG|computerized (?:range|muscle|strength)|inclinomet|capsule study"),
    ("program", r"functional restoration|restoration program|detox|inpatient|rehabilitation program|pain (?:management )?program|interdisciplinary|multidisciplinary|weight loss|work (?:hardening|conditioning)|\bprogram\b|residential|\bHELP\b|gym\b|health club|\bFRP\b"),
    ("surgery", r"arthroscop|\w+ectom|\w+plasty|\bfusion\b|arthrodesis|\bORIF\b|rotator cuff repair|tunnel release|trigger finger release"),
    ("consultation", r"functional capacity|\bFCE\b|work capacity|referral|\bconsult|specialist|follow[- ]?up|office visit|(?:initial|physical|medical|re-?)\s?exam|\bexam\b|examination|re-?evaluation|second opinion|\bQME\b|\bAME\b|\bvisit with|medical visit|pain management(?! program)|(?:ortho|neuro|derm|cardi|uro|rheumat|physi|podi|ophthalm|gastro|ent)\w*(?:ist|surgeon|atrist)? evaluation|\bevaluation\b(?! and treat)|dental|dentist|optometr"),
    ("psychological", r"psych|cognitive behav|\bCBT\b|biofeedback|counsel|hypno|relaxation|stress management|mental health|behavio(?:u)?ral"),
    ("acupuncture", r"acupunct|cupping"),
    ("chiropractic", r"chiropract|chiro\b|spinal manipul|joint manipul|\bmanipulation\b(?! under)|\bCMT\b"),
    ("injection", r"inject|epidural|\bE\.?S\.?I\b|\bLESI\b|\bblock|facet|trigger point|\bTPI\b|botox|botulinum|rhizotom|radiofrequency|\bRFA\b|neurotomy|ablation|viscosuppl|synvisc|orthovisc|supartz|euflexxa|hyalgan|hyaluron|platelet|\bPRP\b|prolotherap|infusion|nerve block|sympathetic|toradol im|depo-?medrol"),
    ("physical_therapy", r"physical therap|physio|occupational therap|hand therap|\bPT\b|\bOT\b|aqua|therapeutic exercise|home exercise|therapeutic activit|gait training|pool therap|neuromuscular re|land[- ]based"),
    ("other_therapy", r"(?:electrical|electro|muscle|interferential|nerve) ?stimulation(?! unit)|e-?stim\b|ultrasound|infra-?red|shock\s?wave|\bESWT\b|myofascial|massage|traction(?! unit)|manual therap|soft tissue|iontophor|phonophor|diatherm|laser|\bPENS\b|percutaneous electrical|neurostim(?:ulation)?(?! (?:unit|device|implant))|ice/heat|hot/cold pack|paraffin|spinal decompression|mechanical decompression|\bPEMF\b|yoga|tai chi|speech therap|vision therap|vestibular|hyperbaric|craniosacral|kinesio ?taping|lymph|\btherapy sessions?\b|spinolator|\btherapy\b(?= times)|cryotherapy (?:session|treat)|dry needling"),
    ("equipment", r"\bunit\b|\bTENS\b|h-?wave|brace|orthosis|orthos|orthotic|splint|\bsling|support\b|wheelchair|walker|\bcane|crutch|commode|\bchair\b|\bbed\b|mattress|pillow|\bpad\b|\bpads\b|\bwrap|collar|\bboot\b|\bshoe|insole|insert|stocking|garment|device|equipment|\bDME\b|supplies|electrode|\bbatter|rental|purchase|cold (?:therapy|compression)|cryo|hot.?cold|heat(?:ing)? (?:pad|therapy)|\bkit\b|scooter|ramp|\blift\b|hearing aid|glasses|\blens|prosthe|cushion|bone growth stim|bone stim|stimulator(?! (?:trial|implant))|\bCPAP|vehicle|grab bar|shower|\btub\b|ergonomic|workstation|exercise ball|\bball\b|thera-?band|monitor\b|machine|gloves|wipes|diapers?|dressings?|bandage|recliner|rollator|\bcompression\b|\bCPM\b|\bDVT\b"),
    ("surgery", r"surg|ectomy|otomy|ostomy|plasty|arthroscop|fusion|arthrodes|decompress|\brelease\b|\brepair|reconstruct|replacement|revision|excision|debridement|\bORIF\b|fixation|implant|removal|transposition|tenodes|tenoly|neuroly|\bgraft|hardware|stimulator trial|under anesthesia|kyphop|vertebrop|amputat|synovec|lysis|closure|osteot"),
)
_CATEGORIES = tuple((category, re.compile(terms, re.IGNORECASE)) for category, terms in _CATEGORY_TERMS)
_COMPOUND = re.compile(r"compound|\bcream base|\bin (?:cream|gel) base|\bcustom cream", re.IGNORECASE)
_INJECTED = re.compile(r"inject|\bIM\b|\bIV\b|infusion", re.IGNORECASE)
_PURCHASED = re.compile(r"\b(?:unit|rental|purchase|device)\b", re.IGNORECASE)
_DRUG_FORM = re.compile(
    r"\b\d+\s?mg\b|\bmg\b|\btablets?|\btabs?\b|capsule|\bcaps?\b|\bpatch|ointment|\bgel\b|\bcream\b|medication|prescription|oral suspension"
    r"|\bsyrup|opioid|antibiotic|\bNSAIDs?\b|supplement|vitamin",
    re.IGNORECASE,
)


def read_treatment(part: Part, amounts: tuple[Span, ...], endings: tuple[Span, ...], bodies: tuple[Span, ...]) -> Reading[str] | None:
    """The treatment's name as printed.

    Args:
        part: the request.
        amounts: spans of strengths, quantities, refills and units: cut out, the name may go on after them.
        endings: spans of directions, courses and dates: the name ends where one follows it.
        bodies: spans of body parts with their prepositions: cut out.

    Returns:
        The name, None where nothing is left of the request.
    """
    contrast = [(part.start + found.start(), part.start + found.end()) for found in _CONTRAST.finditer(part.text)]
    contrast += [(part.start + found.start(), part.start + found.end()) for found in _UNSPECIFIED.finditer(part.text)]
    masked = part.masked([*amounts, *endings, *bodies, *contrast])
    text = masked.text
    start = 0
    while lead := _LEAD_INS.match(text, start):
        start = lead.end()
    first = _WORDS.search(text, start)
    if first is None:
        return None
    while start < first.start() and text[start] in f" ,.:;-/)]{MASK}":
        start += 1
    pieces: list[Span] = []
    while True:
        stop = text.find(MASK, start)
        tail = _TAIL.search(text, start, stop if stop >= 0 else len(text))
        end = tail.start() if tail else stop if stop >= 0 else len(text)
        if end > start:
            pieces.append((start, end))
        if tail or stop < 0:
            break
        gap = _MASKED.match(text, stop)
        after = gap.end() if gap else stop + 1
        # Separators right after the mask belong to what goes on ("5%/Amitriptyline").
        while after > stop and text[after - 1] != MASK:
            after -= 1
        masks = (part.start + stop, part.start + after)
        ended = any(low < masks[1] and masks[0] < high for low, high in endings)
        cut_out = any(low < masks[1] and masks[0] < high for low, high in (*bodies, *contrast))
        if cut_out and (complaint := _COMPLAINT.match(text, after)):
            after = complaint.end()
        form = _FORM_RUN.match(text, after)
        if ended and pieces:
            break
        if form and not ended:
            pieces.append(form.span("forms"))
            start = form.end()
            if start < len(text) and text[start] != MASK:
                rest = _LIST_GOES_ON.match(text, start)
                if rest is None:
                    break
            continue
        goes_on = _LIST_GOES_ON.match(text, after)
        if goes_on is None and not (cut_out and pieces) and not (not pieces):
            break
        if cut_out and goes_on is None and re.match(r"\s?[(,]", text[after:]):
            break
        start = after
    return _joined(masked, pieces)


def _joined(part: Part, pieces: list[Span]) -> Reading[str] | None:
    """The pieces as one value: white space single, the punctuation that a cut left behind dropped."""
    if not pieces:
        return None
    printed = " ".join(part.printed[start:end] for start, end in pieces)
    printed = re.sub(r"\s+", " ", printed)
    printed = re.sub(r"\s+([,/)+])", r"\1", printed)
    printed = re.sub(r"([/(+])\s+", r"\1", printed)
    printed = re.sub(r"\(\s*\)", "", printed).strip(" ,.;:-/&")
    printed = re.sub(r"(?:\s|,)+(?:of|for|to|on|in|and|with|at|the|an?|x|times|additional)$", "", printed, flags=re.IGNORECASE).strip(" ,.;:-/&")
    if printed.count("(") > printed.count(")"):
        printed = printed[: printed.rfind("(")].rstrip(" ,") if printed.endswith("(") else printed + ")"
    return part.reading(printed, pieces[0][0], pieces[-1][1]) if printed else None


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
    if drugs or strengths:
        shares = [strength for strength in strengths if strength.endswith("%")]
        if _COMPOUND.search(heading) or (len(shares) >= 2 and drugs >= 2):
            return "topical_compound"
        if _INJECTED.search(heading):
            return "injection"
        if not _PURCHASED.search(heading) and not re.search(r"phoresis", heading, re.IGNORECASE):
            return "medication"
    for category, terms in _CATEGORIES:
        if terms.search(heading if category == "surgical_adjunct" else treatment):
            # A modality is a therapy when it is given in sessions, equipment when it is bought or rented.
            if category in ("other_therapy", "physical_therapy") and _PURCHASED.search(heading):
                return "equipment"
            return category
    if treatment != heading:
        return read_category(heading, heading, drugs, strengths)
    if _COMPOUND.search(heading):
        return "topical_compound"
    return "medication" if _DRUG_FORM.search(heading) else None
