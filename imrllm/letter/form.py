"""The fixed phrases of a determination letter, each with the form that prints it.

Sources: the public letters of 2014 to 2017 and, for 2013, the published excerpts. All patterns run over folded text
(one line, plain quotes) and run in linear time: the token after a repeat never starts with a repeated character.
"""

from __future__ import annotations

import re
from typing import Literal

# How a form prints its disputed items: 2014 to 2017, 2013, and the professional review.
Name = Literal["labeled paragraphs", "numbered sentences", "professional review"]
# Section headings are in capitals; prose that mentions them is not.
METHOD = re.compile(r"HOW THE IMR FINAL DETERMINATION WAS MADE")
SUMMARY = re.compile(
    r"""
    CLINICAL\ CASE\ SUMMARY | Clinical\ Case\ Summary
    | Case\ Summary: | CASE\ SUMMARY:?
    """,
    re.VERBOSE,
)
# "IMR ISSUES, ..." in 2014 to 2017; "IMR DECISION(S) AND RATIONALE(S)" and the mixed-case form before.
DECISIONS = re.compile(
    r"IMR ISSUES, DECISIONS AND RATIONALES|IMR DECISION\(S\) AND RATIONALE\(S\)|IMR DECISIONS? AND RATIONALES?"
)
QUALIFICATIONS = re.compile(
    r"""
    The\ Expert\ Reviewer\ has\ the\ following\ credentials:
    | Medical\ Qualifications\ of\ the\ Expert\ Reviewer:
    | MEDICAL\ REVIEWER\ QUALIFICATIONS:
    """,
    re.VERBOSE,
)
# The sentence that the form prints between a section's heading and the letter's own text.
SUMMARY_LEAD = re.compile(
    r"""
    \s*(?:
        The\ (?:expert|physician)\ reviewer\ developed\ the\ following\ clinical\ case\ summary
            \ based\ on\ a\ review\ of\ the\ case\ file,\ including\ all\ medical\ records:
        | Disclaimer:\ The\ following\ case\ summary\ was\ taken\ directly\ from\ the\ utilization\ review
            \ denial/modification\ dated\ (?P<dated>[\d/-]{6,10}|[A-Z][a-z]{2,8}\ \d{1,2},\ \d{4})[.:]?
    )\s*
    """,
    re.VERBOSE,
)
DECISIONS_LEAD = re.compile(
    r"\s*The Final Determination was based on decisions for the disputed items/[Ss]ervices? set forth below:\s*"
)
# The end of the summary in forms that list the documents (2013, early 2014).
DOCUMENTS = re.compile(r"Documents Reviewed(?: for Determination)?:?|DOCUMENTS REVIEWED(?: FOR DETERMINATION)?:?")

CLAIMS_ADMINISTRATOR = re.compile(r"Claims Administrator guidelines?\s?:\s?", re.IGNORECASE)
REVIEWER = re.compile(r"(?:MAXIMUS|Expert Reviewer) guidelines?\s?:\s?", re.IGNORECASE)
RATIONALE = re.compile(r"Decision rationale\s?:\s?|Rationale for the Decision\s?:\s?", re.IGNORECASE)
# The outcome word counts only directly before one of the item's labels, with at most a page number between them:
# summaries and rationales say "Upheld" too.
OUTCOME = re.compile(
    r"""
    \s?:\s?(?P<word>Upheld|Overturned)\b[\s.]{0,3}(?:\d{1,3}\s)?
    (?=Claims\ Administrator\ guideline|MAXIMUS\ guideline|Decision\ rationale)
    """,
    re.IGNORECASE | re.VERBOSE,
)
# 2013: the outcome is a numbered sentence, printed twice (once on the first page), sometimes without its spaces.
SENTENCE_OUTCOME = re.compile(
    r"""
    (?P<number>\d{1,2})\s?[).]\s?(?:MAXIMUS\ Federal\ Services,?\ Inc\.?\s?has\s?determined\s?)?  # "1) MAXIMUS ..."
    the\s?request\s?for\s?(?P<item>[^.]{1,400}(?:\.\d[^.]{0,400}){0,6}?)  # "Norco 7.5/325mg #60"
    \s?\b(?:is|are)\s?(?P<not>not)?\s?medically\s?necessary(?:\s?and\s?appropriate)?
    """,
    re.IGNORECASE | re.VERBOSE,
)
# The part of a 2013 letter that argues one numbered decision.
SENTENCE_ITEM = re.compile(r"(?P<number>\d{1,2})\s?[).]\s?Regarding\s?the\s?request\s?for\s?", re.IGNORECASE)
SENTENCE_BASIS = re.compile(
    r"""
    (?:Section\ of\ the\ )?Medical\ Treatment\ (?:Utilization\ Schedule|Guideline\(?s?\)?)
    \ Relied\ Upon\ by\ the\ Expert\ Reviewer\ to\ Make\ (?:His/Her|his/her|the)\ Decision\s?:?\s?
    """,
    re.VERBOSE,
)
# "MEDICAL PROFESSIONAL REVIEW": only the headings of this form are known. The second-last one holds the outcome.
ISSUE = re.compile(r"ISSUE AT DISPUTE\s?:\s?")
ISSUE_BASIS = re.compile(
    r"MEDICAL TREATMENT GUIDELINE\(?S?\)? RELIED UPON BY (?:THE )?PROFESSIONAL REVIEWER(?: AND WHY)?\s?:\s?"
)
ISSUE_RATIONALE = re.compile(
    r"""
    RATIONALE\ FOR\ WHY\ THE\ REQUESTED\ TREATMENT/SERVICE
    \ (?P<outcome>(?:IS/WAS|IS|WAS)\ (?P<not>NOT\ )?MEDICALLY\ NECESSARY)\s?:\s?
    """,
    re.VERBOSE,
)
# In that paragraph the reviewer's basis follows the claims administrator's.
REVIEWER_SENTENCE = re.compile(r"\bThe (?:Expert|Physician) Reviewer\b")
# A partly authorized request is a heading of two or three sentences, each with one of these endings.
PARTLY_AUTHORIZED = re.compile(
    r"""
    was\ the\ original\ request\.?$
    | (?:was|were)\ authorized\ by\ the\ Claims\ Administrator\.?$
    | leaving\ the\ original\ request\ IMR\ eligible\.?$
    | ^The\ Claims\ Administrator\ authorized\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# An outcome word of any item. If one remains inside a part, an item may have been missed.
ANY_OUTCOME = re.compile(r":\s?(?:Upheld|Overturned)\b", re.IGNORECASE)
# Running footers of the full letters belong to no paragraph.
FOOTER_WORDS = "Final Determination Letter for IMR Case Number"
FOOTER = re.compile(
    rf"""
    ^[^\S\n]*{re.escape(FOOTER_WORDS)}[^\n]{{0,60}}$  # a line of its own, with its page number
    # In a text without line breaks, the number after it could also be the count at the start of a heading.
    | {re.escape(FOOTER_WORDS)}:?[^\S\n]?CM[^\S\n]?\d{{2}}[^\S\n]?-[^\S\n]?\d{{6,7}}\b
    """,
    re.MULTILINE | re.VERBOSE,
)
