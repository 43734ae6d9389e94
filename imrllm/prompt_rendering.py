"""The messages that a prompt sends about one letter, made without asking a model."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from imrllm.answer_models import Kind
from imrllm.documents import Document, redacted
from imrllm.errors import UsageError
from imrllm.estimates import message_tokens
from imrllm.letter import ChosenForm
from imrllm.planning import read_in_full
from imrllm.prompts import Prompt


@dataclass(frozen=True, slots=True)
class RenderedCall:
    """One call about a letter.

    Attributes:
        kind: what it is about.
        item: number of the disputed item, from 1; None if the call is about more.
        messages: its messages, each with `role` and `content`.
        tokens: their tokens, estimated; the answer's schema, which some providers count, is not among them.
        max_tokens: the length limit of the answer, in tokens.
        is_made: whether a run makes the call; others are made only if the grammar is unsure, and it is not.
    """

    kind: Kind
    item: int | None
    messages: list[dict[str, str]]
    tokens: int
    max_tokens: int
    is_made: bool = True

    @property
    def title(self) -> str:
        """The kind, and the item that the call is about."""
        if self.item is None:
            return self.kind
        return f"item {self.item}" if self.kind == "item" else f"{self.kind}, item {self.item}"


@dataclass(frozen=True, slots=True)
class RenderedLetter:
    """The calls that a prompt makes about a letter.

    Attributes:
        prompt: the prompt's name.
        document: the letter's id.
        calls: all calls that the prompt could make, in its order.
    """

    prompt: str
    document: str
    calls: tuple[RenderedCall, ...]

    def chosen(self, kind: str | None = None, item: int | None = None, *, every: bool = False) -> list[RenderedCall]:
        """Some of the calls; none if a run makes no such call about the letter, since the grammar is not unsure.

        Args:
            kind: only those of a kind.
            item: only those about a disputed item, from 1.
            every: also those that a run does not make.

        Raises:
            UsageError: the prompt makes no calls of the kind, or none about the item.
        """
        kinds = dict.fromkeys(call.kind for call in self.calls)
        found = [call for call in self.calls if (kind is None or call.kind == kind) and item in (None, call.item)]
        if not found and (kind or item):
            about = f" of kind `{kind}`" if kind else ""
            about += f" about item {item}" if item else ""
            hint = f"Its calls are of kind {', '.join(f'`{each}`' for each in kinds)}." if kinds else ""
            raise UsageError(f"Prompt `{self.prompt}` makes no call{about} of `{self.document}`.", hint=hint)
        return [call for call in found if every or call.is_made]

    def summary(self, chosen: Sequence[RenderedCall]) -> str:
        """How many calls some are, and their tokens; and how many more could be made."""
        if chosen:
            calls = f"{len(chosen)} {'call' if len(chosen) == 1 else 'calls'}"
            tokens = sum(call.tokens for call in chosen)
            shown = f"{calls}, about {tokens:,} tokens in, without the answer's schema."
        else:
            shown = f"Prompt `{self.prompt}` makes no such call about `{self.document}`."
        if held_back := sum(not call.is_made and call not in chosen for call in self.calls):
            shown += f" {held_back} more would be made only if the grammar were unsure (`--all`)."
        return shown


def render_calls(
    prompt: Prompt, document: Document, *, form: ChosenForm | None = None, redact: bool = False
) -> RenderedLetter:
    """Make the messages of a prompt's calls about a letter, as a run sends them.

    Args:
        prompt: the prompt.
        document: the letter.
        form: a form that is tried before the known ones.
        redact: mask identifiers, as `Extractor(redact=True)` does.

    Raises:
        NotALetterError: the document is not a determination.
        PromptError: the prompt cannot be filled in.
    """
    mask: Callable[[str], str] = redacted if redact else str
    calls = []
    for call, is_made in read_in_full(document, form=form).possible_calls(prompt):
        messages = prompt.messages(call.kind, **{name: mask(text) for name, text in call.parts.items()})
        limit = prompt.max_tokens[call.kind]
        calls.append(RenderedCall(call.kind, call.item, messages, message_tokens(messages), limit, is_made))
    return RenderedLetter(prompt.name, document.id, tuple(calls))


def rendered_json(letter: RenderedLetter, calls: Sequence[RenderedCall]) -> str:
    """Calls as JSON text: `prompt`, `document` and `calls`, each with what `RenderedCall` holds."""
    data = {
        "prompt": letter.prompt,
        "document": letter.document,
        "calls": [{name: getattr(call, name) for name in RenderedCall.__slots__} for call in calls],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"
