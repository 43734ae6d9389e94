"""What the case summary states in fixed turns of phrase: dates of injury and review, diagnoses, care to date."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count

from imrllm.grammar.dates import read_dates, read_partial_dates
from imrllm.grammar.numbers import WHOLE
from imrllm.grammar.reading import Part, Reading, split_outside_brackets, tightened
from imrllm.grammar.request.medications import opens_name
from imrllm.spans import PartSpan

# What an injury's date follows in the letters: "an industrial injury on", "an occupational claim from", "DOI:".
_INJURY = re.compile(
    r"\b(?:injur(?:y|ies|ed)|occupational claim|workers'? compensation claim|DOI|cumulative trauma|accident|event"
    r"|incident)\b",
    re.IGNORECASE,
)
_INJURY_REACH = 70
_OF_INJURY = re.compile(r"\s(?:dates? of\s|industrial\s|work(?:-related)?\s)?", re.IGNORECASE)
_UP_TO = re.compile(r"\s?(?:to|through|thru|until|-)\s?(?:and including )?", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s(?:the dates?\s)?(?:of\s)?$", re.IGNORECASE)
_REVIEW = re.compile(
    r"\butilization (?:review(?:er)?|determination|management)\b|\bU\.?R\b\.?|\b(?:prior|previous|original"
    r"|initial|adverse) (?:determination|decision|review)\b|\bin an? review (?:dated|of)\b|\b(?:previously"
    r"|initially) reviewed\b"
    # One template has it in brackets: "At the time (6/12/14) of the Decision for".
    r"|\bat the time(?= \([\d/-]{6,10}\) of the decision\b)",
    re.IGNORECASE,
)
_REVIEW_REACH = 80
_LEAD = re.compile(r"taken directly from the utilization review denial/modification dated ", re.IGNORECASE)
_ON = re.compile(r"\b(?:on|in)\s(?:the\s)?$", re.IGNORECASE)
_NOTED = re.compile(
    r"\b(?:note|report|visit|exam\w*|evaluat\w*|dated|progress|PR-?2|seen|presented|MRI|x-?ray)\b", re.IGNORECASE
)
# "On 11-3-16, utilization review determined ...", "On November 16, 2016 the Utilization Review ..."
_ON_DATE = re.compile(
    r"\s?[,;:]?\s?(?:was the date of\s)?(?:the\s|original\s|an?\s)*(?:prior\s)?(?:adverse\s)?$", re.IGNORECASE
)
# How a summary tells of the decision without naming the review: "On 12-19-16 the request was non-certified".
_DECIDED = re.compile(
    r"\b(?:non-?\s?certified|denied|not certified|modified|partially (?:certified|approved)|(?:failed to"
    r"|did not) (?:approve|certify)|non-?certification|denial)\b",
    re.IGNORECASE,
)
_BY_OR_ON = re.compile(r"\b(?:on|dated)\s$", re.IGNORECASE)
# No initial ("J. Smith") and no number of a list's entry (": 1. lumbar strain, 2. cervicalgia").
_SENTENCE_END = re.compile(r"\.(?=\s|[A-Z])(?<!\b[A-Z]\.)(?<![:,;] \d\.)|[!?]")

# What comes between the name of a list and its entries: "are", "were noted to include", "has included the following".
_LISTS = (
    r"(?:(?: (?:is|are|was|were|has|have|had)(?: (?:also|previously|currently|reportedly))?)?"
    r"(?: (?:documented|listed|noted|given|reported|stated)(?: as(?= ))?)?"
    r"(?:(?<= as)| (?:to )?(?:include[sd]?|including|consist(?:s|ed)? of|compris(?:es?|ed)(?: of)?"
    r"|to be)(?: the following)?"
    r"|\s?:))"
)
_DIAGNOSES = re.compile(
    r"\b(?:(?:was|were|been|is) diagnosed (?:with|as having)"
    # Accepts "The diagnoses include", "Current diagnoses are documented as", "Diagnoses listed on 6-11-2015".
    r"|diagnos[ie]s\b(?:,? (?!of\b|as of|include|are\b|is\b|was\b|were\b|as\b|to\b)[\w/-]+,?){0,4}"
    r"(?: as of [\d/-]{6,10})?"
    rf"(?:{_LISTS}| (?:is|are|was|were)| of| as)"
    r"|(?:diagnostic impressions?|assessments?)(?: (?:is|are|was|were)(?:\s?:)?|\s?:)|\bDx\s?:"
    # Accepts the heading of a dated list, whose entries open with dashes: "Diagnoses 02/11/14:- lumbar strain".
    r"|diagnos[ie]s \(?\d{1,2}[/-]\d{1,2}[/-]\d{2,4}\)?(?:\s?:|(?=\s?-\s))"
    r"|(?:(?:being|been|was|is) treated|undergoing treatment) for(?: the diagnos[ie]s of)?)\s?:?(?:\s|(?=-\s))"
    # A list in brackets: "current diagnoses (lumbar strain, and insomnia)".
    r"|\bdiagnos[ie]s\s?(?P<bracket>\()(?!\d)",
    re.IGNORECASE,
)
_TREATMENTS = re.compile(
    r"\b(?:(?<!plan of )(?<!requests for )(?<!request for )(?:past |prior |previous |other )?"
    r"(?:treatments?|tx|care|therap(?:y|ies))"
    r"(?: and (?:diagnostic studies|evaluation)| history)?(?: to date| so far)?"
    rf"(?:{_LISTS}| (?:has|have|had) been| been| are| history)"
    r"|(?:been|was|were) (?:previously )?treated with(?: the following)?"
    r"|(?:been|being) managed with|(?:having|has|have|had|previously) received(?: the following(?: treatments?)?)?"
    r"|has been prescribed|care since then\s?:"
    r"|(?:he|she|worker|patient|claimant|applicant|employee) has had"
    r"(?! (?:an? )?(?:diagnos|pain|complain|symptom|problem|difficult))"
    # Studies are no care.
    r"|underwent(?! (?:an? )?(?:\w+ ){0,4}(?:MRI|CT|EMG\S*|x-?rays?|study|studies|scan|testing|evaluation|exam\w*)\b)"
    rf"|medications(?:{_LISTS}| are)|\bRx\s?:)\s?:?\s"
    # Names of drugs have capitals, where "takes it" has none.
    r"|\b(?:he|she|worker|patient|claimant|applicant|employee) "
    r"(?:(?:is|was) (?:currently |reportedly )?(?:using|taking)|takes|uses) (?=(?-i:[A-Z]))"
    r"|\btreatments? to date\s?(?P<bracket>\()",
    re.IGNORECASE,
)
_JOINED = re.compile(r"^(?:and|as well as|along with|the following|also)\s+|^(?:a|an|the)\s+", re.IGNORECASE)
_LAST_AND = re.compile(r",?\s(?:and|as well as)\s(?!/)")
_NUMBERED = re.compile(r"^\(?\d{1,2}[.)]\s?")
_NUMBER_FIRST = re.compile(r"\s*\(?\d{1,2}[.)]\s?")
_INCLUDING = re.compile(
    r"\b(?:including|consisting of|such as|to include|medications?\s?-)\s(?:(?:ongoing |current )?(?:treatment with"
    r"|use of)\s)?",
    re.IGNORECASE,
)
_USE = re.compile(
    rf"(?:(?:unspecified (?:amounts?|number|courses?)|use|trial|course|total) of|earlier|at least|up to|multiple"
    rf"|several|{WHOLE}(?: \([0-9]+\))?)\s"
    r"(?:(?:sessions?|visits?|treatments?|courses?) of\s)?",
    re.IGNORECASE,
)
# Where a treatment's name ends: a dose, a count, a date, since when, to what effect.
_AMOUNT = re.compile(
    r"[\s,]{0,3}(?:\((?=[^)]{0,80}(?:\d|since|not |number|stopped|no |due to))|#\s?\d|\bx(?: at least)?\s?\d|\bfor \d"
    r"|\bsince\b|\bon \d|\bdated\b"
    r"|\bin unspecified amounts"
    r"|\b(?:performed|completed|followed by|prior to|at least|on the date of|on an?|times \w+"
    r"|for (?:an?|one|two|three|four|five|six|several|many)|with (?:good|some|little|limited) effect)\b"
    r"|\d{1,2}/(?:\d{1,2}/)?\d{2,4}"
    r"|\bin (?:(?:January|February|March|April|May|June|July|August|September|October|November|December) )?"
    r"(?:19|20)\d\d\b"
    r"|\bover the course of\b"
    r"|\d[\d.,/-]{0,12}\s?(?:mg|mcg|gm?|ml|%|visits|sessions|treatments)\b"
    r"|\bwith(?:out)? (?:\w+ ){0,3}(?:relief|improvement|benefit|success|results?)\b|\bevery\b"
    r"|\bas needed\b|\btwice\b|\bdaily\b|\bat night\b|\bnightly\b)",
    re.IGNORECASE,
)
_GENERIC = re.compile(r"(?:[a-z-]+ ){0,2}(?:medications?|medicines)(?: management)?", re.IGNORECASE)
_TRAILING_AND = re.compile(r"\s(?:and|or|with)$", re.IGNORECASE)
_CLAUSE = re.compile(
    r"\b(?:is|are|was|were|has|had|have|reported|stated|noted|which|who|that|requests?|request for"
    r"|return to|discussion of)\b",
    re.IGNORECASE,
)
_LIMBS = r"shoulders?|knees?|hips?|ankles?|wrists?|elbows?|hands?|foot|feet|arms?|legs?|fingers?|thumbs?"
_ENCOUNTER = re.compile(
    r",(?=\s(?:subsequent|initial) encounter\b|\s(?:and )?(?:fascia|tendons?|ligaments?)\b|\ssequela\b"
    r"|\s(?:single|recurrent) episode\b"
    r"|\s(?:mild|moderate|severe|recurrent|unspecified|controlled|stable|resolved|improved)(?=[,;.(]|\s\(|$)"
    # A side with its part, or what a condition comes with: "cuff tear, right shoulder, with residual stiffness".
    rf"|\s(?:right|left|bilateral)(?: (?:[a-z]+ )?(?:{_LIMBS}|heels?|toes?|extremit(?:y|ies)|side))?(?=[,;.]|$)"
    r"|\swith\s)",
    re.IGNORECASE,
)
_GLUED_DASHES = re.compile(r"(?:^|(?<=[a-z)]))-\s", re.IGNORECASE)
_NOTHING = re.compile(r"no\s", re.IGNORECASE)
# One name of several parts: "strain of muscle, fascia and tendon", "injury of the back and left ankle", "sprain and
# strain".
_SHARED = re.compile(
    r"(?:the )?(?:tendons?|ligaments?)\b|(?:strains?|sprains?)(?:$|[.,;])"
    rf"|(?:the )?(?:(?:right|left|bilateral|upper|lower|low) )*(?:{_LIMBS}|neck|back|groin|head|pelvis)(?:$|[.,;])",
    re.IGNORECASE,
)
_ADJECTIVE = re.compile(
    r"(?:the )?(?:cervical|thoracic|lumbar|lumbosacral|right|left|bilateral|upper|lower|neck|head|oral|acute|chronic)",
    re.IGNORECASE,
)
_LONGEST_ENTRY = 110
_CODE = re.compile(
    r"\s?\((?:ICD[- ]?\d{1,2}[^)]*|[A-Z]?\d{2,3}(?:\.\w{1,4})?(?:[,;/ ]{1,2}[A-Z]?\d{2,3}(?:\.\w{1,4})?)*)\)"
)
# A code before its diagnosis: "724.2 Lumbago".
_LEADING_CODE = re.compile(r"(?:ICD[- ]?\d{1,2}:?\s)?(?:\d{3}\.\d{1,2}|[A-Z]\d{2}\.\w{1,4})[\s:-]{1,3}(?=[A-Za-z])")


def _sentence_bounds(text: str, at: int) -> tuple[int, int]:
    start = 0
    for match in _SENTENCE_END.finditer(text, 0, at):
        start = match.end()
    stop = _SENTENCE_END.search(text, at)
    return start, stop.start() if stop else len(text)


def read_injury_date(part: Part, latest: date | None = None) -> Reading[str] | None:
    """The date of injury that the summary's text states, as far as it is printed; of a range the end.

    Args:
        part: the summary.
        latest: the letter's own date: the injury precedes it by no more than 60 years.
    """
    dates = [
        reading
        for reading in read_partial_dates(part, latest)
        if latest is None or reading.value[:4] <= str(latest.year)
    ]
    if not dates:
        return None
    for match in _INJURY.finditer(part.text):
        start, end = _sentence_bounds(part.text, match.start())
        last = min(end, match.end() + _INJURY_REACH)
        after = [each for each in dates if match.end() <= part.offset(each.span.start) <= last]
        if after:
            return _end_of_range(part, dates, dates.index(after[0]))
        before = [each for each in dates if start <= part.offset(each.span.start) < match.start()]
        if before and part.text[start:].lstrip().lower().startswith("on "):
            return before[0]
        # "a 4/2/2008 date of injury"
        if before and _OF_INJURY.fullmatch(part.text, part.offset(before[-1].span.end), match.start()):
            return before[-1]
    # Told without its name ("a pallet fell on her foot on 6/1/12"): the first date of the opening sentences, where it
    # is the day of what happened and not of a note.
    _, first = _sentence_bounds(part.text, 0)
    _, second = _sentence_bounds(part.text, min(first + 1, len(part.text)))
    for each in dates[:1]:
        start = part.offset(each.span.start)
        opening = part.text[max(0, start - 60) : start]
        if start < second and _ON.search(opening) and not _NOTED.search(opening):
            return each
    return None


def _end_of_range(part: Part, dates: list[Reading[str]], index: int) -> Reading[str]:
    if index + 1 < len(dates):
        between = part.text[part.offset(dates[index].span.end) : part.offset(dates[index + 1].span.start)]
        opened = _BETWEEN.search(part.text, 0, part.offset(dates[index].span.start))
        if _UP_TO.fullmatch(between) or (opened and between == " and "):
            return dates[index + 1]
    return dates[index]


def read_review_date(part: Part, latest: date | None = None) -> Reading[date] | None:
    """The date of the utilization review decision as the summary states it.

    Read beside the review's name, else beside the verb of its decision in the summary's last such sentence.
    """
    dates = read_dates(part, latest)
    named = list(_REVIEW.finditer(part.text))
    for match in named:
        before = next((each for each in reversed(dates) if part.offset(each.span.end) <= match.start()), None)
        if before and _ON_DATE.fullmatch(part.text[part.offset(before.span.end) : match.start()]):
            return before
    for match in named:
        after = next((each for each in dates if part.offset(each.span.start) >= match.end()), None)
        if after is None:
            continue
        start = part.offset(after.span.start)
        if start - match.end() <= _REVIEW_REACH and not _SENTENCE_END.search(part.text, match.end(), start):
            return after
    for match in reversed(list(_DECIDED.finditer(part.text))):
        start, end = _sentence_bounds(part.text, match.start())
        stretches = [(each, *part.within(each.span)) for each in dates]
        within = [(each, begin) for each, begin, finish in stretches if start <= begin and finish <= end]
        beside = [each for each, begin in within if part.text[start:begin].strip().lower() in ("on", "")]
        beside += [
            each for each, begin in within if begin >= match.end() and _BY_OR_ON.search(part.text[match.end() : begin])
        ]
        if beside:
            return beside[0]
    return None


def read_lead_date(part: Part) -> Reading[date] | None:
    """The review's date as the form of 2013 prints it before the summary.

    Args:
        part: what stands right before the summary.
    """
    lead = _LEAD.search(part.text)
    return next((each for each in read_dates(part) if lead and part.offset(each.span.start) >= lead.end()), None)


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
    if amount := _AMOUNT.search(entry.text, start, end):
        end = amount.start()
    return entry.cut(*tightened(entry.text, start, end))


def _listed(part: Part, lead: re.Pattern[str], tidied: Callable[[Part], Part]) -> Iterator[Reading[str]]:
    seen: set[str] = set()
    position = 0
    while match := lead.search(part.text, position):
        last = _last_number(part.text, match.end())
        dashed = part.text.startswith("- ", match.end())
        ending = _SENTENCE_END if last is None and not dashed else _ENTRY_END
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


_BRACKET = re.compile(r"[()]")
# The number that opens an entry inside a list: " 2. ", " (3) ".
_ENTRY_NUMBER = re.compile(r"\s(?=\(?\d{1,2}[.)]\s?(?:[a-z]|\d{3}\.\d))", re.IGNORECASE)
_MARK = re.compile(r"(?<![\w/-])\(?(?P<number>\d{1,2})[.)]\s?(?:(?!\d)|(?=\d{3}\.\d))")
# Of a list with numbers or dashes the last entry may be glued to the next sentence: "3. Anxiety disorderPast care".
_ENTRY_END = re.compile(rf"{_SENTENCE_END.pattern}|(?<=[a-z])(?=[A-Z][a-z])")


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
