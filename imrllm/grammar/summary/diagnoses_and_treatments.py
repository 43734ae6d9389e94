"""The diagnoses that the case summary lists, and the treatment to date."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count

from imrllm.grammar.numbers import WHOLE
from imrllm.grammar.reading import Part, Reading, split_outside_brackets, tightened
from imrllm.grammar.request.medications import opens_name
from imrllm.grammar.summary.stated_dates import SENTENCE_END
from imrllm.grammar.word_lists import read_words
from imrllm.spans import PartSpan

_WORDS = read_words("summary/words.txt")
_LIMBS = _WORDS["limbs"]
# What comes between the name of a list and its entries. Written for `re.VERBOSE`, as the two below.
_LISTS = r"""
(?:
    (?:\ (?:is|are|was|were|has|have|had)(?:\ (?:also|previously|currently|reportedly))?)?
    (?:\ (?:documented|listed|noted|given|reported|stated)(?:\ as(?=\ ))?)?
    (?:
        (?<=\ as)  # "are listed as"
        | \ (?:to\ )?(?:include[sd]?|including|consist(?:s|ed)?\ of|compris(?:es?|ed)(?:\ of)?|to\ be)
            (?:\ the\ following)?  # "were noted to include", "has included the following"
        | \s?:  # "are noted:"
    )
)
"""
_DIAGNOSES = re.compile(
    rf"""
    \b
    (?:
        (?:was|were|been|is)\ diagnosed\ (?:with|as\ having)
        | diagnos[ie]s\b(?:,?\ (?!of\b|as\ of|include|are\b|is\b|was\b|were\b|as\b|to\b)[\w/-]+,?){{0,4}}
            (?:\ as\ of\ [\d/-]{{6,10}})?
            (?:{_LISTS}|\ (?:is|are|was|were)|\ of|\ as)  # "diagnoses include", "Diagnoses listed on 6-11-2015:"
        | (?:diagnostic\ impressions?|assessments?)(?:\ (?:is|are|was|were)(?:\s?:)?|\s?:)
        | \bDx\s?:
        | diagnos[ie]s\ \(?\d{{1,2}}[/-]\d{{1,2}}[/-]\d{{2,4}}\)?
            (?:\s?:|(?=\s?-\s))  # a dated list, whose entries open with dashes: "Diagnoses 02/11/14:- lumbar strain"
        | (?:(?:being|been|was|is)\ treated|undergoing\ treatment)\ for(?:\ the\ diagnos[ie]s\ of)?
    )
    \s?:?(?:\s|(?=-\s))
    | \bdiagnos[ie]s\s?(?P<bracket>\()(?!\d)  # a list in brackets: "current diagnoses (lumbar strain, and insomnia)"
    """,
    re.IGNORECASE | re.VERBOSE,
)
_TREATMENTS = re.compile(
    rf"""
    \b
    (?:
        (?<!plan\ of\ )(?<!requests\ for\ )(?<!request\ for\ )(?:past\ |prior\ |previous\ |other\ )?
            (?:treatments?|tx|care|therap(?:y|ies))(?:\ and\ (?:diagnostic\ studies|evaluation)|\ history)?
            (?:\ to\ date|\ so\ far)?
            (?:{_LISTS}|\ (?:has|have|had)\ been|\ been|\ are|\ history)  # "Treatment to date has included"
        | {_WORDS["treated_with"]}
        | medications(?:{_LISTS}|\ are)
        | \bRx\s?:
    )
    \s?:?\s
    | \b(?:he|she|worker|patient|claimant|applicant|employee)
        \ (?:(?:is|was)\ (?:currently\ |reportedly\ )?(?:using|taking)|takes|uses)
        \ (?=(?-i:[A-Z]))  # names of drugs have capitals, where "takes it" has none
    | \btreatments?\ to\ date\s?(?P<bracket>\()
    """,
    re.IGNORECASE | re.VERBOSE,
)
_JOINED = re.compile(r"^(?:and|as well as|along with|the following|also)\s+|^(?:a|an|the)\s+", re.IGNORECASE)
_LAST_AND = re.compile(r",?\s(?:and|as well as)\s(?!/)")
_NUMBERED = re.compile(r"^\(?\d{1,2}[.)]\s?")
_NUMBER_FIRST = re.compile(r"\s*\(?\d{1,2}[.)]\s?")
_INCLUDING = re.compile(
    rf"\b(?:{_WORDS['including']})\s(?:(?:ongoing |current )?(?:treatment with|use of)\s)?", re.IGNORECASE
)
_USE = re.compile(
    rf"(?:{_WORDS['use']}|{WHOLE}(?: \([0-9]+\))?)\s(?:(?:sessions?|visits?|treatments?|courses?) of\s)?", re.IGNORECASE
)
_TREATMENT_ENDS = re.compile(rf"[\s,]{{0,3}}(?:{_WORDS['treatment_ends']})", re.IGNORECASE)
_GENERIC = re.compile(r"(?:[a-z-]+ ){0,2}(?:medications?|medicines)(?: management)?", re.IGNORECASE)
_TRAILING_AND = re.compile(r"\s(?:and|or|with)$", re.IGNORECASE)
_CLAUSE = re.compile(rf"\b(?:{_WORDS['clause']})\b", re.IGNORECASE)
# A comma inside one diagnosis.
_ENCOUNTER = re.compile(
    rf"""
    ,
    (?=
        {_WORDS["after_comma"]}
        | \s(?:right|left|bilateral)(?:\ (?:[a-z]+\ )?(?:{_LIMBS}|heels?|toes?|extremit(?:y|ies)|side))?
            (?=[,;.]|$)  # a side with its part: "cuff tear, right shoulder"
        | \swith\s  # what a condition comes with: "cuff tear, with residual stiffness"
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_GLUED_DASHES = re.compile(r"(?:^|(?<=[a-z)]))-\s", re.IGNORECASE)
_NOTHING = re.compile(r"no\s", re.IGNORECASE)
# What follows the "and" of one name with several parts.
_SHARED = re.compile(
    rf"""
    (?:the\ )?(?:tendons?|ligaments?)\b  # "strain of muscle, fascia and tendon"
    | (?:strains?|sprains?)(?:$|[.,;])  # "sprain and strain"
    | (?:the\ )?(?:(?:right|left|bilateral|upper|lower|low)\ )*
        (?:{_LIMBS}|neck|back|groin|head|pelvis)(?:$|[.,;])  # "injury of the back and left ankle"
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ADJECTIVE = re.compile(rf"(?:the )?(?:{_WORDS['joined_side']})", re.IGNORECASE)
_LONGEST_ENTRY = 110
_CODE = re.compile(rf"\s?\((?:{_WORDS['code']})\)")
# A code before its diagnosis: "724.2 Lumbago".
_LEADING_CODE = re.compile(r"(?:ICD[- ]?\d{1,2}:?\s)?(?:\d{3}\.\d{1,2}|[A-Z]\d{2}\.\w{1,4})[\s:-]{1,3}(?=[A-Za-z])")
_BRACKET = re.compile(r"[()]")
# The number that opens an entry inside a list: " 2. ", " (3) ".
_ENTRY_NUMBER = re.compile(r"\s(?=\(?\d{1,2}[.)]\s?(?:[a-z]|\d{3}\.\d))", re.IGNORECASE)
_MARK = re.compile(r"(?<![\w/-])\(?(?P<number>\d{1,2})[.)]\s?(?:(?!\d)|(?=\d{3}\.\d))")
# Of a list with numbers or dashes the last entry may be glued to the next sentence: "3. Anxiety disorderPast care".
_ENTRY_END = re.compile(rf"{SENTENCE_END.pattern}|(?<=[a-z])(?=[A-Z][a-z])")


def read_diagnoses(part: Part) -> tuple[Reading[str], ...]:
    """What the summary lists as diagnoses, one reading each, without codes; a repeat counts once."""
    return tuple(_listed(part, _DIAGNOSES, tidy_diagnosis))


def read_treatments(part: Part) -> tuple[Reading[str], ...]:
    """What the summary lists as treatment to date and current medications, one reading each.

    "Medications" is left out where a drug is named (the record's rulings).
    """
    listed = tuple(_listed(part, _TREATMENTS, tidy_treatment))
    if any(opens_name(reading.value, 0) for reading in listed):
        return tuple(reading for reading in listed if not _GENERIC.fullmatch(reading.value))
    return listed


def tidy_diagnosis(part: Part) -> Part:
    """An entry without its number, article and code."""
    # The number first: its bracket would count as the entry's.
    numbered = _NUMBER_FIRST.match(part.text)
    start, end = tightened(part.text, numbered.end() if numbered else 0, len(part.text))
    while (lead := _JOINED.match(part.text[start:end]) or _NUMBERED.match(part.text[start:end])) is not None:
        start += lead.end()
    if code := _LEADING_CODE.match(part.text, start, end):
        start = code.end()
    if code := _CODE.search(part.text, start, end):
        end = code.start()
    if trailing := _TRAILING_AND.search(part.text, start, end):
        end = trailing.start()
    return part.cut(*tightened(part.text, start, end))


def tidy_treatment(part: Part) -> Part:
    """An entry without counts, doses, dates, and the words that only say that it was used."""
    entry = tidy_diagnosis(part)
    start, end = 0, len(entry.text)
    while (lead := _USE.match(entry.text[start:end]) or _JOINED.match(entry.text[start:end])) is not None:
        start += lead.end()
    if amount := _TREATMENT_ENDS.search(entry.text, start, end):
        end = amount.start()
    return entry.cut(*tightened(entry.text, start, end))


def _listed(part: Part, lead: re.Pattern[str], tidied: Callable[[Part], Part]) -> Iterator[Reading[str]]:
    seen: set[str] = set()
    position = 0
    while match := lead.search(part.text, position):
        last = _last_number(part.text, match.end())
        dashed = part.text.startswith("- ", match.end())
        ending = SENTENCE_END if last is None and not dashed else _ENTRY_END
        stop = ending.search(part.text, last or match.end())
        end = stop.start() if stop else len(part.text)
        if match["bracket"]:
            end = _closing(part.text, match.end())
        position = max(end, match.end())
        # "strain, subsequent encounter" is one entry: the comma belongs to the coded diagnosis.
        listed = part.cut(match.end(), end)
        text = _ENCOUNTER.sub(lambda comma: comma.group().replace(",", " "), listed.text)
        if dashed:
            text = _GLUED_DASHES.sub("; ", text)
        if last is not None:
            text = _ENTRY_NUMBER.sub(";", text)
        # A list that has semicolons is split at them alone: its commas belong to the entries. One semicolon behind many
        # commas ends the list.
        separators = ";" if ";" in text else ","
        if last is None and text.count(";") == 1 and text.count(",", 0, text.index(";")) >= 2:
            text, separators = text[: text.index(";")], ","
        for start, finish in split_outside_brackets(text, separators):
            for piece in _unjoined(listed.text, start, finish, last=finish == len(text)):
                entry = tidied(listed.cut(*piece))
                # A list's entry is a name, not a clause: what holds a verb of its own has run out of the list.
                if (
                    not entry.text
                    or len(entry.text) > _LONGEST_ENTRY
                    or _CLAUSE.search(entry.text)
                    or _NOTHING.match(entry.text)
                    or entry.text.lower() in seen
                ):
                    continue
                seen.add(entry.text.lower())
                yield entry.reading(entry.printed, 0, len(entry.text))


def _closing(text: str, at: int) -> int:
    """Where the bracket that was opened before an offset closes; the text's end where it does not."""
    depth = 1
    for found in _BRACKET.finditer(text, at):
        depth += 1 if found.group() == "(" else -1
        if not depth:
            return found.start()
    return len(text)


def _last_number(text: str, start: int) -> int | None:
    """Where the last entry of a numbered list begins; None where the list does not open with its number 1."""
    at: int | None = None
    for number in count(1):
        low = start if at is None else at
        marks = _MARK.finditer(text, low, low + _LONGEST_ENTRY)
        marked = next((mark for mark in marks if int(mark["number"]) == number), None)
        if marked is None or (number == 1 and marked.start() > start + 1):
            break
        at = marked.end()
    return at


def _unjoined(text: str, start: int, end: int, *, last: bool) -> list[PartSpan]:
    """One entry of a list; the last one split at its "and", one of a kind at its "including", and drugs one by one."""
    if including := _INCLUDING.search(text, start, end):
        named = split_outside_brackets(text, ",", including.end(), end)
        return [each for piece in named for each in _unjoined(text, *piece, last=piece == named[-1])]
    for joined in _LAST_AND.finditer(text, start, end):
        # "lumbar and cervical sprain/strain" shares its noun.
        shared = _ADJECTIVE.fullmatch(text[start : joined.start()].strip()) or _SHARED.match(text, joined.end(), end)
        if (last and not shared) or opens_name(text, joined.end()):
            return [PartSpan((start, joined.start())), PartSpan((joined.end(), end))]
    return [PartSpan((start, end))]
