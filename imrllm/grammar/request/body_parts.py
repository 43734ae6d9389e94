"""Body parts that a request names, with their side, and the phrase that joins each to the treatment."""

from __future__ import annotations

import re

from imrllm.grammar.reading import Part, Reading
from imrllm.grammar.word_lists import read_words
from imrllm.spans import FoldedSpan

_WORDS = read_words("request/words.txt")
_SIDE = rf"(?:{_WORDS['sides']})"
_SPINE = rf"(?:{_WORDS['levels_of_the_spine']})"
_NOUN = rf"(?:{_WORDS['body_parts']})"
_LEVEL = r"(?:[CTLS]\d{1,2}(?:\s?[-/]\s?[CTLS]?\d{1,2})*(?![\w.%]))"
# A side behind its part: "cervical spine bilateral", "wrist, left". Neither the side of what follows it nor
# "bilaterally", which says how the procedure is done.
_ONE_SIDED = rf"""
(?:{_SPINE}(?:\sspine)?|(?<!right\s)(?<!left\s){_NOUN}|{_LEVEL})
(?:
    \s\(?(?:bilateral|left|right)\)?(?=\s?(?:$|[,;.(\x00\#]|(?:x|with|without|w/o?|times|under|\d+)\b))
    | ,\s(?:bilateral|left|right)(?=\s?(?:$|[,;.(\x00]))
)
"""
# "right shoulder", "cervical/thoracic spine", "left L4-5". Written for `re.VERBOSE`, as the two below.
_ONE = rf"""
(?:
    {_ONE_SIDED}
    | (?:{_SIDE}\s)?
    (?:
        {_SPINE}(?:\s(?:spine|region|area|back|paraspinals?))?  # "lumbar spine"
        | {_NOUN}  # "shoulder"
    )
    (?:\s?/\s?(?:{_NOUN}|{_SPINE}(?:\s(?:spine|region|area))?))?  # "wrist/hand", "cervical/lumbar spine"
    | (?:{_SIDE}\s)?{_LEVEL}  # "L4-5"
)
"""
_JOINT = r"""
(?:
    \s?,\s?(?:and\s|&\s)?  # "neck, back"
    | \s(?:and|&|or|at)\s?(?:the\s)?  # "neck and the back"
    | \s?\+\s?  # "neck + back"
    | \s(?=[A-Za-z]+(?:\s?,|\sand\s))  # a comma that was left out: "neck back, and"
)
"""
# A part inside a procedure's or a specialist's name does not count as a body part of the request.
_NOT_A_PART = rf"""
(?!(?:{_JOINT}{_ONE}){{0,2}}\s(?:orthop[a-z]+\s)?(?:  # "foot and ankle specialist", "hand orthopedic surgeon"
    specialists? | surgeons? | therapists? | [a-z]{{2,12}}(?:ologist|iatrist|op(?:a)?edist)s?
    | surg(?:ery|ical)\ (?:consult[a-z]{{0,6}}|referral|evaluation|specialist|follow)
    | doctors? | physicians?
    | pain\ (?:management|specialist|medicine|physician|doctor|clinic|program|consult[a-z]{{0,6}}|psych[a-z]{{0,8}})
    | lift | drop | interbody  # "back lift", "foot drop", "lumbar interbody fusion"
)\b)
(?!-)
"""
_PHRASE = re.compile(
    rf"""
    (?P<lead>
        (?:\b|(?<=(?-i:[A-Z]{{2}})))  # the space is lost after an abbreviation: "MRIof the thoracic spine"
        (?:of|for|to|on|in|at|over|involving)\s(?:the\s|his\s|her\s)?
    )?
    (?<![\w-])
    (?<!total\ )(?<!trigger\ )(?<!tennis\ )(?<!occupational/)  # "total knee"
    (?<!back\ to\ )(?<!anterior\ )(?<!posterior\ )(?<!distal\ )
    (?P<parts>{_ONE}(?:{_JOINT}{_ONE}){{0,7}})
    {_NOT_A_PART}(?![\w])(?:\slevels?\b)?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BOTH_SIDES = re.compile(r"(?P<one>right|left) and (?P<two>left|right) (?P<noun>.+)", re.IGNORECASE)
_SLASHED = re.compile(_ONE, re.IGNORECASE | re.VERBOSE)
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
