"""A model's answers about one letter: the calls that a prompt makes, and the re-asks where the letter disagrees."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

from pydantic import BaseModel

from imrllm.crosscheck import Resolved, resolve
from imrllm.errors import ImrllmError, InvalidAnswerError, PendingError, RefusedError, TruncatedError
from imrllm.llm import Call, Client, Consumption, Message
from imrllm.planning import PlannedCall, ReadLetter
from imrllm.prompts import Prompt
from imrllm.records import CaseAnswer, Check, ConflictPolicy, ItemAnswer, LetterAnswer

A = TypeVar("A", bound=BaseModel)
T = TypeVar("T")

_CASE_POINTERS = ("/reviewer", "/injured_worker", "/clinical_summary")


@dataclass(slots=True)
class ModelAnswers:
    """What a model answered about one letter.

    Attributes:
        case: the answer about the letter outside its disputed items.
        items: one answer for each disputed item, in document order.
        reasked: JSON Pointers that the model was asked about a second time.
        failures: why parts of the letter have no answer.
    """

    case: CaseAnswer | None
    items: list[ItemAnswer | None]
    reasked: set[str] = field(default_factory=set)
    failures: Sequence[ImrllmError] = ()

    def resolve(self, letter: ReadLetter, policy: ConflictPolicy) -> Resolved:
        """Settle the answers against the letter's own readings.

        The policy `reask` repairs here: the model has been asked a second time already.
        """
        policy = "flag" if policy == "flag" else "repair"
        resolved = resolve(letter.document.id, letter.parts, letter.readings, self.case, self.items, policy)
        checks = tuple(
            check.model_copy(update={"resolution": "reask"})
            if check.status == "confirmed" and check.pointer in self.reasked
            else check
            for check in resolved.checks
        )
        return replace(resolved, checks=checks)


@dataclass(frozen=True, slots=True)
class LetterCalls:
    """The model calls about one letter. `mask` changes each text before it is sent."""

    letter: ReadLetter
    client: Client
    prompt: Prompt
    policy: ConflictPolicy
    mask: Callable[[str], str]
    spent: Consumption
    _reasked: set[str] = field(default_factory=set)

    async def answers(self) -> ModelAnswers:
        """Make the prompt's calls; those about the case and about each item run concurrently.

        Raises:
            ImrllmError: no call was answered, or a failure concerns more than its own call.
        """
        count = len(self.letter.parts.items)
        if self.prompt.strategy == "letter":
            (whole,) = self.letter.calls("letter")
            answers = _numbered(await self._call(LetterAnswer, whole, lambda answer: _numbered(answer, count)), count)
            answers.reasked = self._reasked
            return answers
        about_case, *about_items = self.letter.calls("item")
        case, *items = await _all(
            self._case(about_case, count), *(self._item(about_item, count) for about_item in about_items)
        )
        failures = [answer for answer in (case, *items) if isinstance(answer, ImrllmError)]
        if len(failures) == count + 1:
            raise failures[0]
        return ModelAnswers(
            case if isinstance(case, CaseAnswer) else None,
            [item if isinstance(item, ItemAnswer) else None for item in items],
            self._reasked,
            failures,
        )

    async def _case(self, planned: PlannedCall, count: int) -> CaseAnswer | ImrllmError:
        call = self._call(CaseAnswer, planned, lambda case: ModelAnswers(case, [None] * count), _CASE_POINTERS)
        return await _or_failure(call)

    async def _item(self, planned: PlannedCall, count: int) -> ItemAnswer | ImrllmError:
        index = (planned.item or 1) - 1

        def alone(item: ItemAnswer) -> ModelAnswers:
            return ModelAnswers(None, [item if each == index else None for each in range(count)])

        return await _or_failure(self._call(ItemAnswer, planned, alone, (f"/disputed_items/{index}/",)))

    async def _call(
        self,
        answer_model: type[A],
        planned: PlannedCall,
        answers: Callable[[A], ModelAnswers],
        pointers: tuple[str, ...] = ("/",),
    ) -> A:
        """Make one call.

        `answers` places the call's answer among those of the letter, and the pointers of the fields that the call is
        about begin with one of `pointers`.
        """
        kind, letter = planned.kind, self.letter.document.id
        parts = {name: self.mask(text) for name, text in planned.parts.items()}
        return await self.client.ask(
            Call(letter, self.prompt.name, kind, planned.item),
            answer_model,
            cast("list[Message]", self.prompt.messages(kind, **parts)),
            validate=None if self.policy != "reask" else lambda given: self._complaints(answers(given), pointers),
            max_tokens=self.prompt.max_tokens[kind],
            temperature=self.prompt.temperature,
            spent=self.spent,
        )

    def _complaints(self, answers: ModelAnswers, pointers: tuple[str, ...]) -> list[str]:
        """What the letter says against an answer, for the model to correct."""
        # No answer can fix what the letter itself contradicts.
        unfixable = self.letter.by_grammar.checks
        against = [
            check
            for check in answers.resolve(self.letter, self.policy).checks
            if check not in unfixable and check.pointer.startswith(pointers) and _is_fixable(check)
        ]
        self._reasked.update(check.pointer for check in against)
        return [
            self.mask(f"`{check.pointer}` is {check.model_value!r}, but the letter states {check.source_value!r}")
            for check in against
        ]


async def _or_failure(call: Coroutine[object, object, T]) -> T | ImrllmError:
    """An answer, or the failure of this call alone: other parts of the letter may still have answers."""
    try:
        return await call
    except (InvalidAnswerError, PendingError, RefusedError, TruncatedError) as error:
        return error


async def _all(*calls: Coroutine[object, object, T]) -> list[T]:
    """The outcomes in the order of the calls. If a call raises, the rest are cancelled and its error is raised."""
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _is_fixable(check: Check) -> bool:
    """Whether asking again can fix what a check found.

    A ground is the model's own reading of an argument, and the grammar reads lists in prose no better than a model.
    """
    return (
        check.status != "confirmed"
        and "/grounds" not in check.pointer
        and not check.pointer.endswith(("/diagnoses", "/treatments_to_date"))
    )


def _numbered(answer: LetterAnswer, count: int) -> ModelAnswers:
    """Answers about numbered items in document order; of two answers with one number the first counts."""
    items: list[ItemAnswer | None] = [None] * count
    for item in answer.disputed_items:
        if item.item <= count and items[item.item - 1] is None:
            items[item.item - 1] = item
    return ModelAnswers(answer, items)
