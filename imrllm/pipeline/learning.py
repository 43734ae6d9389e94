"""Learns a form from a handful of letters: a model says where their parts are, and what recurs before them counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from imrllm.documents import Document, Unreadable
from imrllm.errors import CassetteError, ImrllmError, ModelUnavailableError, UsageError
from imrllm.letter.form_learning import LearnedForm
from imrllm.pipeline.extractor import Extractor
from imrllm.planning import read_in_full


@dataclass(slots=True)
class Learning:
    """What became of the letters that a form was to be learned from.

    Attributes:
        form: what recurs over those that the model could read.
        known: ids of letters that a known form reads by its own words: the model is not asked about them.
        failed: ids of letters without a disputed item that the text supports, each with the type of the error.
    """

    form: LearnedForm = field(default_factory=LearnedForm)
    known: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


def learn_form(
    documents: Iterable[Document | Unreadable],
    extractor: Extractor,
    on_letter: Callable[[Learning], None] | None = None,
) -> Learning:
    """Learn a form from letters.

    Args:
        documents: the letters.
        extractor: asks the model; not open.
        on_letter: is called after each letter.

    Returns:
        The counts; `form.checked_text(name)` is the file that they propose.

    Raises:
        UsageError: the extractor has no model.
        ModelUnavailableError: the model cannot be reached.
    """
    if not extractor.target.asks:
        raise UsageError("A form is learned by a model.", hint="Name one with `--model`, such as `local`.")
    learning = Learning()
    with extractor:
        for document in documents:
            _learn(document, extractor, learning)
            if on_letter:
                on_letter(learning)
    return learning


def _learn(document: Document | Unreadable, extractor: Extractor, learning: Learning) -> None:
    if isinstance(document, Unreadable):
        learning.failed.append((document.id, type(document.error).__name__))
        return
    if _is_known(document):
        learning.known.append(document.id)
        return
    try:
        letter = extractor.read_form(document)
    except (CassetteError, ModelUnavailableError):
        raise
    except ImrllmError as error:
        learning.failed.append((document.id, type(error).__name__))
        return
    learning.form.add(document.text, letter.parts)


def _is_known(document: Document) -> bool:
    """Whether a known form reads a letter by its own words."""
    try:
        return not read_in_full(document).parts.unsure
    except ImrllmError:
        return False
