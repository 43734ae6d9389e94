"""The letter's form by period: sections and disputed items with their spans, and where each letter of a file begins."""

from imrllm.letter.form import ChosenForm, Form, choose_form, known_forms
from imrllm.letter.parts import ItemParts, LetterParts, Unsure
from imrllm.letter.reading import read_letter
from imrllm.letter.splitting import letter_starts, starts_by

__all__ = [
    "ChosenForm",
    "Form",
    "ItemParts",
    "LetterParts",
    "Unsure",
    "choose_form",
    "known_forms",
    "letter_starts",
    "read_letter",
    "starts_by",
]
