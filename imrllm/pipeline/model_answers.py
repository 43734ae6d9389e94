"""A model's answers about one letter: the calls that a prompt makes, and the re-asks where the letter disagrees."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar, cast

from pydantic import BaseModel

from imrllm.answer_models import GroundsAnswer, VerifyAnswer, completed
from imrllm.errors import ImrllmError, InvalidAnswerError, PendingError, RefusedError, TruncatedError
from imrllm.llm import Call, Client, Consumption, Message
from imrllm.planning import PlannedCall, ReadLetter
from imrllm.prompts import Prompt
from imrllm.records import CaseAnswer, Check, ConflictPolicy, ItemAnswer, LetterAnswer
from imrllm.trust import Arbitration

if TYPE_CHECKING:
    from imrllm.crosscheck import GroundAnswers, Resolved

T = TypeVar("T")


@dataclass(slots=True)
class ModelAnswers:
    """What a model answered about one letter.

    Attributes:
        case: the answer about the letter outside its disputed items.
        items: one answer for each disputed item, in document order.
        grounds: the answers on the grounds of each disputed item; None where they are those of `items`.
        asked: JSON Pointers of what the model was asked for.
        reasked: JSON Pointers that the model was asked about a second time.
        failures: why parts of the letter have no answer.
    """

    case: CaseAnswer | None
    items: list[ItemAnswer | None]
    grounds: list[GroundAnswers] | None = None
    asked: frozenset[str] = frozenset()
    reasked: set[str] = field(default_factory=set)
    failures: Sequence[ImrllmError] = ()

    @classmethod
    def of(
        cls,
        letter: ReadLetter,
        prompt: Prompt,
        outcomes: Iterable[tuple[PlannedCall, BaseModel | float | ImrllmError]],
    ) -> ModelAnswers:
        """The answers to some calls about a letter.

        Args:
            letter: the letter.
            prompt: the prompt that makes the calls.
            outcomes: each call with its answer, or with the reason why there is none; for a call about one ground the
                probability of a yes.
        """
        count = len(letter.parts.items)
        answers = cls(None, [None] * count)
        failures = []
        for call, outcome in outcomes:
            index = (call.item or 1) - 1
            if prompt.is_full or not isinstance(outcome, ImrllmError):
                # What a full prompt leaves unanswered lacks its second reading; elsewhere the grammar's stands alone.
                answers.asked |= call.pointers(prompt.asks[call.kind])
            if isinstance(outcome, ImrllmError):
                failures.append(outcome)
            elif isinstance(outcome, LetterAnswer):
                answers.case, answers.items = outcome, _numbered(outcome, count)
            elif call.kind == "case" and isinstance(outcome, BaseModel):
                answers.case = completed(outcome, CaseAnswer)
            elif call.kind == "item" and isinstance(outcome, BaseModel):
                answers.items[index] = completed(outcome, ItemAnswer)
            elif isinstance(outcome, (GroundsAnswer, float)):
                from imrllm.crosscheck import GroundAnswers

                answers.grounds = answers.grounds or [GroundAnswers(whole=False)] * count
                answers.grounds[index] = _with_answer(answers.grounds[index], call, outcome)
        answers.failures = failures
        return answers

    def resolve(self, letter: ReadLetter, policy: ConflictPolicy, arbitration: Arbitration) -> Resolved:
        """Settle the answers against the letter's own readings.

        Args:
            letter: the letter.
            policy: `reask` repairs here: the model has been asked a second time already.
            arbitration: whose value `repair` takes.
        """
        from imrllm.crosscheck import resolve

        policy = "flag" if policy == "flag" else "repair"
        resolved = resolve(
            letter.document.id,
            letter.parts,
            letter.readings,
            self.case,
            self.items,
            policy,
            grounds=self.grounds,
            asked=self.asked,
            arbitration=arbitration,
        )
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
    arbitration: Arbitration
    client: Client
    prompt: Prompt
    policy: ConflictPolicy
    mask: Callable[[str], str]
    spent: Consumption
    _reasked: set[str] = field(default_factory=set)

    async def answers(self) -> ModelAnswers:
        """Make the prompt's calls; those about the case and about each item run concurrently.

        Raises:
            ImrllmError: a full prompt's calls were not answered, or a failure concerns more than its own call.
        """
        calls = self.letter.calls(self.prompt)
        outcomes = await _all(*(_or_failure(self._call, call) for call in calls))
        answers = ModelAnswers.of(self.letter, self.prompt, zip(calls, outcomes, strict=True))
        unanswered = calls and len(answers.failures) == len(calls)
        if unanswered and (self.prompt.is_full or isinstance(answers.failures[0], PendingError)):
            raise answers.failures[0]
        answers.reasked = self._reasked
        return answers

    async def _call(self, planned: PlannedCall) -> BaseModel | float:
        """Make one call."""
        kind = planned.kind
        parts = {name: self.mask(text) for name, text in planned.parts.items()}
        call = Call(self.letter.document.id, self.prompt.name, kind, planned.item)
        messages = cast("list[Message]", self.prompt.messages(kind, **parts))
        if kind == "verify":
            return await self.client.probability(
                call,
                VerifyAnswer,
                messages,
                max_tokens=self.prompt.max_tokens[kind],
                temperature=self.prompt.temperature,
                spent=self.spent,
            )
        return await self.client.ask(
            call,
            self.prompt.answer_model(kind),
            messages,
            validate=None if self.policy != "reask" else lambda given: self._complaints(planned, given),
            max_tokens=self.prompt.max_tokens[kind],
            temperature=self.prompt.temperature,
            spent=self.spent,
        )

    def _complaints(self, planned: PlannedCall, answer: BaseModel) -> list[str]:
        """What the letter says against an answer, for the model to correct."""
        answers = ModelAnswers.of(self.letter, self.prompt, [(planned, answer)])
        # No answer can fix what the letter itself contradicts.
        unfixable = [_without_risk(check) for check in self.letter.by_grammar.checks]
        against = [
            check
            for check in answers.resolve(self.letter, self.policy, self.arbitration).checks
            if _is_fixable(check) and _without_risk(check) not in unfixable
        ]
        self._reasked.update(check.pointer for check in against)
        return [
            self.mask(f"`{check.pointer}` is {check.model_value!r}, but the letter states {check.source_value!r}")
            for check in against
        ]


async def _or_failure(ask: Callable[[PlannedCall], Coroutine[object, object, T]], call: PlannedCall) -> T | ImrllmError:
    """An answer, or the failure of this call alone: other parts of the letter may still have answers."""
    try:
        return await ask(call)
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


def _without_risk(check: Check) -> Check:
    """What a check found, whoever is believed and how often that is right."""
    return check.model_copy(update={"risk": None, "review": False})


def _is_fixable(check: Check) -> bool:
    """Whether asking again can fix what a check found.

    A ground is the model's own reading of an argument, and the grammar reads lists in prose no better than a model.
    """
    return (
        check.status != "confirmed"
        and "/grounds" not in check.pointer
        and not check.pointer.endswith(("/diagnoses", "/treatments_to_date"))
    )


def _numbered(answer: LetterAnswer, count: int) -> list[ItemAnswer | None]:
    """Answers about numbered items in document order; of two answers with one number the first counts."""
    items: list[ItemAnswer | None] = [None] * count
    for item in answer.disputed_items:
        if item.item <= count and items[item.item - 1] is None:
            items[item.item - 1] = item
    return items


def _with_answer(known: GroundAnswers, call: PlannedCall, answer: GroundsAnswer | float) -> GroundAnswers:
    """What is known of an item's grounds with one more answer."""
    if isinstance(answer, GroundsAnswer):
        return replace(known, reasons=answer.reasons, whole=True)
    return replace(known, verdicts={**known.verdicts, call.parts["ground"]: float(answer)})
