"""The letter's form by period: sections and disputed items with their spans, and where each letter of a file begins."""

from imrllm.letter.form import RATIONALE_FORM, ChosenForm, Form, choose_form, known_forms
from imrllm.letter.parts import ItemParts, LetterParts, Unsure
from imrllm.letter.rationale_alone import is_rationale, read_rationale
from imrllm.letter.reading import read_letter
from imrllm.letter.splitting import letter_starts, starts_by

__all__ = [
    "RATIONALE_FORM",
    "ChosenForm",
    "Form",
    "ItemParts",
    "LetterParts",
    "Unsure",
    "choose_form",
    "is_rationale",
    "known_forms",
    "letter_starts",
    "read_letter",
    "read_rationale",
    "starts_by",
]
