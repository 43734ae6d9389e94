"""The entries that a list of the record may hold: those of either reader, each with its situation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from imrllm.answer_models import GroundReason
from imrllm.crosscheck.locate import locate
from imrllm.fields import Field
from imrllm.folding import Folded, fold
from imrllm.grammar import GroundReading, Part, Reading
from imrllm.spans import FoldedSpan

_BEYOND = (1 << 62, 0)
# Characters around a quote that a model adds or leaves out.
_AROUND = " \t\n.,;:\"'\u201c\u201d\u2018\u2019\u2026"
# A quote of fewer characters says nothing: "pain" stands in every rationale.
_SHORTEST_QUOTE = 8
# A verdict in words, by the least probability of a yes; how much each is worth is learned from gold.
_VERDICTS = (("yes", 0.75), ("likely", 0.6), ("unsure", 0.4), ("no", 0.0))
_GIVEN = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that the record may hold.

    Attributes:
        value: the entry as the record would hold it.
        situation: who gave it, as tables of `trust` name it.
        spans: the letter's words for it; empty if none were found.
        claimed: what the model answered; None if it left the entry out.
        stated: whether the grammar reads it.
    """

    value: str
    situation: str
    spans: tuple[FoldedSpan, ...]
    claimed: str | None
    stated: bool


def list_candidates(
    of: Field,
    claimed: Iterable[str],
    readings: Sequence[Reading[object]],
    part: Part | None,
    folded: Folded,
    tidied: Callable[[Part], Part],
) -> list[Candidate]:
    """The entries of a list of prose.

    Args:
        of: the list field.
        claimed: the model's entries.
        readings: the grammar's.
        part: the part of the letter that states the list.
        folded: the letter's text.
        tidied: cuts an entry's own doses, dates and the like away.

    Returns:
        One candidate for each entry, in the order of the letter. Situations are `both`, `grammar`, `model`, `alone` for
        an entry of the model where the grammar reads no entry at all, and `unfound` for one that is not in the letter.
    """
    unread = "model" if readings else "alone"
    found: dict[object, Candidate] = {}
    for entry in claimed:
        span = locate(entry, part) if part else None
        value = entry
        if span is not None:
            own, printed = tidied(Part.of(folded, span)).printed, folded.printed[slice(*span)]
            if of.normal(entry) != of.normal(own) and of.normal(entry) == of.normal(printed):
                value = own
        if value:
            spans = (span,) if span else ()
            found.setdefault(
                of.normal(value), Candidate(value, unread if span else "unfound", spans, entry, stated=False)
            )
    for reading in readings:
        value = str(reading.value)
        mine = found.get(of.normal(value))
        claim = mine.claimed if mine else None
        situation = "both" if mine else "grammar"
        found[of.normal(value)] = Candidate(value, situation, (reading.span,), claim, stated=True)
    return sorted(found.values(), key=lambda each: each.spans[0] if each.spans else _BEYOND)


@dataclass(frozen=True, slots=True)
class GroundAnswers:
    """What a model answered on the grounds of one disputed item.

    Attributes:
        reasons: its own reasons; the quote is empty where it was not asked for one.
        verdicts: by ground that it was asked about, how probable it holds it that the reviewer gives it, 0 to 1.
        whole: whether it was asked for all grounds, so that one that it does not give is left out.
    """

    reasons: tuple[GroundReason, ...] = ()
    verdicts: Mapping[str, float] = field(default_factory=dict)
    whole: bool = True

    @property
    def given(self) -> tuple[str, ...]:
        """The grounds that it answered, each once."""
        verified = (ground for ground, probability in self.verdicts.items() if probability >= _GIVEN)
        return tuple(dict.fromkeys((*(reason.ground for reason in self.reasons), *verified)))


def ground_candidates(
    answers: GroundAnswers, readings: Sequence[GroundReading], rationale: Part | None
) -> list[Candidate]:
    """The grounds of one disputed item.

    Args:
        answers: the model's; of several reasons with one ground, one whose quote is found counts.
        readings: the grounds whose words stand in the rationale.
        rationale: the decision rationale.

    Returns:
        One candidate for each ground: the model's in its order, then those of words alone. A situation is the ground,
        a bar, and who gave it, joined by `+`: `words` that are about this case or `guideline` for words that only
        describe a guideline; `quote` (the model, with words that stand in the rationale) or
        `claim` (the model, without); the model's verdict (`no`, `unsure`, `likely`, `yes`).
    """
    words: dict[str, GroundReading] = {reading.value: reading for reading in readings}
    quotes: dict[str, FoldedSpan | None] = {}
    for reason in answers.reasons:
        span = find_quote(reason.quote, rationale) if rationale else None
        quotes[reason.ground] = quotes.get(reason.ground) or span
    candidates = []
    for ground in dict.fromkeys((*quotes, *answers.verdicts, *words)):
        quote, word = quotes.get(ground), words.get(ground)
        said = ["words" if word.applied else "guideline"] if word else []
        if ground in quotes:
            said.append("quote" if quote else "claim")
        if ground in answers.verdicts:
            said.append(_verdict(answers.verdicts[ground]))
        spans = tuple(dict.fromkeys(span for span in (quote, word.span if word else None) if span))
        claim = ground if ground in answers.given else None
        candidates.append(Candidate(ground, f"{ground}|{'+'.join(said)}", spans, claim, stated=word is not None))
    return candidates


def _verdict(probability: float) -> str:
    return next(name for name, least in _VERDICTS if probability >= least)


def find_quote(quote: str, part: Part) -> FoldedSpan | None:
    """The span of a quote in a part of the letter, whatever its case and white space; None if it is not verbatim."""
    wanted = fold(quote).text.lower().strip(_AROUND)
    if len(wanted) < _SHORTEST_QUOTE:
        return None
    found = re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", part.lower)
    return part.span(*found.span()) if found else None
