"""Drifted letters: labeled letters printed in forms that nobody has seen, with the same gold.

A letter's form can change any year. A drifted letter says what the letter says that it was made of, word for word; only
what the form prints around that is changed: headings, labels, outcome words, order, layout. They are made when they are
asked for, from a seed, and are never stored.
"""

from imrllm.evals.drift.drifting import ALL, ALL_KINDS, MIXED, UNCHANGED, DriftedLetter, drift
from imrllm.evals.drift.kinds import KINDS
from imrllm.evals.drift.measuring import LabeledPieces, labeled_pieces, measure, read_by_grammar
from imrllm.evals.drift.pieces import LetterPieces, take_apart
from imrllm.evals.drift.scores import DriftOutcome, DriftTally, judge
from imrllm.evals.drift.wordings import Half

__all__ = [
    "ALL",
    "ALL_KINDS",
    "KINDS",
    "MIXED",
    "UNCHANGED",
    "DriftOutcome",
    "DriftTally",
    "DriftedLetter",
    "Half",
    "LabeledPieces",
    "LetterPieces",
    "drift",
    "judge",
    "labeled_pieces",
    "measure",
    "read_by_grammar",
    "take_apart",
]
