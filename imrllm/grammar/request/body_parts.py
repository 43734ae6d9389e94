"""Body parts that a request names, with their side, and the phrase that joins each to the treatment."""

from __future__ import annotations

import re

from imrllm.grammar.reading import Part, Reading
from imrllm.spans import FoldedSpan

_SIDE = r"(?:(?:right and left|left and right)|bilateral(?:ly)?|right|left|both|rt\.?|lt\.?|B/L|R|L)"
_SPINE = r"(?:cervicothoracic|thoracolumbar|lumbosacral|cervical|thoracic|lumb[ae]r|sacral|coccyx)"
_NOUN = (
    r"(?:sacroiliac joints?|SI joints?|(?:upper|lower|mid|low)[- ](?:back|extremit(?:y|ies)|arms?|legs?|limbs?|abdomen)"
    r"|(?:ring|index|middle|small|little|long|pinky) fingers?|great toes?"
    r"|spine|neck|back|shoulders?|scapulae?|clavicles?|arms?|elbows?|forearms?|wrists?|hands?|fingers?|thumbs?|hips?"
    r"|pelvis|groin|buttocks?|thighs?|knees?|legs?|calf|calves|ankles?|foot|feet|heels?|toes?|head|face|jaw|eyes?|ears?"
    r"|chest|abdomen|ribs?|(?:(?:upper|middle|lower) )?trapezi(?:us|i)|(?:lateral|medial) epicondyles?|paraspinals?"
    r"|(?:first|1st) dorsal compartments?|brain|body|(?:tooth|teeth) #?\d{1,2}"
    r"|extremit(?:y|ies)|RUE|LUE|RLE|LLE|BUE|BLE)"
)
_LEVEL = r"(?:[CTLS]\d{1,2}(?:\s?[-/]\s?[CTLS]?\d{1,2})*(?![\w.%]))"
_ONE = (
    rf"(?:(?:{_SIDE}\s)?(?:{_SPINE}(?:\s(?:spine|region|area|back|paraspinals?))?"
    rf"|{_NOUN})(?:\s?/\s?(?:{_NOUN}|{_SPINE}))?|(?:{_SIDE}\s)?{_LEVEL})"
)
_JOINT = r"(?:\s?,\s?(?:and\s|&\s)?|\s(?:and|&|or|at)\s?(?:the\s)?|\s?\+\s?|\s(?=[A-Za-z]+(?:\s?,|\sand\s)))"
# A part inside a procedure's or a specialist's name is no body part of the request.
_NOT_A_PART = (
    r"(?!\s(?:specialists?|surgeons?|surgery (?:consult|referral|evaluation|specialist)|doctors?"
    r"|physicians?|pain (?:management|specialist|medicine|physician|doctor|clinic|program|consult|psych)|lift|drop"
    r"|interbody)\b)"
    r"(?!-)"
)
_PHRASE = re.compile(
    # After an abbreviation the space may be lost: "MRIof the thoracic spine".
    rf"(?P<lead>(?:\b|(?<=(?-i:[A-Z]{{2}})))(?:of|for|to|on|in|at|over|involving)\s(?:the\s|his\s|her\s)?)?"
    r"(?<![\w-])(?<!total )(?<!trigger )(?<!back to )(?<!anterior )(?<!posterior )(?<!distal )"
    rf"(?P<parts>{_ONE}(?:{_JOINT}{_ONE}){{0,7}}){_NOT_A_PART}(?![\w])(?:\slevels?\b)?",
    re.IGNORECASE,
)
_BOTH_SIDES = re.compile(r"(?P<one>right|left) and (?P<two>left|right) (?P<noun>.+)", re.IGNORECASE)
_SLASHED = re.compile(_ONE, re.IGNORECASE)
_SHARED = re.compile(rf"(?:{_SPINE})$", re.IGNORECASE)


def read_body_parts(part: Part) -> tuple[tuple[Reading[str], ...], tuple[FoldedSpan, ...]]:
    """The body parts of a request.

    Returns:
        The parts as printed, each once, a noun shared by two given to both ("cervical and thoracic spine"); and the
        stretches that name them with the preposition that joins them, as spans of the letter's folded text.
    """
    readings: list[Reading[str]] = []
    spans: list[FoldedSpan] = []
    for phrase in _PHRASE.finditer(part.text):
        spans.append(part.span(*phrase.span()))
        start, end = phrase.span("parts")
        named = list(_SLASHED.finditer(part.text, start, end))
        for index, each in enumerate(named):
            reading = part.quote(*each.span())
            if reading is None:
                continue
            following = named[index + 1].group() if index + 1 < len(named) else ""
            shared = re.search(r"\s(spine|region)$", following, re.IGNORECASE)
            if shared and _SHARED.search(reading.value):
                reading = Reading(f"{reading.value} {shared.group(1)}", reading.span)
            both = _BOTH_SIDES.match(reading.value)
            sides = [f"{side} {both['noun']}" for side in both.group("one", "two")] if both else [reading.value]
            for value in sides:
                if value.lower() not in {known.value.lower() for known in readings}:
                    readings.append(Reading(value, reading.span))
    return tuple(readings), tuple(spans)
