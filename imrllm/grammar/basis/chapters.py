"""Chapters of the MTUS: the list that its regulation and the letters know, and names that are one slip from it.

Source: 8 CCR 9792.20 to 9792.26, and the names that the letters of 2014 to 2017 print. The ACOEM chapters of 2004 and
2007 were adopted into it, the treatment guidelines for chronic pain, after surgery and with opioids in 2009 and 2016.
"""

from __future__ import annotations

import re

YEAR = r"(?:19|20)\d{2}"
CHAPTER_NAMES = (
    "Chronic Pain Medical Treatment Guidelines|Chronic Pain Medical Treatment"
    "|Chronic Pain Treatment Guidelines|Chronic Pain Guidelines"
    "|Opioids? Treatment Guidelines|Opioids? Treatment|Opioids? Guidelines"
    "|Acupuncture Medical Treatment Guidelines|Acupuncture Treatment Guidelines|Acupuncture Treatment"
    "|Acupuncture Guidelines"
    "|Post-?surgical Treatment Guidelines|Post-?surgical Treatment|Post-?surgical Rehabilitation"
    "|Postsurgical Guidelines"
    "|(?:ACOEM (?:(?:Occupational Medicine )?Practice )?(?:Guidelines)?,? ?)?(?:Chapter \\d+:?,? ?\\(?)?(?:"
    "Neck and Upper Back Complaints|Shoulder Complaints|Elbow Complaints|Elbow Disorders"
    "|Forearm, Wrist,? (?:and|&) Hand Complaints"
    "|Low Back Complaints|Knee Complaints|Ankle and Foot Complaints|Stress[- ]Related Conditions|Eye Complaints"
    "|General Approaches to Initial Assessment and Documentation"
    "|General Approach to Initial Assessment and Documentation"
    "|General Approaches|Initial Approaches to Treatment|Cornerstones of Disability Prevention and Management"
    "|Pain, Suffering,? and the Restoration of Function|Independent Medical Examinations and Consultations"
    "|Cervical and Thoracic Spine Disorders|Low Back Disorders|Knee Disorders|Shoulder Disorders"
    "|Ankle and Foot Disorders"
    "|Hand, Wrist,? and Forearm Disorders|Hip and Groin Disorders|Eye Disorders|Traumatic Brain Injury"
    "|Workplace Mental Health|Interstitial Lung Disease|Work-Related Asthma|Occupational/Work-Related Asthma"
    ")(?: Chapter)?"
)
# Too short to be told from a topic unless a year follows.
DATED_NAMES = r"Opioids|Chronic Pain|Prevention|Initial Assessment|Eye"
CHAPTER = re.compile(rf"(?:(?:{CHAPTER_NAMES})\b|(?:{DATED_NAMES})(?=\s{YEAR}\b))", re.IGNORECASE)

# The commonest names in full, for those that are printed with a slip.
_COMMON = (
    "Chronic Pain Medical Treatment Guidelines",
    "Chronic Pain Medical Treatment",
    "Chronic Pain Treatment Guidelines",
    "Opioid Treatment",
    "Opioids Treatment Guidelines",
    "Acupuncture Treatment Guidelines",
    "Acupuncture Treatment",
    "Postsurgical Treatment Guidelines",
    "Postsurgical Treatment",
    "Neck and Upper Back Complaints",
    "Shoulder Complaints",
    "Elbow Complaints",
    "Forearm, Wrist, and Hand Complaints",
    "Low Back Complaints",
    "Knee Complaints",
    "Ankle and Foot Complaints",
    "Stress-Related Conditions",
    "General Approaches",
)
_WORDS = re.compile(r"\S+")
# Letters that may be wrong, missing, added or swapped in a name of several words.
_SLIPS = 2


def chapter_end(text: str, start: int, end: int) -> int | None:
    """Where a chapter's name that opens a stretch ends.

    Args:
        text: folded text with plain quotes and dashes.
        start: where the name would start.
        end: where the stretch ends.

    Returns:
        The offset after the name, also of one printed with up to two slips ("Low Back Compliants"); None where no name
        of the list opens the stretch.
    """
    if known := CHAPTER.match(text, start, end):
        # "Chapter 12 (Low Back Complaints)": the bracket closes the name.
        return known.end() + ("(" in known.group() and text.startswith(")", known.end()))
    from rapidfuzz.distance import DamerauLevenshtein

    words = [(word.start(), word.end()) for word in _WORDS.finditer(text, start, min(end, start + 80))]
    for name in _COMMON:
        count = len(name.split())
        if len(words) < count:
            continue
        last = words[count - 1][1]
        printed = text[start:last].rstrip(",.;:").lower()
        if DamerauLevenshtein.distance(printed, name.lower(), score_cutoff=_SLIPS) <= _SLIPS:
            return start + len(printed)
    return None


def is_known(chapter: str) -> bool:
    """Whether a chapter's name, as the record has it, is one of the list, up to two slips."""
    return chapter_end(chapter, 0, len(chapter)) == len(chapter)
