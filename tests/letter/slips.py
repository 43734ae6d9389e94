"""Seeded slips in the headings, labels and outcome words of a letter; all other characters stay as they are."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

# What a form prints exactly, with its kind of part; longer phrases before those that they contain.
PHRASES = {
    "HOW THE IMR FINAL DETERMINATION WAS MADE": "heading",
    "The Expert Reviewer has the following credentials:": "label",
    "Medical Qualifications of the Expert Reviewer:": "label",
    "CLINICAL CASE SUMMARY": "heading",
    "Case Summary:": "label",
    "Documents Reviewed for Determination:": "label",
    "IMR ISSUES, DECISIONS AND RATIONALES": "heading",
    "Claims Administrator guideline:": "label",
    "MAXIMUS guideline:": "label",
    "Decision rationale:": "label",
}
REWORDED = {
    "HOW THE IMR FINAL DETERMINATION WAS MADE": [
        "HOW THE FINAL DETERMINATION WAS REACHED",
        "HOW THE IMR DECISION WAS MADE",
    ],
    "The Expert Reviewer has the following credentials:": [
        "Reviewer's credentials:",
        "Qualifications of the reviewer:",
    ],
    "Medical Qualifications of the Expert Reviewer:": [
        "Credentials of the Expert Reviewer:",
    ],
    "CLINICAL CASE SUMMARY": [
        "CASE HISTORY",
        "SUMMARY OF THE CASE",
        "Clinical Summary",
    ],
    "Case Summary:": [
        "Case history:",
        "Clinical summary:",
    ],
    "Documents Reviewed for Determination:": [
        "Records reviewed:",
        "Documents considered:",
    ],
    "IMR ISSUES, DECISIONS AND RATIONALES": [
        "ISSUES AND DETERMINATIONS",
        "DECISIONS AND REASONS",
        "Decisions & Rationales",
    ],
    "Claims Administrator guideline:": [
        "UR criteria:",
        "Guidelines cited by the claims administrator:",
        "Insurer's guideline:",
    ],
    "MAXIMUS guideline:": [
        "Reviewer's guideline:",
        "IMR criteria:",
        "Guidelines used by the expert reviewer:",
    ],
    "Decision rationale:": [
        "Reason for the decision:",
        "Independent reviewer's rationale:",
        "Rationale:",
        "Reviewer's reasoning:",
    ],
}
OUTCOMES = {
    "Upheld": ["Up held", "UPHELD.", "Uphold", "Upheid", "UPHE1D", "Uphled", "upheld"],
    "Overturned": ["0verturned", "Over turned", "OVERTURNED.", "Overturn", "Overtumed", "Ovreturned", "overturned"],
}
_OUTCOME = re.compile(r":\s*(Upheld|Overturned)(?=\s+(?:\d+\s+)?Claims\s+Administrator\s+guideline)")
_OCR = {"O": "0", "o": "0", "l": "1", "I": "l", "i": "l", "m": "rn", "S": "5", "B": "8"}


def _letters(words: str, rng: random.Random, *, edits: int) -> str:
    for _ in range(edits):
        at = rng.choice([index for index, letter in enumerate(words[:-2]) if letter.isalpha() and index > 0])
        words = rng.choice(
            [
                words[:at] + words[at + 1 :],
                words[:at] + rng.choice("aetrnsx") + words[at + 1 :],
                words[:at] + words[at] + words[at:],
                words[:at] + words[at + 1] + words[at] + words[at + 2 :],
            ]
        )
    return words


def _ocr(words: str, rng: random.Random) -> str:
    return "".join(_OCR[letter] if letter in _OCR and rng.random() < 0.5 else letter for letter in words)


def _spaces(words: str, rng: random.Random) -> str:
    if rng.random() < 0.5:
        return words.replace(" ", "", rng.randint(1, 3))
    at = rng.randrange(2, len(words) - 2)
    return f"{words[:at]} {words[at:]}"


KINDS: dict[str, Callable[[str, random.Random], str]] = {
    "one letter": lambda words, rng: _letters(words, rng, edits=1),
    "two letters": lambda words, rng: _letters(words, rng, edits=2 if len(words) > 14 else 1),
    "ocr": _ocr,
    "spaces": _spaces,
    "capitals": lambda words, rng: words.upper(),
    "title case": lambda words, rng: words.title(),
    "small letters": lambda words, rng: words.lower(),
    "no colon": lambda words, rng: words.rstrip(":"),
    "other mark": lambda words, rng: re.sub(":$", rng.choice([";", ".", " -", " :"]), words),
    "plural": lambda words, rng: re.sub("(guideline|rationale|SUMMARY)(?=:|$)", lambda word: word[0] + "s", words),
    "reworded": lambda words, rng: rng.choice(REWORDED[words]),
    "outcome": lambda words, rng: words,
}


def with_slips(text: str, kind: str, seed: int, share: float = 1.0) -> tuple[str, int]:
    """Change a share of a letter's headings and labels, or its outcome words.

    Returns:
        The text, and how many phrases differ now.
    """
    rng = random.Random(f"{kind} {seed}")
    changed = 0

    def put(words: str, kept: str) -> str:
        nonlocal changed
        if rng.random() >= share:
            return kept
        changed += words != kept
        return words

    if kind == "outcome":

        def outcome(found: re.Match[str]) -> str:
            mark = rng.choice([": ", " : ", ":\n", " - ", ": Decision: ", "\nDecision: ", "\nOutcome: "])
            return put(mark + rng.choice(OUTCOMES[found[1]]), found[0])

        return _OUTCOME.sub(outcome, text), changed
    words = "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in PHRASES)
    pattern = re.compile(rf"(?<![A-Za-z] )(?:{words})")

    def phrase(found: re.Match[str]) -> str:
        known = " ".join(found[0].split())
        return put(KINDS[kind](known, rng), found[0])

    return pattern.sub(phrase, text), changed
