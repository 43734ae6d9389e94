"""The amount that a request names: its number, its unit, and whether it counts visits."""

from __future__ import annotations

import re
from dataclasses import dataclass

from imrllm.folding import caseless
from imrllm.grammar.numbers import NUMBER, REPEAT, TO, WORD, number
from imrllm.grammar.reading import MASK, DisjointSpans, Part, Reading
from imrllm.grammar.request.medications import opens_name
from imrllm.grammar.word_lists import read_words
from imrllm.normalization import COUNTABLE, FIGURES, normal_unit
from imrllm.spans import FoldedSpan, PartSpan

_VISITS = r"visits?|sessions?|treatments?|appointments?"
_WORDS = read_words("request/words.txt")
_CONTAINERS, _FORMS = _WORDS["containers"], _WORDS["forms"]
_THINGS = r"injections?|evaluations?|consultations?|nights?"
# Hours are an amount where they are counted as sessions are ("80 hours"), not one by one ("24 hour urine").
_HOURS = r"hours|hrs"
_MEASURES = r"grams?|gms?|ml|cc"
_NOUN = rf"(?:{_VISITS}|{_FORMS}|{_CONTAINERS}|{_THINGS}|{_HOURS})"
# The refills that follow a count are neither the end of a range nor a fraction's: "#60 - 2 refills", "#30/3 refills".
_REFILLS_FOLLOW = r"\d{1,2}\s(?:additional\s|more\s)?(?:refills?|rf)\b"
# The number of a tooth counts nothing: "tooth #14".
_HASH = caseless(
    rf"""
    (?<!tooth\ )(?<!teeth\ )
    \#\s?(?P<count>{COUNTABLE}\d[\d,]*)(?:\s?\({WORD}\))?  # "#30", "# 1,000", "#30 (thirty)"
    (?P<range>\s?-\s?(?!{_REFILLS_FOLLOW})\d+)?  # "#30-60", but not "#60 - 2 refills"
    (?![\w.]|\s?/(?!{MASK}|\s?{_REFILLS_FOLLOW}))  # not "#30/60", but "#30/3 refills"
    (?:\s?(?P<noun>{_NOUN}|{_MEASURES})\b)?  # "tablets"
    """,
    re.VERBOSE,
)
_QTY = caseless(
    rf"""
    \b(?:qty|quantity|count|disp(?:ense[d]?)?)\b\.?  # "Qty.", "dispensed"
    \s?(?:of\b|[:#=])?\s?\#?\(?
    (?P<count>{NUMBER})(?![\w/%-])\)?  # "30", "(30)", "thirty"
    (?:\s?(?P<noun>{_NOUN})\b)?  # "tablets"
    """,
    re.VERBOSE,
)
# "Twelve physical therapy visits", "6 monthly sessions": how often, and up to five plain words between the number and
# its noun, none of which starts another amount.
_BETWEEN = (
    rf"(?:{MASK}+\s)?"
    rf"(?:(?!(?:{_WORDS['starts_an_amount']})\b)[A-Za-z][A-Za-z/'-]*\s){{0,5}}"
)
_COUNTED = caseless(
    rf"""
    (?<!\d-)(?<!visc[- ])  # not the tail of a level ("L4-5 facet injections") or of a name ("Synvisc-One injection")
    (?P<count>{NUMBER})(?P<range>{TO}{NUMBER})?(?:\s?\(\d+\))?  # "12", "2-3", "twelve (12)"
    (?:\s|-)?(?P<between>{_BETWEEN})(?P<noun>{_NOUN})\b  # "physical therapy visits"
    """,
    re.VERBOSE,
)
_TIMES_COUNT = caseless(
    rf"""
    (?<![\w*])
    (?:
        x\s?(?P<count>{FIGURES}|\b{WORD})  # "x 6", "x six"
        | times\s(?P<timed>{NUMBER})  # "times 6"
    )
    (?P<range>{TO}{NUMBER})?  # "x 6-8"
    (?![\w.%/]|\s?(?:mg|mcg|gm?|ml|cm|mm|%|days?|weeks?|wks?|months?|hours?|per|a|times)\b)  # not "x 6 weeks"
    """,
    re.VERBOSE,
)
# "ten count", "30 ct".
_COUNT_OF = caseless(rf"(?P<count>{NUMBER}){REPEAT}[\s-]?(?:count|ct)\b(?!\s?[:#]?\s?\d)")
_SERIES = caseless(rf",?\s?\b(?:in )?(?:an? )?series of (?P<count>{NUMBER})(?![\w/%])")
# The number that opens a request: "1 MRI", "Two knee braces".
_OPENING = caseless(
    rf"""
    ^(?:(?:retro(?:spective)?\s)?requests?\ for\s)?  # "Retrospective request for"
    (?P<open>\()?(?P<count>\d{{1,3}}|{WORD})(?(open)\)){REPEAT}\s(?=[A-Z])  # "(2) knee", not a list's "1) MRI"
    (?!(?:additional\ )?(?:{_WORDS["counted_by_the_treatment"]})\w*\b)  # not "2 view x-ray"
    """,
    re.VERBOSE,
)
# A number alone behind a comma, in brackets or behind what was read, where a request has no other amount. A number
# before the comma makes it an entry of a list ("L4, 5").
_BARE = caseless(
    rf"""
    (?:
        (?:(?<!\d)[,:]|\s-|(?<={MASK}))\s(?P<count>\d{{1,3}}|{WORD}){REPEAT}(?:\stimes?\b)?
            (?=\s?(?:[,;){MASK}]|\.(?!\d)|$))  # "Norco 10/325mg, 60", "Ibuprofen 800mg sixty (60)"
        | \s\((?P<bracketed>\d{{1,3}}|{WORD})\)  # "Aquatic therapy (8)"
    )
    """,
    re.VERBOSE,
)
# "patches 30", "sessions 12": the number behind what it counts.
_BEHIND = caseless(
    r"\b(?:visits|sessions|treatments|pads|electrodes|patches|tablets|capsules|tabs|caps|strips)\s(?P<count>\d{1,3})"
    r"(?=\s?(?:[,;)]|$))"
)
# The number of a course's visits where the course itself was read: "2 times a week for 4 weeks (8)", "... = 8",
# "two times four visits (8)".
_COURSE_TOTAL = caseless(
    rf"""
    (?<={MASK})[\s,]{{0,2}}
    (?:(?P<noun>{_VISITS})\s?,?\s?)?
    (?:
        \(\s?(?:=\s?|total\s(?:of\s|=\s?)?)?(?P<count>\d{{1,3}}|{WORD})(?:\stotal)?\s?\)  # "(8)", "(total of 8)"
        | (?:=|(?:for\sa\s)?total(?:\sof)?\s?[:=]?)\s?\(?(?P<total>\d{{1,3}}|{WORD})\)?(?=\s?(?:[,;.]|$))  # "= 8"
    )
    """,
    re.VERBOSE,
)
# The size of a container, which counts nothing itself.
_SIZE = caseless(
    rf"""
    (?P<counted>{NUMBER}\s)?,?\s?\(?\b(?:box(?:es)?|packs?|packages?|bottles?|tubes?)
    (?P<size>\s(?:
        of\s\d{{1,3}}\b(?:\s(?:{_FORMS})\b)?  # "box of 30", "2 boxes of 30 patches"
        | \(\d{{1,3}}\s(?:{_FORMS})\)  # "1 box (4 patches)"
    ))\)?
    """,
    re.VERBOSE,
)
_VOLUME = caseless(
    rf"(?<![\w./-])(?P<count>{FIGURES})\s?-?\s?(?P<noun>grams?|gms?|g|ml|cc|oz|ounces?|milliliters?)\b(?!\s?/)"
)
_WHEN = re.compile(r"\b(?:in|after|every|within)\s$", re.IGNORECASE)
_REFILLED = re.compile(r"\b(?:refills?|rf)\b[\s.:=(]{0,3}$", re.IGNORECASE)
_VISIT_WORD = re.compile(r"\b(?:visits|sessions)\b", re.IGNORECASE)
_FORM_WORD = re.compile(rf"\b(?:{_FORMS})\b", re.IGNORECASE)
# A device where it is no drug's form.
_PADS = re.compile(r"pads?", re.IGNORECASE)
_ONLY_PADS = re.compile(rf"{NUMBER}{REPEAT}[\s-]pads?", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Za-z]{3,}")
_SEEN = re.compile(r"\b(?:follow[- ]?up|office|clinic|medical)\s$", re.IGNORECASE)
_GOES_ON = re.compile(r"\s(?:of|with|by|to|at)\b", re.IGNORECASE)
_NAMES = re.compile(rf"{_FORMS}|{_THINGS}", re.IGNORECASE)
_VOLUME_UNITS = ("gram", "ml", "cc", "ounce")


@dataclass(frozen=True, slots=True)
class _Count:
    """One printed amount, by offsets within the request; no number for a range; marked by "#", "Qty" or "x" or not."""

    start: int
    end: int
    number: float | None
    unit: str | None
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """How many units a request asks for.

    Attributes:
        quantity: the number of units; None where none is printed, or several that do not agree.
        unit: singular, lower case; None where it is not printed.
        visits: the printed count of visits, where the unit is one.
        spans: every amount's stretch, those that do not agree included.
        sizes: stretches of the containers' sizes, which count nothing themselves: "box of 30".
        apart: stretches of several amounts of which none could be chosen.
        contested: another amount beside the quantity, as printed: "#1" beside "120 grams".
    """

    quantity: Reading[float] | None
    unit: Reading[str] | None
    visits: Reading[int] | None
    spans: tuple[FoldedSpan, ...]
    sizes: tuple[FoldedSpan, ...] = ()
    apart: tuple[FoldedSpan, ...] = ()
    contested: Reading[str] | None = None


def read_amount(part: Part, *, course: bool = False) -> Amount:
    """The units requested.

    Args:
        part: the request, its strengths, refills, directions and course masked out.
        course: a course was read: a number without a word may be its weeks.
    """
    sizes: tuple[FoldedSpan, ...] = ()
    if any(word in part.lower for word in ("box", "pack", "bottle", "tube")):
        containers = _SIZE.finditer(part.lower)
        sizes = part.spans(PartSpan(match.span("size" if match["counted"] else 0)) for match in containers)
        part = part.masked(sizes)
    text = part.lower
    found, taken = _counts(text)
    totaled = next(_COURSE_TOTAL.finditer(text), None) if course and not found else None
    if totaled:
        noun = normal_unit(totaled["noun"]) if totaled["noun"] else None
        found = [_Count(*totaled.span(), number(totaled["count"] or totaled["total"]), noun)]
        taken = [PartSpan(totaled.span())]
    elif not (found or course):
        found = [
            _Count(*match.span(), number(match["count"] or match["bracketed"]), None) for match in _BARE.finditer(text)
        ] or [_Count(*match.span("count"), number(match["count"]), None) for match in _BEHIND.finditer(text)]
        taken = [PartSpan((each.start, each.end)) for each in found]
    chosen = _agreed(found)
    if chosen is None or chosen.number is None:
        apart = part.spans(taken) if all(each.number is not None for each in found) else ()
        return Amount(None, None, None, part.spans(taken), sizes, apart)
    span = (chosen.start, chosen.end)
    unit = part.reading(chosen.unit, *span) if chosen.unit else None
    printed = text[chosen.start : chosen.end]
    if unit and unit.value == "pad" and not (_ONLY_PADS.fullmatch(printed) or _names_a_drug(text)):
        # The pads of "Two elbow pads" are what is asked for; those of "TENS pads, 4 pads" count it.
        unit = None
    elif (
        unit is None
        and (form := _FORM_WORD.search(text))
        and (not _PADS.fullmatch(form.group()) or _names_a_drug(text))
    ):
        unit = part.reading(normal_unit(form.group()), *form.span())
    elif (
        unit is None
        and text[chosen.start] in "#QqXx,:"
        and (visited := _VISIT_WORD.search(text))
        and not _SEEN.search(text, 0, visited.start())
    ):
        # "therapy sessions #6", "sessions x 6": the unit is printed, apart from its number, and no part of the name
        # ("Follow-up visits x 3").
        unit = part.reading(normal_unit(visited.group()), *visited.span())
        taken.append(PartSpan(visited.span()))
    is_visits = totaled is not None or (unit is not None and bool(re.fullmatch(_VISITS, unit.value)))
    # The size of what is counted contests nothing.
    sized = chosen.marked or (chosen.unit is not None and chosen.unit not in _VOLUME_UNITS)
    rivals = (each for each in found if each.number != chosen.number and not (sized and each.unit in _VOLUME_UNITS))
    other = next(rivals, None)
    return Amount(
        quantity=part.reading(chosen.number, *span),
        unit=unit,
        visits=part.reading(round(chosen.number), *span) if is_visits else None,
        spans=part.spans(taken),
        sizes=sizes,
        contested=part.quote(other.start, other.end) if other else None,
    )


# Each pattern of an amount with a word that it never goes without; the first that takes a number keeps it.
_AMOUNTS = (
    (_QTY, ""),
    (_HASH, "#"),
    (_COUNTED, ""),
    (_SERIES, "series of"),
    (_COUNT_OF, ""),
    (_VOLUME, ""),
    (_TIMES_COUNT, ""),
    (_OPENING, ""),
)


def _counts(text: str) -> tuple[list[_Count], list[PartSpan]]:
    """Every amount of a request in lower case, in printed order, and the stretches that they take."""
    found: list[_Count] = []
    taken: list[PartSpan] = []
    free = DisjointSpans[PartSpan]()
    for pattern, word in _AMOUNTS:
        if word not in text:
            continue
        if pattern is _OPENING and found:
            break
        for match in pattern.finditer(text):
            groups = match.groupdict()
            noun = groups.get("noun")
            # A model's number, not a count: "VascuTherm 4 unit".
            if noun and noun.lower() == "unit" and number(groups["count"]) != 1:
                continue
            # When to repeat a dose is no amount: "in 2 hours".
            if noun and normal_unit(noun) == "hour" and _WHEN.search(text, max(0, match.start() - 8), match.start()):
                continue
            if not free.add(PartSpan(match.span())):
                continue
            value = None if groups.get("range") else number(groups.get("count") or groups["timed"])
            marked = pattern in (_QTY, _HASH, _TIMES_COUNT)
            found.append(_Count(*match.span(), value, normal_unit(noun) if noun else None, marked))
            # "Twelve physical therapy visits": the words between the number and its noun are not the amount's.
            between = groups.get("between")
            if noun and _names_treatment(text, between, PartSpan(match.span("noun"))):
                taken.append(PartSpan((match.start(), match.start("between" if between else "noun"))))
            elif between:
                taken += [PartSpan((match.start(), match.start("between"))), PartSpan(match.span("noun"))]
            else:
                taken.append(PartSpan(match.span()))
    return sorted(found, key=lambda each: each.start), taken


def _names_a_drug(text: str) -> bool:
    """Whether a word of a request opens a drug's name."""
    return any(opens_name(text, word.start()) for word in _LETTERS.finditer(text))


def _names_treatment(text: str, between: str | None, noun: PartSpan) -> bool:
    """Whether a counted noun is the name's too: "Three Supartz injections", "One injection of Toradol"."""
    printed = text[slice(*noun)]
    if between:
        return bool(_NAMES.fullmatch(printed) or _SEEN.search(between))
    return bool(re.fullmatch(_THINGS, printed, re.IGNORECASE) and _GOES_ON.match(text, noun[1]))


def _agreed(found: list[_Count]) -> _Count | None:
    """The one amount that all agree on.

    A single container of a printed volume or weight is that volume; a marked count is of containers of that size
    ("100 gm tube, #3").
    """
    if not found or any(each.number is None for each in found):
        return None
    volumes = [each for each in found if each.unit in _VOLUME_UNITS]
    others = [each for each in found if each.unit not in _VOLUME_UNITS]
    counted = [each for each in others if each.marked]
    if len(volumes) == 1 and all(each.number == 1 for each in others) and not counted:
        return volumes[0]
    named = [each for each in others if each.unit] or others
    if len({(each.number, each.unit) for each in named}) == 1 and len({each.number for each in others}) == 1:
        return named[0]
    return None


def explicit_amounts(part: Part) -> tuple[FoldedSpan, ...]:
    """Where counts with a mark of their own stand ("#30", "Qty 30"): no other reader may take their number.

    The mark of "Refills: #3" is the refills' own.
    """
    marked = [PartSpan(match.span()) for pattern in (_QTY, _HASH) for match in pattern.finditer(part.lower)]
    return part.spans([span for span in marked if not _REFILLED.search(part.text, max(0, span[0] - 12), span[0])])
