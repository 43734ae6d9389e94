"""Strengths, refills and directions of a medication request, and the generic ingredients of its names."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from itertools import pairwise

from imrllm.folding import caseless
from imrllm.grammar.numbers import NUMBER, REPEAT, WORD, number
from imrllm.grammar.reading import Part, Reading
from imrllm.grammar.word_lists import read_words
from imrllm.normalization import FIGURES, STRENGTH_UNIT, normal_strength_unit, printed_number
from imrllm.spans import FoldedSpan

_WORDS = read_words("request/words.txt")
# A number of a strength never starts inside a word, a longer number, a "#" count or a range's tail that was read.
_FIGURE = rf"(?:{FIGURES})"
# "10/325mg", "7.5-325 mg" and "5 mg/325 mg" list one number an ingredient and share the last unit.
_STRENGTH = re.compile(
    rf"(?<![\w.,#/-])(?P<figures>{_FIGURE}(?:\s?[/-]\s?{_FIGURE}){{0,4}})\s?-?\s?(?P<unit>{STRENGTH_UNIT})",
    re.IGNORECASE,
)
# After a slash or a hyphen, or glued to a name: "5 mg/325 mg", "Amitriptyline5%/Lidocaine 2%", "Norco10/325mg".
_FOLLOWING = re.compile(
    rf"(?<=[/a-z+-])\s?(?P<figures>{_FIGURE}(?:\s?/\s?{_FIGURE}){{0,4}})\s?(?P<unit>{STRENGTH_UNIT})", re.IGNORECASE
)
_REFILLS = re.compile(
    rf"""
    (?:\b(?:with|plus|and|w/)\s|[+;,]\s?)?
    (?:
        (?:(?:x|times)\s?)?\(?
            (?P<before>(?<![\w.#-])(?<!\d/)\d{{1,2}}|\b(?:no|without)\b|\b{WORD}){REPEAT}\)?
            \s(?:additional\s|more\s|authorized\s)?refills?\b  # "three (3) refills", "x 2 refills", "no refills"
            (?!\s?(?:[:=x]|times)\s?\d|\s\d{{1,2}}(?:[,;.)]|$))  # not a label with its own number: "x 30 refills: 3"
            (?:\s(?:of|for)\b)?
        | \b(?:refills?|rf)\b\.?\s?(?:[:#=]|x|times|of)?\s?\#?\s?\(?
            (?P<after>\d{{1,2}}(?:\.0{{1,2}})?(?![\w./-])|\b(?:none|no)\b|\b{WORD})\)?  # "Refills: 3", "RF x 2"
        | (?<![\w./#-])(?P<short>\d{{1,2}})\s?rf\b  # "3RF"
        | (?P<bare>\b(?:plus|with|and)\s(?:a\s)?refill)\b  # "plus refill": one
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)

# The fragments of `_DIRECTIONS`, written for `re.VERBOSE`.
_DOSE_FORM = rf"(?:(?:{_WORDS['dose_forms']})\b)"
# Accepts "take 1-2", "1/2" and "apply two (2)".
_AMOUNT = (
    rf"(?:\b(?:take|apply|use|inhale|inject)\s)?(?:(?<![\w.])\d\s?/\s?2|{NUMBER})(?:\s?(?:-|to)\s?{NUMBER})?{REPEAT}"
)
_ROUTE = r"""
(?:
    by\ mouth | orally | p\.?o\b\.?
    | sublingual(?:ly)? | topically | intramuscularly
    | \b(?:im|iv|sl)\b
    | (?:\bapply\ )?to\ (?:the\ )?(?:affected\ )?(?:skin|area)s?  # "apply to the affected area"
)
"""
_HOURS = rf"(?:{NUMBER}(?:\s?(?:-|to)\s?{NUMBER})?\s?)"
_EVERY = r"\d{1,2}(?:\s?(?:-|to)\s?\d{1,2})?\s?(?:h(?:ou)?rs?|h|days?|weeks?)?"
_TIMES = rf"""
(?:
    \bq\.?\s?(?:h\.?s|d|am|pm|day|night|week|month|hs|od|{_EVERY})\b\.?  # "qhs", "q 4-6 hours"
    | \b(?:b\.?i\.?d|t\.?i\.?d|q\.?i\.?d|h\.?s)\b\.?  # "BID", "t.i.d."
    | \b(?:once\ )?every\ (?:other\ )?{_HOURS}?
        (?:hours?|hrs?|days?|weeks?|months?|nights?|mornings?|evenings?|bedtime)\b  # "every 6 hours", "every other day"
    | (?:\bup\ to\s)?(?:\b(?:once|twice|thrice)|{NUMBER}(?:\s?(?:-|to)\s?{NUMBER})?\s?(?:times|x))
        \s?(?:a|per|/|each)?\s?(?:day|night|daily|nightly)\b  # "up to 3 times a day", "twice daily"
    | \b(?:once\ |twice\ )?(?:daily|nightly)\b
    | \b(?:at\ bedtime|at\ night|before\ bed(?:time)?|in\ the\ (?:morning|evening))\b
    | (?:\bup\ to\s)?{NUMBER}\s?(?:a|per|/)\s?(?:day|night)\b  # "2 per day"
)
"""
_AS_NEEDED = rf"""
(?:
    \b(?:p\.?r\.?n\b\.?|as\ needed)  # "prn"
    (?:
        (?:\ for\ (?:[a-z]+\ ){{0,5}}|\ (?:muscle\ |severe\ |breakthrough\ )?)  # "for moderate to severe"
        (?:{_WORDS["symptoms"]})\b
    )?
)
"""
_MEALS = r"""
(?:
    \bwith\ (?:food|meals?|water)\b
    | \b(?:after|before|prior\ to)\ meals\b
    | \bon\ an\ empty\ stomach\b
)
"""
_ON_AND_OFF = r"\d{1,2}\ hours?\ on(?:\s?[,/]\s?|\ and\ |\ )\d{1,2}\ hours?\ off"
_JOIN = r"(?:[,;]|-)?\s?(?:(?:and|to|or)\s)?"
_DIRECTIONS = caseless(
    rf"""
    (?:{_AMOUNT}\s?{_DOSE_FORM}?{_JOIN}(?:{_ROUTE}{_JOIN})?|(?:{_ROUTE}|{_MEALS}){_JOIN})?
        {_TIMES}(?:{_JOIN}(?:{_ROUTE}|{_TIMES}|{_AS_NEEDED}|{_MEALS})){{0,4}}  # "1 tablet by mouth twice daily"
    | (?:{_AMOUNT}\s?{_DOSE_FORM}?{_JOIN})?{_ON_AND_OFF}  # "apply 1 patch 12 hours on, 12 hours off"
    | {_AMOUNT}\s?{_DOSE_FORM}?{_JOIN}{_ROUTE}(?:{_JOIN}{_AS_NEEDED})?  # "1 tablet by mouth as needed"
    | {_AMOUNT}\s?{_DOSE_FORM}{_JOIN}(?:{_AS_NEEDED}|{_MEALS})  # "1 tablet with food"
    | (?:{_ROUTE}{_JOIN})?{_AS_NEEDED}  # "orally as needed for pain"
    """,
    re.VERBOSE,
)
# Words without which no directions stand: most requests hold none, and the whole pattern is tried at every character.
_DIRECTED = caseless(
    r"""
    \b(?:daily|day|night|nightly|bed|bedtime|every|morning|evening|mouth|orally|needed|hours?|hrs?|topically|meals?
        |food)\b
    | sublingual | intramuscular
    | \bto\ (?:the\ )?(?:affected\ )?(?:skin|area)
    | \b(?:im|iv|sl|hs|h\.s|p\.?o|p\.?r\.?n|[btq]\.?i\.?d)\b
    | \bq\.?\s?(?:h|d|am|pm|night|week|month|od|\d)  # "q8h", "q.d."
    """,
    re.VERBOSE,
)
_DIRECTED_FORM = re.compile(r"\b(?P<form>tab|cap|pill|patch|puff|drop|spray)(?:let|sule)?(?:s|es)?\b", re.IGNORECASE)
FORM_UNITS = {
    "tab": "tablet",
    "cap": "capsule",
    "pill": "pill",
    "patch": "patch",
    "puff": "puff",
    "drop": "drop",
    "spray": "spray",
}


def read_strengths(part: Part) -> tuple[Reading[str], ...]:
    """Number and unit of each ingredient in printed order; a unit after a slash list is shared."""
    readings: list[Reading[str]] = []
    position = 0
    listed, following = _STRENGTH.search(part.text), _FOLLOWING.search(part.text)
    while listed or following:
        match = min(filter(None, (listed, following)), key=lambda found: found.start())
        unit = normal_strength_unit(match["unit"])
        figures = list(re.finditer(_FIGURE, match["figures"]))
        for index, each in enumerate(figures):
            start = match.start("figures") + each.start()
            end = match.end() if index == len(figures) - 1 else match.start("figures") + each.end()
            readings.append(part.reading(f"{printed_number(number(each.group()))} {unit}", start, end))
        position = match.end()
        # Each is searched on only where what it found has been passed: one scan of the request for both.
        if listed and listed.start() < position:
            listed = _STRENGTH.search(part.text, position)
        if following and following.start() < position:
            following = _FOLLOWING.search(part.text, position)
    return tuple(readings)


def read_refills(part: Part) -> Reading[int] | None:
    """The number of refills; 0 where none are allowed, None where the request says nothing of them."""
    text = part.lower
    if "refill" not in text and "rf" not in text:
        return None
    for match in _REFILLS.finditer(part.text):
        printed = match["before"] or match["after"] or match["short"]
        if printed is None:
            return part.reading(1, *match.span())
        if re.fullmatch(r"no|none|zero|without|0", printed, re.IGNORECASE):
            return part.reading(0, *match.span())
        return part.reading(int(number(printed)), *match.span())
    return None


def read_directions(part: Part) -> Reading[str] | None:
    """How the drug is to be taken, as printed: the request's first stretch of directions."""
    if not _DIRECTED.search(part.lower):
        return None
    match = _DIRECTIONS.search(part.lower)
    return part.quote(*match.span()) if match else None


def directed_unit(directions: str) -> str | None:
    """The unit that directions name ("one tablet Q8 hours"): singular, lower case."""
    match = _DIRECTED_FORM.search(directions)
    return FORM_UNITS[match["form"].lower()] if match else None


@cache
def drug_names() -> dict[str, tuple[str, ...]]:
    """Brand and generic names, lower case, each with its generic ingredients in the order of the label.

    Source: the drugs' public labels; a generic is its own ingredient.
    """
    names: dict[str, tuple[str, ...]] = {}
    for line in (files("imrllm.grammar") / "drugs.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        printed, _, ingredients = line.partition(":")
        generics = tuple(name.strip() for name in (ingredients or printed).split("+"))
        for name in printed.split(","):
            names[name.strip()] = generics
    return names


@cache
def _longest_names() -> dict[str, int]:
    """The number of words of the longest name that opens with each word."""
    longest: dict[str, int] = {}
    for name in drug_names():
        words = [word.group() for word in _WORD.finditer(name)]
        longest[words[0]] = max(longest.get(words[0], 0), len(words))
    return longest


def opens_name(text: str, at: int) -> bool:
    """Whether a drug's name, rightly spelt, opens at an offset."""
    word = _WORD.match(text, at)
    return word is not None and word.group().lower() in _longest_names()


# A hyphen parts two words, and joins them in a name that is listed with it; "#3" is a word of "Tylenol #3".
_WORD = re.compile(
    r"""
    (?:\#|\bno\.)\ ?[2-4]\b(?![.,]?\d)  # "#3"
    | (?<=\bB-)12\b  # "Vitamin B-12"
    | [A-Za-z]{3,}(?=\d[\d./]*\s?(?:mg|mcg|%))  # glued to its strength: "Norco10/325mg"
    | [A-Za-z][A-Za-z0-9]*
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Accepts a product with what it holds in brackets: "Terocin patches (lidocaine 4%, menthol 4%)".
_CONTENTS = re.compile(r"\s?(?:[A-Za-z]{2,12}\s){0,2}\((?P<contents>[^()]{3,120})\)")
_NUMBERED = re.compile(r"(?:#|\bno\.) ?(?=\d$)", re.IGNORECASE)


def read_ingredients(part: Part) -> tuple[Reading[str], ...]:
    """The generic ingredients of the drugs that a request names, correctly spelt, each once, in printed order.

    A name counts in its own spelling; a word of seven letters or more that is no drug's name is also tried with one
    slip (Damerau-Levenshtein distance 1), where only one drug answers.
    """
    readings: list[Reading[str]] = []
    seen: set[str] = set()
    words = list(_WORD.finditer(part.text))
    names = drug_names()
    index = 0
    while index < len(words):
        taken = 1
        generics: tuple[str, ...] = ()
        longest = _longest_names().get(words[index].group().lower(), 0)
        for length in range(min(longest, len(words) - index), 0, -1):
            stretch = part.text[words[index].start() : words[index + length - 1].end()].lower()
            if generics := names.get(_NUMBERED.sub("#", stretch), ()):
                taken = length
                break
        if not generics and len(words[index].group()) >= 7:
            generics = _misspelt(words[index].group().lower())
        if len(generics) > 1:
            # What a product holds may be printed behind its name, and be less than its label has.
            inside = _CONTENTS.match(part.text, words[index + taken - 1].end())
            said = tuple(each.value for each in read_ingredients(part.cut(*inside.span("contents")))) if inside else ()
            if said and set(said) < set(generics):
                generics = said
        for generic in generics:
            if generic not in seen:
                seen.add(generic)
                readings.append(part.reading(generic, words[index].start(), words[index + taken - 1].end()))
        index += taken
    return tuple(readings)


def name_numbers(part: Part) -> tuple[FoldedSpan, ...]:
    """Where drugs are named with a number of the name's own: "Tylenol #3"."""
    if "#" not in part.text and "no." not in part.lower:
        return ()
    words = pairwise(_WORD.finditer(part.text))
    return tuple(
        part.span(name.start(), following.end())
        for name, following in words
        if following.group()[-1].isdigit()
        and _NUMBERED.sub("#", part.text[name.start() : following.end()].lower()) in drug_names()
    )


@cache
def _misspelt(word: str) -> tuple[str, ...]:
    if word in _WORDS["no_slips_of_drugs"].split("|"):
        return ()
    from rapidfuzz.distance import DamerauLevenshtein

    near = {
        generics
        for name, generics in drug_names().items()
        if abs(len(name) - len(word)) <= 1 and DamerauLevenshtein.distance(name, word, score_cutoff=1) <= 1
    }
    return near.pop() if len(near) == 1 else ()
