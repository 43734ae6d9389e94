"""The errors that imrllm raises: one base class, each with the mend and whether trying again can help."""

from __future__ import annotations


class ImrllmError(Exception):
    """A failure that a user can understand and, most often, mend.

    The message names the document and the field, never the letter's text.

    Attributes:
        hint: the mend, one sentence, or an empty string where there is none.
        retryable: whether the same call may succeed later.
    """

    retryable = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(ImrllmError):
    """An option, a configuration value or a combination of them makes no sense."""


class DocumentError(ImrllmError):
    """One input cannot be read as text."""


class NotALetterError(DocumentError):
    """The text was read, but it is not an IMR final determination."""


class InternalError(ImrllmError):
    """This program failed on one document in a way that it does not foresee."""


class PromptError(ImrllmError):
    """A prompt version is missing or malformed."""


class ModelError(ImrllmError):
    """A model call did not give a usable answer."""


class ModelUnavailableError(ModelError):
    """The model cannot be reached or refuses the key: no document can succeed."""


class TransientModelError(ModelError):
    """Rate limit, overload or a broken connection that outlived the retries."""

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
    """The cluster that a run is spread over is not there, is not of one kind, or broke off."""

    retryable = True


class StoreError(ImrllmError):
    """A results file cannot be read or written."""


class CorrectionError(ImrllmError):
    """A reviewer's correction does not fit the records."""
