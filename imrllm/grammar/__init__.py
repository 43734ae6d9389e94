"""Deterministic readers: each value of the record that a letter's words state, with its span."""

from imrllm.grammar.basis.basis import BasisReadings
from imrllm.grammar.basis.chapters import is_known as is_known_chapter
from imrllm.grammar.basis.known_chapters import known_years, subject_of
from imrllm.grammar.letter_readings import ItemReadings, LetterReadings, decided, read_values
from imrllm.grammar.rationale.grounds import GroundReading, can_apply
from imrllm.grammar.reading import Part, Reading
from imrllm.grammar.request.categories import named_categories
from imrllm.grammar.summary.diagnoses import tidy_diagnosis
from imrllm.grammar.summary.treatments import tidy_treatment

__all__ = [
    "BasisReadings",
    "GroundReading",
    "ItemReadings",
    "LetterReadings",
    "Part",
    "Reading",
    "can_apply",
    "decided",
    "is_known_chapter",
    "known_years",
    "named_categories",
    "read_values",
    "subject_of",
    "tidy_diagnosis",
    "tidy_treatment",
]
