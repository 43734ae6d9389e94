"""Changes in the case: the reviewer's credentials, the worker, dates, and the summary's lists."""

from __future__ import annotations

import re
from datetime import date, timedelta
from random import Random

from imrllm.evals.variants.amounts import spelled
from imrllm.evals.variants.dates import FIGURES, NAMED, day_of, month, numeric_date, prose_date
from imrllm.evals.variants.draft import Draft
from imrllm.evals.variants.kinds import kind
from imrllm.evals.variants.pools import form, read_pool
from imrllm.normalization import normal_text
from imrllm.spans import FoldedSpan

_BLOCK = re.compile(r"State\(s\) of Licensure:.*", re.DOTALL)
_PROSE = re.compile(r"is Board Certified in .{3,300}? licensed to practice in .{3,200}?\.(?= He/she|$)")
_AGED = re.compile(
    r"\b(?P<age>\d{2})[- ]?year[- ]?old,?(?: [\w-]+){0,2}? (?P<noun>male|female|man|woman|gentleman|lady)\b",
    re.IGNORECASE,
)
_HEADER_DATES = ("date_assigned", "date_of_injury", "decision_date", "ur_denial_date", "application_received")


@kind("credentials")
def license_another(draft: Draft, random: Random) -> bool:
    """Give the reviewer other specialties and states, in the block or in the sentence of the letter's form."""
    if draft.parts is None or draft.parts.credentials is None or not draft.touch("credentials"):
        return False
    pool, span = read_pool("people.txt"), draft.parts.credentials
    text = draft.parts.folded.text[slice(*span)]
    states = random.sample(pool["states"], random.choice((1, 1, 2, 3, 5)))
    specialties = random.sample(pool["specialties"], random.choice((1, 1, 2, 2, 3)))
    if found := _BLOCK.search(text):
        glue, other = random.choice((", ", ",", ", ")), random.choice((", ", ",", "; "))
        second = random.choice(
            ("Certification(s)/Specialty: ", "Certification(s)/Specialty:", "Certification(s)/ Specialty: ")
        )
        # A list of specialties splits at commas: with ";" between them they are not sure to be two.
        words = f"State(s) of Licensure: {glue.join(states)}\n{second}{other.replace(';', ',').join(specialties)}"
    elif found := _PROSE.search(text):
        specialties = specialties[:2]
        more = random.choice(
            (
                ", has a subspecialty in ",
                ", and has a subspecialty in ",
                " and has a subspecialty in ",
                ", with a subspecialty in ",
            )
        )
        joined = (
            states[0]
            if len(states) == 1
            else ", ".join(states[:-1]) + random.choice((" and ", ", and ", ", ")) + states[-1]
        )
        words = f"is Board Certified in {more.join(specialties)} and is licensed to practice in {joined}."
    else:
        return False
    draft.put(FoldedSpan((span[0] + found.start(), span[0] + found.end())), words)
    draft.set("/reviewer/licensed_states", states)
    draft.set("/reviewer/specialties", specialties)
    return True


@kind("worker")
def age_otherwise(draft: Draft, random: Random) -> bool:
    """Print another age of the worker, with the sex in another word."""
    worker = draft.gold["injured_worker"]
    span = draft.parts.summary if draft.parts else None
    if draft.parts is None or span is None or not worker["age"] or not worker["sex"] or not draft.touch("worker"):
        return False
    found = [
        each for each in _AGED.finditer(draft.parts.folded.text[slice(*span)]) if int(each["age"]) == worker["age"]
    ]
    if len(found) != 1:
        return False
    man = worker["sex"] == "male"
    age, noun = random.randrange(19, 79), form(random, "men" if man else "women")
    words = form(random, "ages", n=age, word=spelled(age), noun=noun, letter="M" if man else "F")
    draft.put(FoldedSpan((span[0] + found[0].start(), span[0] + found[0].end())), words)
    draft.set("/injured_worker/age", age)
    return True


@kind("summary dates")
def date_otherwise(draft: Draft, random: Random) -> bool:
    """Print another date of injury or of the utilization review in the summary, in another form."""
    pointer = random.choice(
        ("/injured_worker/injury_date", "/injured_worker/injury_date", "/clinical_summary/ur_decision_date")
    )
    own = (
        draft.gold["injured_worker"]["injury_date"]
        if "injury" in pointer
        else draft.gold["clinical_summary"]["ur_decision_date"]
    )
    span = draft.parts.summary if draft.parts else None
    if draft.parts is None or span is None or own is None or len(own) != 10 or not draft.touch(pointer):
        return False
    text = draft.parts.folded.text[slice(*span)]
    found = [
        each for each in (*FIGURES.finditer(text), *NAMED.finditer(text)) if day_of(each) == date.fromisoformat(own)
    ]
    if len(found) != 1:
        return False
    day = date.fromisoformat(own) - timedelta(
        days=random.randrange(1, 300) if "injury" in pointer else random.randrange(1, 12)
    )
    value, words = day.isoformat(), prose_date(random, day)
    if "injury" in pointer and random.random() < 0.1:
        value, words = f"{day:%Y-%m}", month(random, day)
    draft.put(FoldedSpan((span[0] + found[0].start(), span[0] + found[0].end())), words)
    draft.set(pointer, value)
    return True


@kind("header dates")
def head_otherwise(draft: Draft, random: Random) -> bool:
    """Print another date in the header, in a form near the usual one."""
    field = random.choice(_HEADER_DATES)
    own, span = draft.gold["letter"][field], draft.parts.header if draft.parts else None
    if own is None or span is None or draft.parts is None or not draft.touch("header"):
        return False
    found = [
        each for each in FIGURES.finditer(draft.parts.folded.text, *span) if day_of(each) == date.fromisoformat(own)
    ]
    if len(found) != 1:
        return False
    day = date.fromisoformat(own) - timedelta(days=random.randrange(1, 25))
    words = f"{day:%m/%d/%Y}" if random.random() < 0.6 else numeric_date(random, day)
    draft.put(FoldedSpan(found[0].span()), words)
    draft.set(f"/letter/{field}", day.isoformat())
    return True


@kind("diagnoses")
def diagnose_otherwise(draft: Draft, random: Random) -> bool:
    """Add a sentence with diagnoses to the summary, or print another diagnosis in place of one."""
    return _list_otherwise(draft, random, "diagnoses", "diagnosis sentences", "diagnoses")


@kind("treatments to date")
def treat_otherwise(draft: Draft, random: Random) -> bool:
    """Add a sentence with earlier care to the summary, or print other care in place of one entry."""
    return _list_otherwise(draft, random, "care", "care sentences", "treatments_to_date")


def _list_otherwise(draft: Draft, random: Random, pool: str, sentences: str, field: str) -> bool:
    own: list[str] = draft.gold["clinical_summary"][field]
    span = draft.parts.summary if draft.parts else None
    if draft.parts is None or span is None or not draft.touch(field):
        return False
    entries = read_pool("people.txt")
    taken = " ; ".join(map(normal_text, own))
    fresh = [each for each in entries[pool] if normal_text(each) not in taken]
    if own and random.random() < 0.5:
        old, new = random.choice(own), random.choice(fresh)
        place = draft.find(span, old)
        if place is None:
            return False
        draft.put(place, new)
        draft.set(f"/clinical_summary/{field}", [new if each == old else each for each in own])
        return True
    several = random.sample(fresh, random.choice((1, 2, 3, 4)))
    words = random.choice(entries[sentences]).format(_enumerated(random, several))
    # At the summary's end, after a full stop.
    text = draft.parts.folded.text[slice(*span)]
    if not text.endswith("."):
        return False
    draft.put(FoldedSpan((span[1] - 1, span[1])), f". {words}")
    draft.set(f"/clinical_summary/{field}", own + several)
    return True


def _enumerated(random: Random, entries: list[str]) -> str:
    if len(entries) == 1:
        return entries[0]
    style = random.randrange(7)
    if style == 0:
        return " ".join(f"{number}. {entry}" for number, entry in enumerate(entries, 1))
    if style == 1:
        return "; ".join(f"{number}) {entry}" for number, entry in enumerate(entries, 1))
    if style == 2:
        return " ".join(f"({number}) {entry}" for number, entry in enumerate(entries, 1))
    glue = ("; ", ", ", ", ", ", ")[style - 3]
    last = {3: "; ", 4: " and ", 5: ", and ", 6: " as well as "}[style]
    return glue.join(entries[:-1]) + last + entries[-1]
