"""Normal forms of values: two values are the same if their normal forms are equal."""

from __future__ import annotations

import re

# Ten digits in a row, or forty with commas, count nothing: arithmetic with them would overflow.
_ENDLESS = r"\d{10}|[\d,]{40}"
COUNTABLE = rf"(?!{_ENDLESS})"
ENDLESS = re.compile(rf"(?:{_ENDLESS})[\d,]*")
# "1,000" is one number, "10,20" is not; ".5" is 0.5.
FIGURES = rf"(?<!\d)(?<!\d{{3}},){COUNTABLE}(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?|\.\d+"
_MASS = r"mg|mcg|ug|µg|meq|milligrams?|micrograms?|iu|units?"
_DISSOLVED_IN = r"ml|hr|hour|h|g|gm|gram|actuation|puff|spray|patch|tab(?:let)?|cap(?:sule)?"
# A strength is a mass, a share or a concentration. A bare volume or weight in grams is an amount ("120 grams",
# "500ml"), and so is not accepted here unless something is dissolved in it ("300mg/g", "5mg/5ml").
STRENGTH_UNIT = rf"(?:(?:{_MASS}|g|gm|%)\s?/\s?(?:\d*\.?\d+\s?)?(?:{_DISSOLVED_IN})\b|(?:{_MASS})\b|%|percent\b)"
_ONE_STRENGTH = re.compile(rf"(?P<figure>{FIGURES})\s?-?\s?(?P<unit>{STRENGTH_UNIT})", re.IGNORECASE)
_STRENGTH_UNITS = {
    **dict.fromkeys(("milligram", "milligrams"), "mg"),
    **dict.fromkeys(("microgram", "micrograms", "ug", "µg"), "mcg"),
    **dict.fromkeys(("gm", "gram"), "g"),
    **dict.fromkeys(("hour", "h"), "hr"),
    "percent": "%",
    "unit": "units",
    "tab": "tablet",
    "cap": "capsule",
}
# A plural in "s" that is not here is looked up without it.
_UNITS = {
    "tab": "tablet",
    "cap": "capsule",
    "boxes": "box",
    "patches": "patch",
    "suppositories": "suppository",
    "gm": "gram",
    "g": "gram",
    "oz": "ounce",
    "milliliter": "ml",
    "hr": "hour",
}
_WORDS = re.compile(
    r"""
    (?<![\w.,])\.\d+  # ".5"
    | \d+(?:[.,]\d+)*  # "0.5", "1,000"
    | [^\W\d_]+ | %
    | (?<=\d)/(?=\d)  # between figures, where "1/2" is not "1-2"
    """,
    re.VERBOSE,
)
_DASHES = re.compile(r"[-\u2010-\u2015\u2212]")


def normal_text(value: object) -> str:
    """Text without case, white space and punctuation: "10/325mg" and "10/325 mg" alike, ".5 mg" and "5 mg" not."""
    words = _WORDS.findall(str(value).lower())
    return " ".join(f"0{word}" if word.startswith(".") else word for word in words)


def normal_pages(value: object) -> str:
    """A page or a range of pages, whatever dash it is printed with."""
    return "-".join(end.strip() for end in _DASHES.split(str(value).lower()))


def normal_unit(noun: object) -> str:
    """A quantity's unit: singular, lower case, abbreviations written out."""
    word = str(noun).lower()
    if word in _UNITS:
        return _UNITS[word]
    word = word[:-1] if word.endswith("s") and not word.endswith("ss") else word
    return _UNITS.get(word, word)


def normal_strength_unit(printed: str) -> str:
    """A strength's unit: lower case, abbreviated, without spaces."""
    pieces = []
    for piece in re.split(r"\s?/\s?", printed.strip().lower()):
        count = re.match(r"\d*\.?\d+", piece)
        name = piece[count.end() :].strip() if count else piece
        # "10 mg/1 ml" is 10 mg/ml.
        size = f"{count.group()} " if count and count.group() != "1" else ""
        pieces.append(size + _STRENGTH_UNITS.get(name, name))
    return "/".join(pieces)


def normal_strength(value: object) -> str:
    """A strength as "10 mg" or "0.025 %", from any printed spelling; other text with single spaces."""
    text = str(value).strip()
    match = _ONE_STRENGTH.fullmatch(text)
    if match is None:
        return " ".join(text.split())
    return f"{printed_number(float(match['figure'].replace(',', '')))} {normal_strength_unit(match['unit'])}"


def printed_number(value: float) -> str:
    """A number as records print it: no trailing zeros, no leading point."""
    return f"{value:g}" if value < 1e6 else f"{value:.0f}"
