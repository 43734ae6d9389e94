"""The letter's form by period: sections and disputed items with their spans, and where each letter of a file begins."""

from imrllm.letter.form import Form, known_forms
from imrllm.letter.parts import ItemParts, LetterParts, Unsure
from imrllm.letter.reading import read_letter
from imrllm.letter.splitting import letter_starts

__all__ = ["Form", "ItemParts", "LetterParts", "Unsure", "known_forms", "letter_starts", "read_letter"]
