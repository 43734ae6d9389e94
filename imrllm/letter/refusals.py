"""Why a text gives no record: what it looks like, what is left of a letter, or how many letters it holds."""

from __future__ import annotations

from collections.abc import Sequence

from imrllm.errors import NotALetterError
from imrllm.letter.form import Form
from imrllm.letter.other_documents import SUPPORTED, document_around, parts_printed, stray_words, what_it_looks_like
from imrllm.letter.parts import ItemParts, LetterParts
from imrllm.letter.splitting import letter_starts

# So many parts of a letter and a text is half a letter, whatever else its words are.
_HALF = 3
# Health plans' reviews are published as tables of reasonings.
_REASONING = "`--form rationale` reads the reasoning alone, whoever decided."


def refusal(text: str, error: NotALetterError) -> tuple[str, str]:
    """Say what a refused text looks like and what is supported, without its words.

    Args:
        text: the source text.
        error: why `read_letter` refused it.

    Returns:
        A sentence without its subject ("looks like ..."), and what to do.
    """
    printed, absent = parts_printed(text)
    half = bool(printed and absent)
    name = None if half and len(printed) >= _HALF else what_it_looks_like(text)
    if half and not name:
        left = f"{str(error).rstrip('.')}: it prints {_listed(printed)}, but not {_listed(absent)}."
        return left, f"{error.hint} {SUPPORTED}".strip()
    if name:
        hint = f"{SUPPORTED} {_REASONING}" if "health plan" in name else SUPPORTED
        return f"looks like {name}, not an IMR final determination.", hint
    return str(error), f"{SUPPORTED} {error.hint}".strip()


def refuse_copies(parts: LetterParts, subject: str) -> None:
    """Refuse a text that only looks like a letter.

    Raises:
        NotALetterError: the letter is an example in a page about letters, a program's code or a list of records; or all
            disputed items hold headings of the form, as in a list of its phrases. The message says which.
    """
    line = parts.folded.text
    if not any(_is_sound(line, item) for item in parts.items):
        raise NotALetterError(
            f"{subject} has words of a determination's form in another order, and no disputed item between them.",
            hint=f"Give the whole letter, in the order of its pages. {SUPPORTED}",
        )
    if around := document_around(line, refused=True):
        raise NotALetterError(
            f"{subject} looks like {around.name}, with a determination or a part of one inside.",
            hint=f"Give the letter alone. {SUPPORTED}",
        )


def refuse_several_letters(text: str, subject: str, forms: Sequence[Form] | None = None) -> None:
    """Refuse a text with several letters: one record would hold values of two people.

    Args:
        text: the source text.
        subject: what the message is about, the document's id in backticks.
        forms: the forms that the letters may have; by default the known ones.

    Raises:
        NotALetterError: the text holds several letters; the message says how many.
    """
    if starts := letter_starts(text, forms=forms):
        raise NotALetterError(
            f"{subject} contains {len(starts) + 1} letters.",
            hint="Read the file with `read_documents`, or take the document apart with `document.split()`.",
        )


def _is_sound(line: str, item: ItemParts) -> bool:
    """Whether an item's heading holds no words of the form, and its paragraphs none before their first sentence ends.

    Behind a rationale, a section may follow that the form has elsewhere.
    """
    if item.heading and stray_words(line, item.heading, heading=True):
        return False
    for span in (item.claims_administrator, item.reviewer_basis, item.rationale):
        words = stray_words(line, span, heading=False) if span else None
        if span and words and ". " not in line[span[0] : words[0]]:
            return False
    return True


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
