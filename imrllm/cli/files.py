"""Files of the command line: what it writes beside its output, and the letters that records were made from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imrllm import atomic
from imrllm.errors import UsageError

if TYPE_CHECKING:
    from imrllm.documents import Document, Unreadable


def write_text(path: Path, text: str) -> None:
    """Replace a text file. Creates its folder if needed.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        atomic.write_text(path, text)
    except OSError as error:
        raise UsageError(f"`{path}` cannot be written: {error.strerror}.", hint="Name another file.") from error


def read_letters(folder: Path, *, ocr: bool) -> dict[str, Document | Unreadable]:
    """Read the letters that records were made from.

    Args:
        folder: where they lie.
        ocr: recognize the text of scanned pages.

    Returns:
        By id, each letter, or why it cannot be read.

    Raises:
        UsageError: none can be read.
    """
    from imrllm.documents import Unreadable, read_documents
    from imrllm.letter import letter_starts

    letters = {letter.id: letter for letter in read_documents([folder], letter_starts=letter_starts, ocr=ocr)}
    if all(isinstance(letter, Unreadable) for letter in letters.values()):
        raise UsageError(f"`{folder}` holds no letter that can be read.", hint="Name the letters with `--documents`.")
    return letters
