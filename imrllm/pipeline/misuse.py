"""What callers of the `Extractor` do by mistake, answered with what to write instead."""

from __future__ import annotations

import warnings
from pathlib import Path

from imrllm.documents import Document, Unreadable

# A longer text is no path, and may be a letter, which no message quotes.
_LONGEST_PATH = 200


def refuse_other(document: object) -> None:
    """Refuse what is no document, such as a path.

    Raises:
        TypeError: it is.
    """
    if not isinstance(document, (Document, Unreadable)):
        raise TypeError(
            f"`extract` takes one document, such as `Document.from_path({_shown(document)})`, "
            f"not {type(document).__name__}; `stream` takes several"
        )


def refuse_single(documents: object) -> None:
    """Refuse a path or one document where several documents are taken.

    Raises:
        TypeError: it is.
    """
    if isinstance(documents, (str, Path)):
        raise TypeError(f"`stream` takes documents, such as `read_documents({_shown(documents)})`, not a path")
    if isinstance(documents, (Document, Unreadable)):
        raise TypeError("`stream` takes several documents; `extract` takes one")


def warn_of_reopening(*, embedded: bool) -> None:
    """Warn the caller of `extract` that each call outside `with` opens what it needs again."""
    warnings.warn(
        f"Each call of `extract` outside `with` {'loads the model' if embedded else 'connects'} again. Write "
        "`with Extractor(...) as extractor:` around the loop, or pass all documents to `stream`.",
        stacklevel=3,
    )


def _shown(given: object) -> str:
    return repr(str(given)) if isinstance(given, (str, Path)) and len(str(given)) < _LONGEST_PATH else "..."
