"""Explains failed calls to the user without quoting the prompt, the answer or the key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from imrllm.errors import ImrllmError, ModelError, ModelUnavailableError, TransientModelError
from imrllm.llm.models import ModelTarget
from imrllm.llm.retry import is_garbled_in_passing, is_transient, is_unreached

if TYPE_CHECKING:
    from pydantic import ValidationError

# Only identifiers of a provider's error may be shown: its message can quote the prompt.
_IDENTIFIER = re.compile(r"[A-Za-z0-9_.\-\[\]]{1,80}")
# The codes of OpenAI and vLLM, and of llama.cpp, for a prompt longer than the model's context.
_TOO_LONG = {"context_length_exceeded", "exceed_context_size_error"}


def faults(error: ValidationError, schema: dict[str, Any]) -> str:
    """Name up to five fields that failed, as JSON Pointers with pydantic's name of the fault.

    Never quotes the answer, not even a key that is not in `schema`, the answer's JSON Schema.
    """
    known = {name for part in [schema, *schema.get("$defs", {}).values()] for name in part.get("properties", {})}
    found = []
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        place = "/".join(str(step) if isinstance(step, int) or step in known else "?" for step in fault["loc"])
        found.append(f"`/{place}` {fault['type']}")
    return ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")


def not_compatible(name: str) -> ModelUnavailableError:
    """The error for a server that answers, but not as the OpenAI API does."""
    return ModelUnavailableError(
        f"The server of model `{name}` does not answer like an OpenAI-compatible one.",
        hint="Check `OPENAI_BASE_URL`: most such addresses end in `/v1`.",
    )


def explain(error: Exception, target: ModelTarget, key: str, *, reached: bool = False) -> ImrllmError:
    """The error for the user that stands for an error of the SDK, whose text may quote the prompt.

    Args:
        error: the SDK's, or one of a response that holds no completion.
        target: the model.
        key: is left out, because a server may repeat it. Of the provider's words only identifiers are kept.
        reached: whether the server has ever answered.
    """
    import openai

    # This package's own error, raised below the SDK.
    if isinstance(error.__cause__, ImrllmError):
        return error.__cause__
    name = target.name
    where = target.address
    if isinstance(error, openai.APIStatusError):
        status = error.status_code
        marks = [str(mark) for mark in (error.code, error.param, error.type) if mark and str(mark) != str(status)]
        marks = [mark for mark in marks if _IDENTIFIER.fullmatch(mark) and key not in mark]
        shown = f"HTTP {status}" + "".join(f", `{mark}`" for mark in marks)
        if error.code == "insufficient_quota":
            return ModelUnavailableError(f"The quota for model `{name}` is used up ({shown}).", hint="Add credit.")
        if is_transient(error):
            return TransientModelError(
                f"Model `{name}` stayed overloaded or limited ({shown}).", hint="Try again later."
            )
        if status in (401, 403):
            return ModelUnavailableError(
                f"The server of model `{name}` refuses the key ({shown}).", hint=f"Check `{target.api_key_env}`."
            )
        if status == 404:
            hint = f"Run `ollama pull {target.model}`." if target.provider == "ollama" else "Check the model's name."
            return ModelUnavailableError(f"No model `{name}` at {where} ({shown}).", hint=hint)
        hint = "Use a model with a longer context, or a prompt that shows less at once." if _TOO_LONG & {*marks} else ""
        return ModelError(f"Model `{name}` refused the request ({shown}).", hint=hint)
    if is_unreached(error):
        return ModelUnavailableError(
            f"Nothing answers for model `{name}` at {where}.",
            hint="Start the server, or check the network and `OPENAI_BASE_URL`.",
        )
    if isinstance(error, openai.APIConnectionError):
        what = "timed out" if isinstance(error, openai.APITimeoutError) else "broke"
        return TransientModelError(f"The connection to model `{name}` {what} again and again.", hint="Try again later.")
    if is_garbled_in_passing(error, reached=reached):
        return TransientModelError(
            f"The answers of model `{name}` were broken again and again.",
            hint="Try again later.",
        )
    return not_compatible(name)
