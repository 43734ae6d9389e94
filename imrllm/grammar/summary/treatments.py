"""The treatment to date and the current medications that the case summary states."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from imrllm.folding import caseless
from imrllm.grammar.lexicon import glancing
from imrllm.grammar.numbers import WHOLE
from imrllm.grammar.reading import DisjointSpans, Part, Reading, split_outside_brackets, tightened
from imrllm.grammar.request.medications import opens_name
from imrllm.grammar.summary.lists import (
    LISTS,
    WORDS,
    find_lists,
    is_course,
    is_modifier,
    places,
    read_entries,
    remembered,
    split_at,
    split_entries,
    untied,
    words_of,
)
from imrllm.grammar.summary.stated_care import (
    care_after_verbs,
    care_before_verbs,
    sentences_of_care,
    stopped_care,
)
from imrllm.grammar.summary.stated_dates import sentence_ends
from imrllm.spans import PartSpan

# Words between a list's name and its verb: "Treatment for the wrist to date has included", "Medications on 6-11-2015:".
_BETWEEN = rf"(?:,?\ (?!(?:{WORDS['no_list']})\b)[\w/-]+,?){{0,5}}"
# "Treatment to date has been ice", not "has been denied".
_HAS_BEEN = r"\ (?:has|have|had)\ been(?!\ (?:\w+ly\ )?\w+ed\b)"
_LEAD = glancing(
    rf"""
    \b
    (?:
        (?<!plan\ of\ )(?<!requests\ for\ )(?<!request\ for\ )(?:past\ |prior\ |previous\ |other\ )?
            (?:
                (?:treatments?|tx|modalities|management)
                    (?:\ to\ date|\ so\ far|\ thus\ far)?{_BETWEEN}(?:{LISTS}|{_HAS_BEEN})
                | (?:treatments?|tx|care|therap(?:y|ies))
                    (?:\ and\ (?:diagnostic\ (?:studies|testing)|evaluation)|\ history)?
                    (?:\ to\ date|\ so\ far|\ thus\ far)?
                    (?:\ (?:over|for|since)(?:\ \w+){{1,3}}?(?=\ ha[sd]\b))?
                    (?:{LISTS}|{_HAS_BEEN}|\ been|\ are|\ history|(?<=\ date)\ (?:is|was))
            )
        | surgeries{LISTS}
        | surgical\ history(?:(?:\ (?:is|was|has))?(?:\ noted)?(?:\ to)?\ include[sd]?|\s?:)
        | {WORDS["treated_with"]}
        | (?:medications?|meds|medicines)(?:{_BETWEEN}{LISTS}|\ (?:list|regimen)\ (?:list|show)(?:s|ed)|\ are|\ were)
        | (?:medication|drug|medicinal)\ regimen(?:{_BETWEEN}{LISTS}|\ (?:is|was|of))
        | current\ medications?\ is
        | \bRx\s?:
    )
    \s?:?\s
    | \btreatments?\ to\ date\s?(?P<bracket>\()
    """,
    re.VERBOSE,
)
_AND = re.compile(
    r"""
    (?=[,\s])  # what all begin with
    (?:
        ,?\s(?:and|as\ well\ as|along\ with)\s(?!/)
        | \s(?=with\s(?!codeine\b))
        | (?:(?<=\d)|(?<=\dmg)|(?<=\smg)|(?<=%)|(?<=daily)|(?<=[btq]id)|(?<=prn)|(?<=qhs))
            \s(?=(?-i:[A-Z][a-z]))  # no comma: "Norco 10/325 mg Soma 350 mg"
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_INCLUDING = caseless(
    rf"\b(?:{WORDS['including']})(?:\s|(?<=\())(?:(?:ongoing |current )?(?:treatment with|use of)\s)?"
)
_USE = caseless(
    rf"""
    (?:
        {WORDS["use"]}
        | (?P<count>\#?{WHOLE}(?:\ \([0-9]+\))?)  # "six (6)"
            (?!\ (?:hour|phase|level|view|point|lead|channel|panel|wheel)s?\b)  # part of the name: "three phase scan"
    )
    \s
    (?:
        (?:sessions?|visits?|treatments?|courses?|weeks?|months?|tablets?|capsules?|pills?)\ of\s
        | (?:sessions?|visits?)\s(?!(?:with|for|to|at|in)\b)  # "6 sessions yoga"
    )?
    """,
    re.VERBOSE,
)
# The noun of a count that stands before the name: "12 yoga sessions".
_COUNTED = re.compile(r"\s(?:sessions?|visits?|treatments?|appointments?)$", re.IGNORECASE)
_NUMBER_OF = re.compile(r"\b(?:amount|number|course|series)", re.IGNORECASE)
_TRAILING_USE = re.compile(r"(?<=\w)\suse$", re.IGNORECASE)
# A procedure that a drug's name opens.
_PROCEDURE = re.compile(r"\s(?:\w+\s){0,2}(?:injections?|infusions?|blocks?|trial|pump)\b", re.IGNORECASE)
_ENDS = caseless(rf"[\s,]{{0,3}}(?:{WORDS['treatment_ends']})")
# A purpose, unless a body part follows: "splint for support", but "physical therapy for the knee" stays whole.
_PURPOSE = re.compile(r"\s(?:for|in)\s(?:(?:the|his|her|their)\s)?", re.IGNORECASE)
# Where the name of a drug ends.
_DRUG_ENDS = re.compile(rf"(?<!\bno\.)\s(?:{WORDS['drug_ends']})\b", re.IGNORECASE)
# A comment on the entry before it: "Norco, taken daily", "Soma, the last in use since May".
_COMMENT = re.compile(rf"\s?(?:{WORDS['comment']})\b", re.IGNORECASE)
# Words of a list that names planned care.
_PLANNED = caseless(rf"\b(?:{WORDS['planned']})\b")
_LEAD_PLANNED = caseless(rf"\b(?:{WORDS['lead_planned']})\b")
_GENERIC = re.compile(r"(?:[a-z-]+ ){0,2}(?:medications?|medicines)(?: (?:management|regimen|therapy))?", re.IGNORECASE)
_KIND = re.compile(r"medications?|medicines?", re.IGNORECASE)
# Generic words for drugs of one kind, and the names of its instances.
_KINDS = tuple(
    (
        re.compile(
            rf"(?:(?:oral|prescription)\ )?(?:{kind})(?:\ (?:medications?|medicines?|drugs?|agents?))?", re.IGNORECASE
        ),
        re.compile(rf"(?:{WORDS[name]})\b", re.IGNORECASE),
    )
    for kind, name in (
        (r"nsaids?|(?:non-?\ ?steroidal\ )?anti-?\ ?inflammator(?:y|ies)", "nsaid"),
        (r"muscle\ relaxants?", "relaxant"),
        (r"opioids?|opiates?|narcotics?", "opioid"),
    )
)
_SURGERY = re.compile(r"surger(?:y|ies)", re.IGNORECASE)
_THERAPY = re.compile(r"therap(?:y|ies)", re.IGNORECASE)
_SOME_THERAPY = re.compile(r"(?:physical|occupational|land|aqua(?:tic)?|hand) therapy", re.IGNORECASE)
_OPERATION = re.compile(WORDS["operation"], re.IGNORECASE)
_TREATMENT = re.compile(rf"{WORDS['operation']}|{WORDS['treatment']}", re.IGNORECASE)
_STUDY = re.compile(WORDS["study"], re.IGNORECASE)
# The most words of a verb's object, and of an object that names no known care.
_MOST_WORDS = 12
_MOST_DOUBTED = 3
_VERB = re.compile(r"\s(?:is|are|was|were|has|have|had)\b", re.IGNORECASE)
_NO_ENTRY = re.compile(rf"\b(?:{WORDS['clause']}|{WORDS['no_entry']})\b", re.IGNORECASE)
_ADJECTIVE = re.compile(rf"\b(?:{WORDS['adjective']})$", re.IGNORECASE)
# One operation: "open reduction and internal fixation".
_ONE_OPERATION = re.compile(
    r"(?:internal fixation|(?:percutaneous )?pinning|fusion|debridement|drainage|curettage)\b", re.IGNORECASE
)


# Letters repeat words: what each is is remembered.
_is_operation, _is_treatment, _is_study = remembered(_OPERATION), remembered(_TREATMENT), remembered(_STUDY)


def read_treatments(part: Part) -> tuple[Reading[str], ...]:
    """Read the treatment to date and the current medications.

    "Medications" is left out if a drug is named, "surgery" if an operation is, "therapy" if a kind of it is.
    """
    listed = read_entries(_lists_of_care(part), _split)
    taken = DisjointSpans(reading.span for reading in listed)
    known = {word.lower() for reading in listed for word in words_of(reading.value)}
    for entry in _stated(part):
        # A drug repeats another by its name, an operation by its kind, other care by all of its words.
        words = [word.lower() for word in words_of(entry.text)]
        if opens_name(entry.text, 0):
            words = words[:1]
        elif operations := [word for word in words if _is_operation(word)]:
            words = operations
        if not known.issuperset(words) and taken.add(entry.whole):
            known.update(word.lower() for word in words_of(entry.text))
            listed.append(entry.reading(entry.printed, 0, len(entry.text)))
    named = [reading.value for reading in listed]
    kept = [each for each in listed if not _says_nothing(each.value, named)]
    return tuple(sorted(kept, key=lambda reading: reading.span))


def _lists_of_care(part: Part) -> Iterator[tuple[Part, str]]:
    """The lists that name care, but not those of a plan: "the plan includes ongoing therapy including naproxen"."""
    starts = [0, *(end for _, end in sentence_ends(part.text))]
    lower = part.lower
    for listed, separator in find_lists(part, _LEAD):
        at = listed.start - part.start
        start = starts[bisect_right(starts, at) - 1]
        name = max((match.start() for match in _LEAD.finditer(lower, start, at)), default=start)
        if not _LEAD_PLANNED.search(lower, start, name):
            yield listed, separator


def _says_nothing(value: str, named: list[str]) -> bool:
    """Whether an entry is a generic word and another entry is an instance of it."""
    if _GENERIC.fullmatch(value):
        return any(opens_name(name, 0) for name in named)
    for kind, instance in _KINDS:
        if kind.fullmatch(value):
            return any(instance.match(name) for name in named)
    if _SURGERY.fullmatch(value):
        return any(_names_operation(name) for name in named)
    return _THERAPY.fullmatch(value) is not None and any(_SOME_THERAPY.fullmatch(name) for name in named)


def _stated(part: Part) -> Iterator[Part]:
    """The care that single sentences state."""
    for stretch in stopped_care(part):
        yield from _care(_objects(stretch))
    for sentence in sentences_of_care(part):
        for stretch in care_after_verbs(sentence):
            yield from _care(_objects(stretch))
        for stretch in care_before_verbs(sentence):
            yield from _care(reversed(_objects(stretch)))


def _objects(stretch: Part) -> list[Part]:
    """The objects of a verb, each cut off before the next verb."""
    verbs = ((entry, _VERB.search(entry.text)) for entry in _split(stretch, ","))
    return [tidy_treatment(entry.cut(0, verb.start())) if verb else entry for entry, verb in verbs]


def _care(entries: Iterable[Part]) -> Iterator[Part]:
    """The entries up to the first that names no care; a short one between two that do is taken as an unknown drug."""
    doubted: list[Part] = []
    for index, entry in enumerate(entry for entry in entries if entry.text):
        if _is_care(entry.text):
            yield from (*doubted, entry)
            doubted = []
        elif any(map(_is_study, words_of(entry.text))):
            continue
        elif not index or _NO_ENTRY.search(entry.text) or len(words_of(entry.text)) > _MOST_DOUBTED:
            break
        else:
            doubted.append(entry)


def _is_care(text: str) -> bool:
    return (
        len(words_of(text)) <= _MOST_WORDS
        and ":" not in text
        and (opens_name(text, 0) or any(_is_treatment(word) and not _KIND.fullmatch(word) for word in words_of(text)))
        and not _NO_ENTRY.search(text)
    )


def tidy_treatment(part: Part) -> Part:
    """Strip an entry's counts, doses, dates and purpose, and the words that only say that it was used."""
    entry = untied(part)
    lower, start, end = entry.lower, 0, len(entry.text)
    counted = False
    while (lead := _USE.match(lower, start)) is not None:
        counted = counted or lead["count"] is not None or _NUMBER_OF.search(lead.group()) is not None
        start += untied(entry.cut(lead.end(), end)).start - entry.start - start
    if amount := _ENDS.search(lower, start, end):
        end = amount.start()
    # "Orthovisc injections in the right knee" keeps its place.
    if (
        opens_name(entry.text, start)
        and (after := _DRUG_ENDS.search(lower, start, end))
        and not (_PROCEDURE.search(entry.text, start, after.start()) and is_modifier(entry.text[after.end() : end]))
    ):
        end = after.start()
    if (purpose := _PURPOSE.search(entry.text, start, end)) and not is_modifier(entry.text[purpose.end() : end]):
        end = purpose.start()
    if used := _TRAILING_USE.search(entry.text, start, end):
        end = used.start()
    if counted and (sessions := _COUNTED.search(entry.text, start, end)):
        end = sessions.start()
    return untied(entry.cut(*tightened(entry.text, start, end)))


def _split(listed: Part, separator: str) -> Iterator[Part]:
    lower = listed.lower
    if _PLANNED.search(lower):
        return
    entries = split_entries(listed.text, separator, lambda before, text: is_modifier(text) and places(before, text))
    for start, end in entries:
        if _COMMENT.match(listed.text, start, end):
            continue
        if including := _INCLUDING.search(lower, start, end):
            named = split_outside_brackets(listed.text, ",", including.end(), end)
        else:
            named = [PartSpan((start, end))]
        for piece in named:
            last = piece == named[-1] and (including is not None or end == len(listed.text))
            for each in _unjoined(listed.text, *piece, last=last):
                entry = tidy_treatment(listed.cut(*each))
                if not is_modifier(entry.text):
                    yield entry


def _unjoined(text: str, start: int, end: int, *, last: bool) -> list[PartSpan]:
    def are_two(left: str, joint: str, right: str) -> bool:
        if opens_name(right.removeprefix("with "), 0):
            return True
        if not joint.strip():
            return not right.startswith("with ") and _names_treatment(right)
        if is_course(right):
            return True
        if is_modifier(left) or is_modifier(right) or _ONE_OPERATION.match(right) or _ADJECTIVE.search(left):
            return False
        return last or (_names_care(left) and _names_care(right))

    return split_at(_AND, text, start, end, are_two)


def _names_treatment(text: str) -> bool:
    """Whether a text names a drug, a therapy, a device or an operation."""
    return opens_name(text, 0) or any(map(_is_treatment, words_of(text)))


def _names_care(text: str) -> bool:
    """Whether a text names a treatment, or a study or visit that a list may name beside treatments."""
    return _names_treatment(text) or any(map(_is_study, words_of(text)))


def _names_operation(text: str) -> bool:
    return not _SURGERY.fullmatch(text) and any(map(_is_operation, words_of(text)))
