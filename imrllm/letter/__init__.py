"""The letter's form by period: sections and disputed items, with their spans."""

from imrllm.letter.reading import ItemParts, LetterParts, read_letter

__all__ = ["ItemParts", "LetterParts", "read_letter"]
