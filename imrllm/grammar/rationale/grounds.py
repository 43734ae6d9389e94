"""The grounds that a rationale states, and whether the words are about this case or about a guideline."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from typing import cast, get_args

from imrllm.grammar.lexicon import Lexicon, glancing
from imrllm.grammar.rationale.conclusions import OPIOID_NOTICE, SENTENCE_END
from imrllm.grammar.reading import Part, Reading
from imrllm.grammar.word_lists import read_entries
from imrllm.records import Category, Decision, Ground

_FILES: dict[Decision, str] = {
    "upheld": "rationale/upheld_grounds.txt",
    "overturned": "rationale/overturned_grounds.txt",
}
_BLOCK = re.compile(r"\{(?P<name>[a-z]\w*)\}")
# Grounds that give way to any other ground stated in the same words (the record's rulings), the most general last.
_GENERAL = ("not_recommended_by_guideline", "guideline_criteria_not_met", "insufficient_documentation")

# Words of a treatment's name that name no treatment.
_COMMON = frozenset({"and", "the", "with", "for", "therapy", "unit", "medication", "treatment", "pain", "service"})
# What guidelines call a treatment that requests call otherwise.
_SYNONYMS = {
    "brace": ("support", "orthos"),
    "lso": ("support", "brace"),
    "support": ("brace",),
    "chiropractic": ("manipulation", "manual"),
    "chiro": ("manipulation", "manual"),
    "injection": ("block",),
    "block": ("injection",),
    "cream": ("compound", "topical"),
    "ointment": ("compound", "topical"),
    "gel": ("compound", "topical"),
    "patch": ("topical",),
}
# Tests look for a cause; they do not relieve, and are not taken for long or in numbers of visits.
_TESTS = frozenset({"imaging", "electrodiagnostic", "laboratory", "other_diagnostic"})
_VISITS = frozenset(
    {"physical_therapy", "chiropractic", "acupuncture", "other_therapy", "consultation", "psychological"}
)
# Categories of requests for which a ground's words mean something else: signs are looked for by tests, an injection
# or a brace has criteria.
_NEVER: dict[Ground, frozenset[str]] = {
    "no_red_flags_or_objective_findings": frozenset(get_args(Category)) - _TESTS - {"surgical_adjunct"},
    "no_functional_improvement": _TESTS,
    "long_term_use": _TESTS | _VISITS | {"surgery", "surgical_adjunct"},
    "exceeds_recommended_amount": frozenset({"imaging", "electrodiagnostic"}),
}
# What is not recommended in general is not recommended here, unless the guideline makes an exception.
_EXCEPTION = re.compile(
    r"[^.;]{0,60}?\b(?:unless|except|without|until|in the absence|solely|alone|routine\w*|beyond)\b"
)
# So many characters before "not recommended" may name what is not.
_SUBJECT = 200
_WORD = re.compile(r"\w+")
# A quotation of so many characters is a guideline's or a report's, not the reviewer's.
_QUOTED = re.compile(r'"[^"]{40,}"')

# The reviewer turns to this case, whatever else the sentence says.
_TURN = glancing(
    r"""
    \b
    (?:
        in\ (?:th(?:is|e\ present)\ (?:case|patient|claimant|worker|instance)|the\ case\ of\ this)\b
        | here, | (?:claimant|applicant|injured\ worker|th(?:is|e)\ worker)\b
        | there\ (?:is|was|are|were|has|have)\ (?:also\ |been\ )?
            (?:no|not|an?\ lack|lack|insufficient|limited|inadequate)\b
        | (?:is|was|are|were|been)\ (?:not|never|nowhere)\ (?:been\ )?
            (?:said|stated|given|described|documented|reported|recorded|noted|provided|specified|mentioned
            |explained)\b
        | \d+/\d+/\d+\b
        | (?:than|beyond|past|above|exceeds?)\ (?:[\w-]+\ ){0,6}?  # "goes beyond the ten that the guideline allows"
            (?:guidelines?|mtus|odg|acoem)\b(?![^.;]{0,120}\b(?:should|may|must)\b)
    )
    """,
    re.VERBOSE,
)
# Or it opens so: "Given that the guidelines state".
_TURNED = re.compile(
    r"\W*(?:(?:given|as|since|because|although|while)\b(?! (?:per|noted|stated)\b)|(?:neither|none)\b)"
)
# A guideline or a study speaks.
_GUIDELINE = re.compile(
    r"""
    \b(?:mtus|odg|acoem|disability|guidelines?|chapter|fda|medicare|uptodate|environmental\ medicine)\b
    [^.;]{0,90}?\b
    (?:
        states?|recommends?|notes?|indicates?|supports?|allows?|advises?|limits?|considers?|suggests?
        | lists?|requires?|reserves?|endorses?|asks?|emphasiz\w+|discuss\w*|address|cites?|are|is|holds?|keeps?|puts?
        | finds?|gives?|sets?|has|have|should|lets?|do|does
    )\b
    | ^\W*(?:according\ to|per|under|as\ per|pursuant|regarding|concerning|with\ regards?\ to|in\ regards?\ to)\b
        (?!\ (?:the\ )?(?:\w+\ ){0,2}(?:documentation|records?|reports?|notes?))
    | \(\w+,\ \d{4}\)  # "(Smith, 2007)"
    """,
    re.VERBOSE,
)
# The sentence is about this case, unless a guideline speaks in it.
_CASE = re.compile(
    r"""
    \b
    (?:
        here|however|therefore|thus|additionally|furthermore|as\ such
        | the\ (?:current|submitted|provided|attending|file)
        | (?:the|this|current(?:ly)?|present)\ request(?:ed)?
        | (?:documentation|records?|reports?|notes?|information)\ (?:submitted|provided|reviewed|available|made|dated)
        | (?:medical|clinical|treatment|progress)\ (?:records?|documents?|documentation|reports?|notes?)
        | (?:was|were)\ (?:also\ |not\ )*(?:requested|submitted|provided|documented|noted)
    )
    \b
    """,
    re.VERBOSE,
)
# A rule or a definition: about any patient, if the sentence before was.
_RULE = re.compile(
    r"""
    \b(?:should|must|may|might|if|when)\b
    | \b(?:is|are)\ (?:\w+\ )?(?:recommended|indicated|considered|for|meant\ for|reserved|used)\b
    | ^\W*patients\b
    """,
    re.VERBOSE,
)
# A person or the past: about this case, unless it is a rule.
_PATIENT = re.compile(
    r"""
    \b(?:
        (?:the|this)\ (?:(?:medical|treating|requesting|progress|clinical|primary)\ )?
            (?:patient|man|woman|provider|physician|surgeon|doctor|treater|records?|file|chart|order|diary|notes?|report
            |documentation|documents?|exam(?:ination)?)
        | exam(?:ination)?\ (?:is|was|shows?|showed) | he|she|his|hers?|him
        | was|were|had|(?:has|have)\ (?:been|had|already)|already|now
    )\b
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class GroundReading(Reading[Ground]):
    """A ground and the words that state it.

    Attributes:
        value: the ground.
        span: where the words stand in the letter.
        applied: whether the words are about this case; False where they only describe a guideline.
    """

    applied: bool


def _expand(entry: str, blocks: dict[str, str]) -> str:
    return _BLOCK.sub(lambda block: blocks[block["name"]], entry)


def _read_blocks(path: str) -> dict[str, str]:
    blocks: dict[str, str] = {}
    for name, entries in read_entries(path):
        blocks[name] = f"(?:{'|'.join(_expand(entry, blocks) for entry in entries)})"
    return blocks


@dataclass(frozen=True, slots=True)
class _Phrases:
    """The grounds of a decision in the order in which they are looked for, and the phrases of each."""

    grounds: tuple[Ground, ...]
    lexicon: Lexicon


@cache
def _phrases(decision: Decision) -> _Phrases:
    blocks = _read_blocks("rationale/ground_words.txt")
    # The general grounds come last: they give way to what the others found.
    read = sorted(
        read_entries(_FILES[decision]),
        key=lambda named: _GENERAL.index(cast(Ground, named[0])) if named[0] in _GENERAL else -1,
    )
    patterns, alternatives = [], []
    for _, entries in read:
        kinds: dict[str, list[str]] = {"- ": [], "~ ": [], "": []}
        for entry in entries:
            kind = entry[:2] if entry[:2] in kinds else ""
            kinds[kind].append(_expand(entry.removeprefix(kind), blocks))
        nothing, weak, stated = ("|".join(words) or "(?!)" for words in kinds.values())
        patterns.append(rf"\b(?:(?P<nothing>{nothing})|{stated}|(?P<weak>{weak}))")
        alternatives.append([words for kind in kinds.values() for words in kind])
    return _Phrases(tuple(cast(Ground, ground) for ground, _ in read), Lexicon(alternatives, patterns))


def can_apply(ground: str, decision: Decision) -> bool:
    """Whether a ground can explain a decision: some are only for overturned items, the others for upheld ones."""
    return any(ground == name for name, _ in read_entries(_FILES["overturned"])) == (decision == "overturned")


def read_grounds(
    rationale: Part, decision: Decision, category: str | None = None, treatment: str = ""
) -> tuple[GroundReading, ...]:
    """Find the grounds whose phrases a rationale contains.

    Args:
        rationale: the decision rationale.
        decision: the printed outcome, which determines the grounds that can apply.
        category: of the request: a sign that is absent is one thing for a test, another for an injection. None if it
            is not known.
        treatment: the name of the treatment, as requested: what a guideline says of it is about this case.

    Returns:
        One reading for each ground, in the order of their words. Where several phrases state a ground, the first about
        this case is its reading, or else the first about the guideline.
    """
    text = rationale.lower
    # The notice that may follow the conclusion argues nothing.
    if notice := OPIOID_NOTICE.search(text):
        text = text[: notice.start()]
    starts, about_case = _read_sentences(text)
    quoted = [span for found in _QUOTED.finditer(text) for span in found.span()]
    names = _names(treatment)
    stated: dict[Ground, GroundReading] = {}
    weak: dict[Ground, GroundReading] = {}
    taken = bytearray(len(text))
    phrases = _phrases(decision)
    never = [number for number, ground in enumerate(phrases.grounds) if category in _NEVER.get(ground, ())]
    for number, match in phrases.lexicon.matches(text, without=never):
        ground = phrases.grounds[number]
        words = slice(*match.span())
        if match.lastgroup == "nothing" or (ground in _GENERAL and any(taken[words])):
            continue
        if ground != "not_recommended_by_guideline":
            taken[words] = b"\x01" * (words.stop - words.start)
        sentence = bisect_right(starts, words.start) - 1
        applied = about_case[sentence] and bisect_right(quoted, words.start) % 2 == 0
        if ground == "not_recommended_by_guideline" and match.lastgroup != "weak" and names:
            before = text[max(starts[sentence], words.start - _SUBJECT) : words.start]
            named = applied or any(word.startswith(names) for word in _WORD.findall(before))
            applied = named and not _EXCEPTION.match(text, words.stop)
        found = GroundReading(ground, rationale.span(words.start, words.stop), applied)
        known = weak if match.lastgroup == "weak" else stated
        if ground not in known or (found.applied and not known[ground].applied):
            known[ground] = found
    if not any(found.applied for found in stated.values()):
        stated = weak | stated
    return tuple(sorted(stated.values(), key=lambda found: found.span))


def _names(treatment: str) -> tuple[str, ...]:
    """What the words begin with that name a treatment."""
    words = [word for word in re.findall(r"[a-z]{3,}", treatment.lower()) if word not in _COMMON]
    words += [other for word in words for other in _SYNONYMS.get(word, ())]
    return tuple(words)


def _read_sentences(text: str) -> tuple[list[int], list[bool]]:
    """The start of each sentence, and whether it is about this case."""
    starts = [0, *(found.end() for found in SENTENCE_END.finditer(text))]
    about_case: list[bool] = []
    argued = before = False
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        sentence = text[start:end]
        if "medically necessary" not in text[starts[len(about_case) - 1] : start]:
            before = about_case[-1] if about_case else False
        if _TURNED.match(sentence) or _TURN.search(sentence):
            applied = True
        elif (guideline := _GUIDELINE.search(sentence)) and not _CASE.search(sentence, 0, guideline.start()):
            applied = False
        elif _CASE.search(sentence):
            applied = True
        elif _RULE.search(sentence):
            applied = before and _PATIENT.search(sentence) is not None
        else:
            applied = before or _PATIENT.search(sentence) is not None
        about_case.append(applied)
        argued = argued or (applied and "medically necessary" not in sentence)
    # A rationale with nothing about the case before its conclusion argues with the guideline itself.
    return starts, about_case if argued else [True] * len(about_case)
