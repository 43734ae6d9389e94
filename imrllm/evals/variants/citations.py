"""Changes in the guideline paragraphs: other citations, in other syntaxes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any

from imrllm.evals.variants.dates import numeric_date
from imrllm.evals.variants.draft import Draft
from imrllm.evals.variants.kinds import kind
from imrllm.evals.variants.pools import form, read_pool
from imrllm.evals.variants.spellings import misread, slip
from imrllm.fields import SIDES

_SAID = {"claims_administrator": "The Claims Administrator", "reviewer_basis": "The Expert Reviewer"}
Written = tuple[str, list[dict[str, Any]]]


@kind("citations")
def cite_otherwise(draft: Draft, random: Random) -> bool:
    """Write one side's guideline paragraph anew: other guidelines, chapters, topics and pages, in other syntaxes."""
    side = random.choice(SIDES)
    chosen = draft.untouched_item(random, side)
    if chosen is None:
        return False
    index, part, item = chosen
    span = part.claims_administrator if side == "claims_administrator" else part.reviewer_basis
    if span is None or not item[side]:
        return False
    words, citations, stance = _paragraph(random, _SAID[side])
    draft.put(span, words)
    draft.set(f"/disputed_items/{index}/{side}", {"stance": stance, "citations": citations})
    return True


@kind("slips in citations")
def slip_in_a_citation(draft: Draft, random: Random) -> bool:
    """Misspell a word of a cited chapter or topic, which is copied as printed."""
    side = random.choice(SIDES)
    chosen = draft.untouched_item(random, side)
    if chosen is None or not chosen[2][side]:
        return False
    index, part, item = chosen
    span = part.claims_administrator if side == "claims_administrator" else part.reviewer_basis
    citations = item[side]["citations"]
    texts = [text for one in citations for text in (one["chapter"] or "", *one["sections"])]
    words = sorted({word for text in texts for word in text.split() if len(word) > 4 and word.isalpha()})
    if not words:
        return False
    word = random.choice(words)
    place = draft.find(span, word)
    new = random.choice((slip, misread))(random, word)
    if place is None or new == word:
        return False
    changed = [
        {
            **one,
            "chapter": one["chapter"] and _swapped(one["chapter"], word, new),
            "sections": [_swapped(each, word, new) for each in one["sections"]],
        }
        for one in citations
    ]
    draft.put(place, new)
    draft.set(f"/disputed_items/{index}/{side}", {**item[side], "citations": changed})
    return True


def _paragraph(random: Random, who: str) -> tuple[str, list[dict[str, Any]], str]:
    """A side's paragraph, its citations and its stance."""
    chance = random.random()
    if chance < 0.08:
        return form(random, "no evidence", who=who), [], "none_cited"
    if chance < 0.5:
        words, citations = _within(random)
        if random.random() < 0.2:
            more, others = _outside(random)
            return f"{words} {more}", citations + others, "cited"
        return words, citations, "cited"
    words, citations = _outside(random)
    if random.random() < 0.15:
        return words, citations, "cited"
    return f"{form(random, 'outside of the MTUS', who=who)} {words}", citations, "outside_mtus"


def _within(random: Random) -> Written:
    """A sentence that cites the MTUS: with pages, or with years and sections; one chapter or more."""
    pool = read_pool("guidelines.txt")
    if random.random() < 0.5:
        chapter = random.choice(pool["older chapters"])
        topics, pages = _topics(random, (0, 1, 1, 2)), _page_numbers(random)
        words = f"Decision based on MTUS {chapter}"
        if topics:
            words += random.choice((" ", ", ", " ", ": ", " - ")) + ", ".join(topics)
        if pages:
            label = form(random, "page labels")
            words += random.choice((" ", " ", ", ", "; ")) + f"{label}{random.choice((' ', ' ', ' ', ''))}"
            words += _listed(random, pages)
        return f"{words}.", [_citation("MTUS", chapter, None, topics, pages)]
    clauses, citations = [], []
    for chapter in random.sample(pool["mtus chapters"], random.choice((1, 1, 2, 3))):
        name, _, year = chapter.partition(" | ")
        topics = _topics(random, (0, 1, 1, 2, 3))
        clause = f"{name}{random.choice((' ', ' ', ' ', ', '))}{random.choice((year, year, year, f'({year})'))}"
        if topics:
            label = f"{form(random, 'section labels')} " if random.random() < 0.9 else ""
            clause += f", {label}{random.choice((', ', ', ', '; ')).join(topics)}"
        clauses.append(clause)
        citations.append(_citation("MTUS", name, int(year), topics))
    glue = random.choice((", and ", ", and ", "; and ", "; ", ". Decision based on MTUS "))
    return f"Decision based on MTUS {glue.join(clauses)}.", citations


def _outside(random: Random) -> Written:
    """A sentence that cites another guideline, a website or a text."""
    pool = read_pool("guidelines.txt")
    lead = f"{form(random, 'non-MTUS leads')} "
    chance = random.random()
    if chance < 0.14:
        text = random.choice(pool["other"])
        year = random.choice((None, None, 2009, 2012, 2014, 2015))
        words = f"{text}, {year}" if year else text
        return f"{lead}{words}.", [_citation("other", words, year)]
    if chance < 0.24:
        chapter, topics = random.choice(pool["acoem chapters"]), _topics(random, (0, 1, 1))
        words = ", ".join((form(random, "names of ACOEM"), chapter, *topics))
        return f"{lead}{words}.", [_citation("ACOEM", chapter, None, topics)]
    name, first = form(random, "names of ODG"), random.choice((", ", ", ", ": ", " ", "; ", " - ", "/"))
    if random.random() < 0.15:
        topic = random.choice(pool["topics"])
        return f"{lead}{name}{first}{topic}.", [_citation("ODG", None, None, [topic])]
    chapters, citations = [], []
    for chapter in random.sample(pool["odg chapters"], random.choice((1, 1, 1, 2))):
        topics = _topics(random, (0, 1, 1, 1, 2))
        version = random.choice((" (Online version)", " (web version)")) if random.random() < 0.12 else ""
        between = random.choice((", ", ", ", "/", " - ", ": ", "; ", " / ", ", Section: "))
        words = f"{chapter}{version}"
        if random.random() < 0.2:
            words += _update(random)
        chapters.append(words + (between + random.choice((", ", "; ")).join(topics) if topics else ""))
        citations.append(_citation("ODG", f"{chapter}{version}", None, topics))
    glue = random.choice((f"; {name}{first}", f", and {name}{first}", f". {lead}{name}{first}", " and "))
    return f"{lead}{name}{first}{glue.join(chapters)}.", citations


def _update(random: Random) -> str:
    """When a chapter was last updated, which is not its year."""
    day = date(random.randrange(2013, 2017), random.randrange(1, 13), random.randrange(1, 29))
    # The space before the bracket is the form's own.
    return " " + form(random, "updates", date=numeric_date(random, day)).strip()


def _topics(random: Random, counts: tuple[int, ...]) -> list[str]:
    return random.sample(read_pool("guidelines.txt")["topics"], random.choice(counts))


def _page_numbers(random: Random) -> list[str]:
    pages, at = [], random.randrange(8, 110)
    for _ in range(random.choice((0, 1, 1, 2, 2, 3))):
        end = at + random.randrange(1, 9)
        pages.append(random.choice((str(at), str(at), f"{at}-{end}")))
        at = end + random.randrange(1, 12)
    return pages


def _listed(random: Random, pages: list[str]) -> str:
    dash = random.choice(("-", "-", "-", "\u2013"))
    printed = [page.replace("-", dash) for page in pages]
    if len(printed) == 1:
        return printed[0]
    last = random.choice((", ", ", ", " and ", " & ", ", and ", "; "))
    return random.choice((", ", ", ", "; ")).join(printed[:-1]) + last + printed[-1]


def _citation(
    guideline: str, chapter: str | None, year: int | None, sections: list[str] | None = None, pages: Sequence[str] = ()
) -> dict[str, Any]:
    return {
        "guideline": guideline,
        "within_mtus": guideline == "MTUS",
        "chapter": chapter,
        "year": year,
        "sections": list(sections or ()),
        "pages": list(pages),
    }


def _swapped(text: str, old: str, new: str) -> str:
    return " ".join(new if word == old else word for word in text.split(" "))
