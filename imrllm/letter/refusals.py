"""Why a text gives no record: what it looks like, what is left of a letter, or how many letters it holds."""

from __future__ import annotations

from collections.abc import Sequence

from imrllm.errors import NotALetterError
from imrllm.folding import fold
from imrllm.letter.form import Form
from imrllm.letter.other_documents import SUPPORTED, document_around, parts_printed, stray_words, what_it_looks_like
from imrllm.letter.parts import ItemParts, LetterParts
from imrllm.letter.splitting import letter_starts

# So many parts of a letter and a text is half a letter, whatever else its words are.
_HALF = 3


def refusal(text: str, error: NotALetterError, subject: str) -> NotALetterError:
    """Say what a refused text looks like and what is supported, without its words.

    Args:
        text: the source text.
        error: why `read_letter` refused it.
        subject: what the message is about, the document's id in backticks.

    Returns:
        The error to raise.
    """
    printed, absent = parts_printed(text)
    name = what_it_looks_like(text)
    if printed and absent and (len(printed) >= _HALF or not name):
        why = f"{str(error).rstrip('.')}: it prints {_listed(printed)}, but not {_listed(absent)}."
        hint = f"{error.hint} {SUPPORTED}"
    elif name:
        why, hint = f"looks like {name}, not an IMR final determination.", SUPPORTED
    else:
        why, hint = str(error), f"{SUPPORTED} {error.hint}"
    line = fold(text).text
    is_other = any(document_around(line, refused=each) for each in (False, True))
    return NotALetterError(f"{subject} {why}", hint=hint.strip(), is_other=is_other)


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
            is_other=True,
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
            is_other=True,
        )


def _is_sound(line: str, item: ItemParts) -> bool:
    if item.heading and stray_words(line, item.heading, heading=True):
        return False
    printed = (item.claims_administrator, item.reviewer_basis, item.rationale)
    return not any(stray_words(line, span, heading=False) for span in printed if span)


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
