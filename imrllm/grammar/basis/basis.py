"""What each side based its decision on: its stance, and the clauses that cite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from imrllm.folding import caseless
from imrllm.grammar.basis.chapters import CHAPTER
from imrllm.grammar.basis.citation_parts import citation
from imrllm.grammar.basis.mtus import read_mtus
from imrllm.grammar.basis.non_mtus import ACOEM, ODG, ODG_NAME, read_non_mtus
from imrllm.grammar.reading import Part, Reading, tightened
from imrllm.records import Basis, Citation, Stance

_NONE_CITED = caseless(r"did not cite any\b|\bno (?:medical evidence|guidelines?) (?:was|were) cited")
_OUTSIDE = caseless(
    r"""
    did\ not\ base\ (?:its|their|his|her|his/her|the)\ decision\ on\ the\ MTUS
    | recommendation\(?s?\)?\ outside\ of\ the\ MTUS  # "recommendation(s) outside of the MTUS"
    | outside\ (?:of\ )?the\ MTUS
    """,
    re.VERBOSE,
)
# What opens a clause that cites, and the label that says of which kind its citations are.
_CLAUSE = caseless(
    r"""
    (?:
        \bDecision\ based\ on\ (?:the\ )?  # "Decision based on MTUS ..."
        | \s(?:and|as\ well\ as)\s(?=Non-?\s?MTUS\b)  # "and Non-MTUS Citation ..."
        | \b(?:Reviewer|Administrator|It|He/she)\ (?:found|cited|used|applied|referenced|relied\ (?:up)?on)
            \ (?:the\ )?(?=[A-Z])  # "The Expert Reviewer relied on the ..."
        | \bbased\ (?:its|their|his|her|his/her|the)\ decision\ on\ (?:the\ )?  # 2013: "based its decision on the ..."
        | ^(?:The\ )?(?=MTUS\b[^.]{0,200}\b(?:was|were)\ cited\b)  # "The MTUS ... was cited"
    )
    (?:
        (?P<outside>Non-?\s?MTUS(?:\ Citations?)?)
        | (?P<within>
            (?:2017\ )?(?:(?:California|CA)(?:'s)?\ )?  # the MTUS of 2017, as opposed to the old one
            (?:MTUS\b|Medical\ Treatment\ Utilization\ Schedule\b(?:\ \(MTUS\))?)
        )
    )?[\s:,/]*
    """,
    re.VERBOSE,
)
# How letters of 2013 end a citation; the third way is "relevant to the issue at dispute".
_PART_OF_MTUS = caseless(
    r"""
    ,?\s(?:(?:which\ )?(?:is|are)\s)?(?:not\ )?(?:a\ )?part\ of\ the\ (?:California\ )?
        (?:MTUS|Medical\ Treatment\ Utilization\ Schedule)\b  # ", which is part of the MTUS"
    | ,?\s(?:was|were)\ cited\b
    """,
    re.VERBOSE,
)
_RELEVANT = re.compile(r",?\s(?:relevant|applicable|appropriate)\b", re.IGNORECASE)
# After the MTUS another guideline may be named in the same clause.
_THEN_ODG = re.compile(rf"(?:^|[,;]?\s)(?:and|as\ well\ as)\s(?:the\s)?(?={ODG_NAME})", re.IGNORECASE | re.VERBOSE)
# "Non-MTUS Citation MTUS Chronic Pain Guidelines": the label decides, not the name.
_MTUS_AFTER_ALL = re.compile(
    rf"(?:the\s)?(?:(?:California|CA)\s)?MTUS[\s:,]{{1,3}}(?={CHAPTER.pattern})", re.IGNORECASE | re.VERBOSE
)
# The guideline's name first, then what it is part of: "ACOEM (MTUS) Knee Disorders 2019".
_ACOEM_OF_MTUS = re.compile(rf"{ACOEM.pattern}[\s,/(-]{{1,3}}MTUS\b\)?[\s,:]*", re.IGNORECASE | re.VERBOSE)
_STANCE_WORDS = caseless(r"\b(?:The )?(?:Claims Administrator|Expert Reviewer|Physician Reviewer)\b")


# What the label of a clause says of its citations.
_Kind: TypeAlias = Literal["within", "outside", "unlabeled"]


@dataclass(frozen=True, slots=True)
class BasisReadings:
    """What one side based its decision on: all of it, and each of its citations in printed order."""

    basis: Reading[Basis]
    citations: tuple[Reading[Citation], ...]


def read_basis(part: Part) -> BasisReadings:
    """Read what one side based its decision on.

    Args:
        part: the paragraph after "Claims Administrator guideline:" or "MAXIMUS guideline:".
    """
    stance: Stance = "cited"
    if _NONE_CITED.search(part.lower):
        stance = "none_cited"
    elif _OUTSIDE.search(part.lower):
        stance = "outside_mtus"
    readings = tuple(_citations(part))
    basis = Basis(stance=stance, citations=tuple(reading.value for reading in readings))
    return BasisReadings(part.reading(basis, 0, len(part.text)), readings)


def _citations(part: Part) -> Iterator[Reading[Citation]]:
    text = part.lower
    clauses = list(_CLAUSE.finditer(text))
    ends = [*(clause.start() for clause in clauses[1:]), len(text)][: len(clauses)]
    for clause, limit in zip(clauses, ends, strict=True):
        kind: _Kind = "outside" if clause["outside"] else "within" if clause["within"] else "unlabeled"
        stretch = text[clause.end() : limit]
        if kind == "unlabeled" and _OUTSIDE.search(clause.group() + stretch[:60]):
            continue
        # The full stop may be lost: the citation ends where the next sentence of stance starts.
        trailing = _STANCE_WORDS.search(stretch, stretch.rstrip(" .").rfind(".") + 1)
        start, end = tightened(part.text, clause.end(), clause.end() + trailing.start() if trailing else limit)
        if start >= end:
            if kind == "within":
                yield part.reading(citation("MTUS", True, None), *clause.span())
            continue
        cut = part.cut(start, end)
        ending = _PART_OF_MTUS.search(cut.lower)
        if kind == "unlabeled" and ACOEM.match(cut.text) and not _says_mtus(cut, ending):
            kind = "outside"
        yield from _clause(_before(ending, cut), kind)
        # "X, which is part of the MTUS, and the ODG": what follows is cited too.
        if ending and (further := _THEN_ODG.match(cut.text, ending.end())):
            rest = cut.cut(further.end(), len(cut.text))
            yield from read_non_mtus(_before(_PART_OF_MTUS.search(rest.lower), rest))


def _before(ending: re.Match[str] | None, part: Part) -> Part:
    """A part up to its ending, where it has one."""
    return part.cut(0, ending.start()) if ending else part


def _says_mtus(cut: Part, ending: re.Match[str] | None) -> bool:
    """Whether a clause that opens with ACOEM's name says that it cites the MTUS, which has adopted ACOEM's chapters."""
    if ending and "not " in ending.group():
        return False
    return re.search(r"\bMTUS\b|Medical Treatment Utilization Schedule", cut.text) is not None


def _clause(cut: Part, kind: _Kind) -> Iterator[Reading[Citation]]:
    """The citations of one clause, by the label that opens it; without a label, only known names count."""
    if kind == "outside":
        if after_all := _MTUS_AFTER_ALL.match(cut.text):
            for reading in read_mtus(cut.cut(after_all.end(), len(cut.text))):
                yield Reading(reading.value.model_copy(update={"within_mtus": False}), reading.span)
        else:
            yield from read_non_mtus(cut)
    elif kind == "within":
        further = _THEN_ODG.search(cut.text)
        if further and not further.start():
            yield cut.reading(citation("MTUS", True, None), 0, len(cut.text))
        else:
            mtus = _before(further, cut)
            yield from read_non_mtus(mtus) if ODG.match(mtus.text) else read_mtus(mtus)
        if further:
            yield from read_non_mtus(cut.cut(further.end(), len(cut.text)))
    elif work := _ACOEM_OF_MTUS.match(cut.text):
        yield from read_mtus(cut.cut(work.end(), len(cut.text)))
    elif named := CHAPTER.match(cut.text):
        yield from read_mtus(_before(_RELEVANT.search(cut.text, named.end()), cut))
    elif ODG.match(cut.text) or ACOEM.match(cut.text):
        yield from read_non_mtus(cut)
