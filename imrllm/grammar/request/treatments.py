"""The name of the treatment alone.

It is one stretch of the request, as the record's rulings have it: what other readers took (amounts, directions,
body parts, dates) is cut away, and so are the lead-ins and tails listed here.
"""

from __future__ import annotations

import re

from imrllm.grammar.numbers import WORD
from imrllm.grammar.reading import MASK, Part, Reading, overlaps, tightened
from imrllm.grammar.request.categories import is_equipment, treatment_terms
from imrllm.grammar.request.medications import opens_name
from imrllm.grammar.word_lists import read_words
from imrllm.spans import FoldedSpan, PartSpan

_WORD_LISTS = read_words("request/words.txt")
_LEAD_INS = re.compile(rf"(?:[\s,.:;()/-]|\x00)*(?:\b(?:{_WORD_LISTS['lead_ins']})(?![\w-])\s?:?)", re.IGNORECASE)
# How an image is taken.
_CONTRAST = re.compile(
    r"""
    \sw/o(?=[\s,;)]{0,2}$)  # "MRI of the neck w/o"
    | ,?\s?\(?\b(?:with(?:out)?|w/o?|with\ and\ without|with\ or\ without)\s(?:\w+\s)?
        (?:contrast|dye|gadolinium)(?:\ (?:material|enhancement))?\)?  # "(with and without contrast)"
    | ,?\s?\(?\b\d(?:\.\d)?[- ]?Tesla\b(?:\ or\ (?:higher|greater|above|better)(?:\ only)?)?
        (?:[^(),]{0,20}\))?  # "(1.5 Tesla Closed)"
    | ,?\s?\(?\b(?:\d{1,2}|one|two|three|four|five|six|seven)[- ]views?\b\)?  # "3 views"
    """,
    re.IGNORECASE | re.VERBOSE,
)
# A side goes wherever it stands, also where its body part is inside the procedure's name ("Right carpal tunnel
# release").
_SIDE = re.compile(r"\b(?:bilateral(?:ly)?|(?:right|left)(?:[- ]sided)?)(?![\w-])", re.IGNORECASE)
# What a name never runs into: a purpose, a reason, how it is paid for.
_TAIL = re.compile(
    rf"""
    \s(?:
        for\ (?!use\b)  # "for back pain"
        | to\ (?=(?:{_WORD_LISTS["goals"]})\b)  # "to treat"
        | due\ to\b | because\b | in\ order\b
        | (?:prior\ to|before|after|following)\b  # "prior to surgery"
        | as\ (?:an?\ )?(?:outpatient|needed|directed)
        | per\b | times\b | every\b | on\ an?\b
        | by\b(?!\ (?:an?\ )?(?:[a-z-]+\ ){{0,4}}?(?:specialist|surgeon|physician|doctor|[a-z]+ist)\b)  # "by mouth"
        | dispensed\b
        | at\ (?!home\b)  # "at a facility"
        | in\ (?:the\ )?(?:office|clinic)\b
        | purchase\b | rental\b
    )
    | ,?\s\(?(?:rental|purchase|unspecified)\b  # ", rental"
    | ,?\s\(?outpatient\b(?!\s(?:program|treatment|therapy|rehab|detox|level))  # not "intensive outpatient program"
    | ,\s(?:apply|take)\b  # ", apply twice daily"
    | [,:]\s(?:\d{{1,3}}|{WORD})(?:\stimes?)?$  # a count, read or not: ", 2"
    """,
    re.IGNORECASE | re.VERBOSE,
)
# "Referral to chiropractor for evaluation": what a referral is for is its name's, and the name's end.
_REFERRED = re.compile(r"\brefer(?:ral|red)?\b", re.IGNORECASE)
_SEEN_FOR = re.compile(
    rf"\sfor\s(?:an?\s)?(?:{_WORD_LISTS['seen_for']})(?:(?:\sand\s|/)(?:{_WORD_LISTS['seen_for']}))?\b", re.IGNORECASE
)
# "Referral for psychological evaluation": a referral is named by what it is for.
_REFERRAL_ALONE = re.compile(r"(?:referral|consult(?:ation)?)", re.IGNORECASE)
# "Electrodes for TENS unit": the device that supplies are for is named with them.
_SUPPLIES = re.compile(rf"\b(?:{_WORD_LISTS['supplies']})\b", re.IGNORECASE)
_FOR_A_DEVICE = re.compile(r"\sfor\s(?:use\swith\s)?(?:the\s|an?\s)?(?P<device>[^,;()\x00]{1,40})", re.IGNORECASE)
_UNSPECIFIED = re.compile(
    r"""
    \s?\(retrospective\b[^()]*\)  # "(retrospective, 1/1/16)"
    | ,?\s?\(?\b(?:unspecified|unknown)\ (?:quantity|amount|number|frequency|duration|dosage|dose|strength|refills)
        [^)]{0,30}\)?  # "(unspecified quantity and dose)"
    | ,?\s?\(?\b
        (?:(?:quantity|amount|number|frequency|duration|dosage|dose|strength|refills)(?:\ and\ |\ &\ |/|,\ )?){1,3}
        \s(?:unspecified|unknown|not\ (?:specified|stated|provided|given))\b\)?  # "(dosage and quantity unspecified)"
    """,
    re.IGNORECASE | re.VERBOSE,
)
FORM_WORDS = f"(?:{_WORD_LISTS['form_words']})"
_FORM_RUN = re.compile(
    rf"""
    [\s,-]*(?:(?:{_WORD_LISTS["routes"]})\s)?  # a route before the form is left out: "Toradol 60mg IM injection"
    (?P<forms>{FORM_WORDS}(?:[\s-]{FORM_WORDS})*)\b(?!\s?\((?!{MASK}+\)))  # "gel", but not "gel (lidocaine)"
    """,
    re.IGNORECASE | re.VERBOSE,
)
# A name that is broken off: what follows the amount is its own ("injection with 40mg Kenalog").
_BROKEN_OFF = re.compile(r"(?:[/+&]|\b(?:and|with|containing))\s?$", re.IGNORECASE)
_OPEN = re.compile(r"[\s,]{0,3}\(?(?=[A-Za-z])")
_LIST_GOES_ON = re.compile(r"\s?(?:[/+&,]|,?\s?(?:and|with)\b)\s?(?=[A-Za-z])", re.IGNORECASE)
# What a body part's phrase drags along: "for the lumbar spine flare-up".
_COMPLAINT = re.compile(rf"\s?(?:{_WORD_LISTS['complaints']})\b", re.IGNORECASE)
_WORDS = re.compile(r"[A-Za-z]")
_DANGLING = frozenset(_WORD_LISTS["dangling"].split("|"))
_BETWEEN_MASKS = MASK + " ,;:"
_GUIDED = re.compile(
    r"""
    [\s,]{0,3}\(?
    (?:
        (?:under|with|using)\s(?:[a-z]{1,15}\s){0,2}?(?:fluoro|ultrasound|CT\b|imag(?:e|ing)\b)  # ", under live CT"
        | (?:fluoroscop[a-z]{1,8}|ultrasound|CT|image)[- ]guid  # ", ultrasound guided"
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ASIDE = re.compile(r"\s?[(,]")


def left_out(part: Part) -> tuple[FoldedSpan, ...]:
    """Spans of what the record leaves out of a name: contrast, field strength, "unspecified", a bare side."""
    text = part.lower
    patterns = [_SIDE]
    if any(word in text for word in ("contrast", "dye", "gadolinium", "tesla", "view", "w/o")):
        patterns.append(_CONTRAST)
    if any(word in text for word in ("unspecified", "unknown", "not ", "(retro")):
        patterns.append(_UNSPECIFIED)
    return part.spans_of(found for pattern in patterns for found in pattern.finditer(part.text))


def read_treatment(
    part: Part, amounts: tuple[FoldedSpan, ...], endings: tuple[FoldedSpan, ...], cut_out: tuple[FoldedSpan, ...]
) -> tuple[Reading[str] | None, tuple[FoldedSpan, ...]]:
    """The treatment's name as printed.

    Args:
        part: the request.
        amounts: spans of strengths, quantities, refills and units: the name may go on after them.
        endings: spans of directions, courses and dates: the name ends where one follows it.
        cut_out: spans of body parts with their prepositions, and of what is left out.

    Returns:
        The name, None where nothing is left of the request; and the stretches that it and the words before it take.
    """
    masked = part.masked([*amounts, *endings, *cut_out])
    text = masked.text
    at: int | None = _after_lead_ins(text)
    lead_ins = PartSpan((0, at or 0))
    pieces: list[PartSpan] = []
    while at is not None:
        stop = text.find(MASK, at)
        limit = stop if stop >= 0 else len(text)
        end = _end(text, at, limit)
        if end > at:
            pieces.append(PartSpan((at, end)))
        if end < limit or stop < 0:
            break
        after = stop
        while after < len(text) and text[after] in _BETWEEN_MASKS:
            after += 1
        # Separators right after the mask belong to what goes on ("5%/Amitriptyline").
        after = text.rindex(MASK, stop, after) + 1
        masks = part.span(stop, after)
        if overlaps(masks, endings) and pieces:
            break
        # "Assistant surgeon for lumbar fusion": what follows a purpose's body part is the purpose's.
        cut = overlaps(masks, cut_out) and not (pieces and part.text.startswith("for ", stop))
        at = _resumed(text, after, pieces, cut=cut, ended=overlaps(masks, endings))
    return _joined(masked, pieces), part.spans([lead_ins, *pieces])


def _end(text: str, at: int, limit: int) -> int:
    """Where a name's stretch ends: before the first tail that is not the name's own, or at the limit."""
    for tail in _TAIL.finditer(text, at, limit):
        if _REFERRED.match(text, at) and (seen := _SEEN_FOR.match(text, tail.start())):
            return seen.end()
        if _REFERRAL_ALONE.fullmatch(text, at, tail.start()) and treatment_terms(text, tail.end(), limit):
            continue
        device = _FOR_A_DEVICE.match(text, tail.start()) if _SUPPLIES.search(text, at, tail.start()) else None
        if device is None or not is_equipment(device["device"]):
            return tail.start()
    return limit


def _after_lead_ins(text: str) -> int | None:
    """Where the name may start; None where the request has no word left."""
    start = 0
    while lead := _LEAD_INS.match(text, start):
        start = lead.end()
    first = _WORDS.search(text, start)
    if first is None:
        return None
    while start < first.start() and text[start] in f" ,.:;-/)]{MASK}":
        start += 1
    return start


def _resumed(text: str, after: int, pieces: list[PartSpan], *, cut: bool, ended: bool) -> int | None:
    """Where the name goes on after something was cut out of it; None where it ends there.

    Args:
        text: the masked request.
        after: offset after what was cut out.
        pieces: the name so far; a dosage form that follows is added to it.
        cut: a body part or the like was cut out: bare words may follow it.
        ended: directions, a course or a date were: nothing but the name itself may follow.
    """
    if cut and (complaint := _COMPLAINT.match(text, after)):
        after = complaint.end()
    if text.startswith(")", after) and any("(" in text[start:end] for start, end in pieces):
        # A bracket that was opened in the name closes in it, and a form may follow: "X (A 5%/B 2%) cream".
        pieces.append(PartSpan((after, after + 1)))
        after += 1
    form = None if ended else _FORM_RUN.match(text, after)
    if form:
        pieces.append(PartSpan(form.span("forms")))
        at = form.end()
        return at if at >= len(text) or text[at] == MASK or _LIST_GOES_ON.match(text, at) else None
    # The name is one stretch: what guides a needle is its own only where nothing stands between.
    if pieces and _GUIDED.match(text, after):
        return None
    if _LIST_GOES_ON.match(text, after) or not pieces:
        return after
    # "Prilosec 20mg (omeprazole)", "10% Ketamine, 6% Gabapentin": the brand's generic, the next of a list of drugs.
    if not ended and (opened := _OPEN.match(text, after)):
        listed = text[slice(*pieces[-1])].endswith((", ", ","))
        # "Ketoprofen 15% Lidocaine 10%": a list without its commas.
        bare = text[after : opened.end()] == " "
        if ("(" in opened.group() or listed or bare) and opens_name(text, opened.end()):
            return after
        if _BROKEN_OFF.search(text, *pieces[-1]):
            return after
    return after if cut and not _ASIDE.match(text, after) else None


def _joined(part: Part, pieces: list[PartSpan]) -> Reading[str] | None:
    """The pieces as one value: white space single, the punctuation that a cut left behind dropped."""
    if not pieces:
        return None
    printed = " ".join(part.printed[start:end] for start, end in pieces)
    printed = re.sub(r"\s+", " ", printed)
    printed = re.sub(r"\s+([,/)+])", r"\1", printed)
    printed = re.sub(r",(?:\s?,)+", ",", printed)
    printed = re.sub(r"([/(+])\s+", r"\1", printed)
    printed = re.sub(r"\(\s*\)", "", printed).strip(" ,.;:-/&")
    # A name that was taken out: "consult with Dr.". Not "Duloxetine DR".
    words = re.sub(r"\s(?:with|by)\sDr$", "", printed).split(" ")
    while len(words) > 1 and words[-1].strip(",").lower() in _DANGLING:
        words.pop()
    printed = " ".join(words).strip(" ,.;:-/&")
    if printed.count("(") > printed.count(")"):
        printed = printed[: printed.rfind("(")].rstrip(" ,") if printed.endswith("(") else printed + ")"
    return part.reading(printed, *tightened(part.text, pieces[0][0], pieces[-1][1])) if printed else None
