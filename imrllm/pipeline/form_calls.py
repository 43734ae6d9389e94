"""The calls that ask a model where the parts of a letter are, if no known form reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

from imrllm.answer_models import FormAnswer, HeadingAnswer
from imrllm.concurrency import in_thread
from imrllm.documents import Document, Unreadable
from imrllm.errors import InvalidAnswerError, NotALetterError, RefusedError, TruncatedError
from imrllm.letter import ChosenForm
from imrllm.llm import Call, Client, Consumption, Message
from imrllm.planning import ReadLetter, read_by_quotes, read_in_full
from imrllm.unknown_forms import FormQuestion, form_prompt, form_questions, parts_are_asked


@dataclass(frozen=True, slots=True)
class FormReader:
    """Reads a document's form and values, and asks a model for its parts where the forms find no item or lose a part.

    Attributes:
        client: asks the model.
        prompt: the name of the prompt version that asks about the record; calls are named after it.
        mask: changes the text before it is sent.
        spent: adds up what the calls consume.
    """

    client: Client
    prompt: str
    mask: Callable[[str], str]
    spent: Consumption

    async def read(
        self, document: Document | Unreadable, review_above: float | None = None, form: ChosenForm | None = None
    ) -> ReadLetter:
        """Read one document; without a call, if a known form reads it.

        Args:
            document: the document.
            review_above: the risk above which a person is asked to look, 0 to 1.
            form: a form that is tried before the known ones.

        Raises:
            NotALetterError: neither the forms nor the model find an item that the text supports.
            ImrllmError: as `read_in_full`, or the model could not be asked.
        """
        known = refusal = None
        try:
            known = await in_thread(partial(read_in_full, document, review_above, form))
        except NotALetterError as error:
            refusal = error
        if isinstance(document, Unreadable) or not self._is_worth_asking(document, known, form):
            if known:
                return known
            raise cast("NotALetterError", refusal)
        try:
            return await self.quoted(document, review_above, known)
        except (NotALetterError, InvalidAnswerError, RefusedError, TruncatedError) as error:
            if known:
                return known
            if isinstance(error, NotALetterError) and refusal:
                raise NotALetterError(
                    f"{refusal} Model `{self.client.target.name}` quotes no disputed item that the text supports.",
                    hint=refusal.hint,
                ) from None
            raise

    async def quoted(
        self, document: Document, review_above: float | None = None, known: ReadLetter | None = None
    ) -> ReadLetter:
        """Read one document by a model's quotes, whatever its form.

        Args:
            document: the document.
            review_above: the risk above which a person is asked to look, 0 to 1.
            known: what a known form reads of it, which stays.

        Raises:
            NotALetterError: the text supports no item.
            ImrllmError: the model could not be asked.
        """
        questions = await in_thread(partial(form_questions, document.text, self.client.target))
        answers = [(question, await self._ask(document, question)) for question in questions]
        return await in_thread(partial(read_by_quotes, document, answers, review_above, known))

    def _is_worth_asking(self, document: Document, known: ReadLetter | None, form: ChosenForm | None) -> bool:
        """Whether a model is asked about a document, which a known form may read.

        Raises:
            NotALetterError: it would be asked, but in a batch, which asks about records alone.
        """
        if not parts_are_asked(document.text, known.parts if known else None, form):
            return False
        if not self.client.target.batched:
            return True
        if known is None:
            raise NotALetterError(
                f"`{document.id}` is in no known form, and batches cannot ask the model for its parts.",
                hint="Read it with `imrllm extract` and the same model, or name its form with `--form`.",
            )
        return False

    async def _ask(self, document: Document, question: FormQuestion) -> FormAnswer | float:
        kind = question.kind
        prompt = form_prompt(kind)
        call = Call(document.id, self.prompt, kind, question.number)
        messages = cast("list[Message]", prompt.messages(kind, letter=self.mask(question.shown)))
        longest, temperature = prompt.max_tokens[kind], prompt.temperature
        if kind == "heading":
            return await self.client.probability(
                call, HeadingAnswer, messages, max_tokens=longest, temperature=temperature, spent=self.spent
            )
        return await self.client.ask(
            call, FormAnswer, messages, max_tokens=longest, temperature=temperature, spent=self.spent
        )
