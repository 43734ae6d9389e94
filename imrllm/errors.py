"""The errors that imrllm raises: one base class, with a hint and whether a retry can help."""

from __future__ import annotations


class ImrllmError(Exception):
    """A failure that a user can understand and usually fix.

    The message names the document and the field, never the letter's text.

    Attributes:
        hint: how to fix it, in one sentence, or an empty string.
        retryable: whether the same call may succeed later.
    """

    retryable = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(ImrllmError):
    """An option, a configuration value or a combination of them is invalid."""


class DocumentError(ImrllmError):
    """One input cannot be read as text."""


class NotALetterError(DocumentError):
    """The text was read, but it is not an IMR final determination."""


class InternalError(ImrllmError):
    """An unexpected failure on one document: a bug in this program."""


class FormError(ImrllmError):
    """The file of a letter form is missing or invalid."""


class PromptError(ImrllmError):
    """A prompt version is missing or malformed."""


class ModelError(ImrllmError):
    """A model call did not give a usable answer."""


class ModelUnavailableError(ModelError):
    """The model cannot be reached or refuses the key: no document can succeed."""


class TransientModelError(ModelError):
    """A rate limit, an overload or a broken connection persisted through the retries."""

    retryable = True


class TruncatedError(ModelError):
    """The answer reached the token limit before it was complete."""


class RefusedError(ModelError):
    """The model declined, or the provider's filter stopped the answer."""


class InvalidAnswerError(ModelError):
    """The answer did not fit the schema after every re-ask."""


class PendingError(ModelError):
    """The question waits for a batch to answer it."""


class CassetteError(ImrllmError):
    """A cassette is missing, stale or unsafe to store."""


class EngineError(ImrllmError):
    """The cluster is not available, its nodes differ, or it stopped during the run."""

    retryable = True


class StoreError(ImrllmError):
    """A results file cannot be read or written."""


class CorrectionError(ImrllmError):
    """A reviewer's correction does not fit the records."""
