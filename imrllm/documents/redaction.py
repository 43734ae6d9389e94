"""Masks a person's identifiers in a text, character for character, so that offsets stay valid.

It uses patterns instead of a library: presidio needs a spaCy model of some 450 MB, and scrubadub needs pandas and
scikit-learn. Neither keeps the case numbers, dates, strengths and quantities of these letters. Names are not masked.
"""

from __future__ import annotations

import re

# All kinds of printed hyphens, because requests contain the letter's own characters.
_DASH = "[-\u2010-\u2015\u2212]"
# Between a label and its number.
_AFTER_LABEL = r"[ :#.=]{0,4}(?:(?:is|was|of)\ )?"
_NUMBER_WORD = r"\ ?(?:\#|no\b|num\b|numbers?\b|id\b)"
# Never an identifier, whatever label precedes it.
_NO_IDENTIFIER = rf"""
(?!CM\ ?\d\d\ ?{_DASH})  # an IMR case number: "CM16-0213037"
(?!(?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](?:\d{{4}}|\d\d)\b)  # a date: "1/31/2016"
(?!\d{{4}}-\d\d?-\d\d?\b)  # an ISO date
"""
# Not followed by a unit: the amount of a drug or treatment is not part of the identifier before it.
_OF_AN_AMOUNT = r"""
(?!
    [\w/%] | [.,-]\d
    | \ ?(?i:m?c?g|m?l|cc|gm|gr|units?|tab|cap|day|week|month|visit|session|refill)  # " 100 mg"
    | \ (?i:x)[ ]  # " 100 x "
)
"""
# A number after a label: "0123-456-789", "WC 2015/123", "ABC12345", "0123 4567 890". It contains a digit.
_LABELLED_NUMBER = rf"""
{_NO_IDENTIFIER}(?:[A-Z]{{1,5}}\ (?=\d))?(?=[A-Za-z]{{0,8}}{_DASH}?[A-Za-z]{{0,8}}{_DASH}?\d)
\w++(?:{_DASH}\w++|[/.]\d\w*+)*+(?:\ \d{{3,}}+{_OF_AN_AMOUNT})*+
"""
_AREA, _EXCHANGE, _LINE = r"\d{3}", r"\d{3}", r"\d{4}(?!\d|[-/.]\d)"

# The group `id` is masked. The labels stay, so the model knows what was there.
_IDENTIFIERS = tuple(
    re.compile(pattern, re.VERBOSE)
    for pattern in (
        # A Social Security number by its hyphens, 3-2-4. Drug codes (NDC) have other groups: 5-3-2, 5-4-1, 4-4-2.
        rf"(?<!\d)(?<!\d[-./])(?P<id>\d{{3}}{_DASH}\d{{2}}{_DASH}\d{{4}})(?!\d|[-/]\d)",
        # The same by its label, with any spacing or masking: "SSN 123456789", "SS# XXX-XX-6789", "SSN: 6789".
        rf"""
        (?i:\bSSN|\bS\.S\.N|\bSS\ ?\#|\bsocial\ security{_NUMBER_WORD})(?i:{_AFTER_LABEL})
        (?P<id>(?:[\dXx*]{{3}}(?:{_DASH}|\ )?[\dXx*]{{2}}(?:{_DASH}|\ )?)?\d{{4}})(?!\d|[-/]\d)
        """,
        # A phone number by its area code. Digits separated only by spaces do not match: "pages 100 123 2009".
        rf"""
        (?<!\d)(?<!\d[-./])
        (?P<id>
            (?:(?<!\w)\+?1(?:{_DASH}|[. ])?)?(?:\({_AREA}\)\ ?|{_AREA}(?:{_DASH}|\.))
                {_EXCHANGE}(?:{_DASH}|[. ]){_LINE}  # "415-555-0132", "(415) 555-0132"
            | \+1\ ?{_AREA}\ ?{_EXCHANGE}\ ?{_LINE}  # "+1 415 555 0132"
        )
        """,
        # A phone number by its label, also without an area code or punctuation: "Phone: 4155550132", "fax 555-0132".
        rf"""
        (?i:\b(?:tele)?phone|\bfax|\btel\b|\bcell|\bmobile)(?i:{_NUMBER_WORD})?(?i:{_AFTER_LABEL})
        (?P<id>(?:(?:\+?1(?:{_DASH}|[. ])?)?\(?{_AREA}\)?(?:{_DASH}|[./ ])?\ ?)?{_EXCHANGE}(?:{_DASH}|[. ])?{_LINE})
        """,
        # An e-mail address (RFC 5322's unquoted characters), matched from the start of its first part.
        r"(?<![\w.!#$%&'*+/=?^`{|}~-])(?P<id>[\w.!#$%&'*+/=?^`{|}~-]++@[\w-]++(?:\.[\w-]++)++)",
        # A claim or medical record number by its label.
        rf"""
        (?i:
            \bclaim{_NUMBER_WORD}  # "claim # 123"
            | \bclaim(?=[ :]{{1,2}}[A-Z\d-]{{0,8}}\d{{5}})  # "claim 0123456": five figures or more, no year
        )
        (?i:{_AFTER_LABEL})(?P<id>{_LABELLED_NUMBER})
        """,
        rf"""
        (?i:
            \bMRN\b | \bM\.R\.N | \bMR\ ?\#  # "MRN 12345", "MR# 12345"
            | \b(?:medical|med\.?)\ rec(?:ord|\.)?s?{_NUMBER_WORD}  # "Medical Record No. A-12345"
            | \bchart{_NUMBER_WORD}  # "chart # 12345"
        )
        (?i:{_AFTER_LABEL})(?P<id>{_LABELLED_NUMBER})
        """,
    )
)


def redacted(text: str) -> str:
    """Mask the identifiers of a text.

    Args:
        text: any text on one line, as after folding.

    Returns:
        The text with the same length. In Social Security, phone, claim and medical record numbers and in e-mail
        addresses, every letter and digit is an `X`; punctuation stays.
    """
    for pattern in _IDENTIFIERS:
        text = pattern.sub(_masked, text)
    return text


def _masked(found: re.Match[str]) -> str:
    start = found.start("id") - found.start()
    return found[0][:start] + "".join("X" if character.isalnum() else character for character in found["id"])
