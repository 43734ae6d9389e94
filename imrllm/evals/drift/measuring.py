"""Measures how drifted letters are read, by kind of drift."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imrllm.documents import Document
from imrllm.evals.drift.drifting import DriftedLetter, drift
from imrllm.evals.drift.pieces import LetterPieces, take_apart
from imrllm.evals.drift.scores import DriftTally, judge
from imrllm.evals.drift.wordings import Half
from imrllm.pipeline import read_without_model
from imrllm.records import Result
from imrllm.suites import Gold

# Reads drifted letters, given by document id; one result for each, in any order.
Reader = Callable[[Mapping[str, DriftedLetter]], Iterable[Result]]


@dataclass(frozen=True, slots=True)
class LabeledPieces:
    """A letter taken apart, with its gold.

    Attributes:
        pieces: its pieces.
        gold: its true record, as JSON has it.
    """

    pieces: LetterPieces
    gold: dict[str, Any]


def labeled_pieces(
    letters: Mapping[str, Document], gold: Mapping[str, Gold]
) -> tuple[dict[str, LabeledPieces], list[str]]:
    """Take letters apart that can be printed in other forms.

    Args:
        letters: the letters by document id.
        gold: their gold by document id.

    Returns:
        The letters by document id, and the ids of those that cannot be: their reader does not find the gold's items,
        or they have another form than labeled paragraphs.
    """
    found: dict[str, LabeledPieces] = {}
    left_out = []
    for name, letter in letters.items():
        pieces = take_apart(letter.text, gold[name].record)
        if pieces is None:
            left_out.append(name)
        else:
            found[name] = LabeledPieces(pieces, gold[name].record)
    return found, left_out


def measure(
    letters: Mapping[str, LabeledPieces], kinds: Sequence[str], seed: int, half: Half, read: Reader
) -> Iterator[DriftTally]:
    """Print letters in other forms, and judge how they are read.

    Args:
        letters: the letters by document id.
        kinds: the kinds of drift, each for all letters.
        seed: see `drift`.
        half: see `drift`.
        read: what reads them.

    Yields:
        What became of the letters, kind by kind.
    """
    for kind in kinds:
        drifted = {name: drift(each.pieces, kind, seed, half) for name, each in letters.items()}
        changed = {name: letter for name, letter in drifted.items() if letter}
        tally = DriftTally(kind, unchangeable=len(drifted) - len(changed))
        results = {result.document_id: result for result in read(changed)}
        tally.outcomes += [judge(letters[name].pieces, letters[name].gold, results[name]) for name in changed]
        yield tally


def read_by_grammar(drifted: Mapping[str, DriftedLetter]) -> Iterator[Result]:
    """Read drifted letters without a model."""
    for name, letter in drifted.items():
        yield read_without_model(Document.from_text(letter.text, name))
