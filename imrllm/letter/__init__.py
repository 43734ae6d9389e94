"""The letter's form by period: sections and disputed items with their spans, and where each letter of a file begins."""

from imrllm.letter.parts import ItemParts, LetterParts, Unsure, read_letter
from imrllm.letter.splitting import letter_starts

__all__ = ["ItemParts", "LetterParts", "Unsure", "letter_starts", "read_letter"]
