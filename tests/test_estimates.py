"""What a run will take, against what the recorded ones took; and the limit on what it may cost."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from imrllm import grammar
from imrllm.cassettes.store import read_cassette
from imrllm.documents import Document, Unreadable, read_documents
from imrllm.errors import DocumentError, UsageError
from imrllm.estimates import Budget, Estimate, Estimator, count_tokens
from imrllm.llm import resolve_model
from imrllm.planning import read_in_full
from imrllm.prompts import load_prompt
from tests.letters import FULL_PROMPT, THREE, WHOLE_PROMPT, letter

ROOT = Path(__file__).parents[1]
LETTER = Document.from_text(letter(*THREE), "one")
UNREADABLE = Unreadable("bad", "bad.pdf", DocumentError("`bad` is empty.", hint="Fetch it again."))


def estimator(model: str = "openai/gpt-5-mini", prompt: str = FULL_PROMPT) -> Estimator:
    return Estimator(resolve_model(model, environ={}), load_prompt(prompt))


@pytest.mark.parametrize("prompt", [FULL_PROMPT])
def test_it_comes_near_what_was_recorded(prompt: str) -> None:
    """The errors that the module states; a prompt or a letter's form that it does not fit shows here."""
    local = estimator("local", prompt)
    asked = answered = recorded_asked = recorded_answered = 0
    for document in read_documents([ROOT / "evals" / "written" / "letters"]):
        cassette = read_cassette(ROOT / "cassettes" / "written" / prompt / "local" / f"{document.id}.yaml")
        first = {
            (each.request.kind, each.request.item): each.response.body["usage"]
            for each in reversed(cassette.interactions)
        }
        calls = local.calls(document)
        assert len(calls) == len(first)
        of_letter = sum(call.input_tokens for call in calls)
        truly = sum(usage["prompt_tokens"] for usage in first.values())
        assert of_letter == pytest.approx(truly, rel=0.045), document.id
        asked += of_letter
        answered += sum(call.output_tokens for call in calls)
        recorded_asked += truly
        recorded_answered += sum(usage["completion_tokens"] for usage in first.values())
    assert asked == pytest.approx(recorded_asked, rel=0.016)
    assert answered == pytest.approx(recorded_answered, rel=0.06)


def test_white_space_and_case_are_no_tokens_of_their_own() -> None:
    assert count_tokens("") == 0
    assert count_tokens("Norco  10mg") == count_tokens("norco 10mg") > count_tokens("norco")


def test_the_schema_counts_where_the_provider_counts_it() -> None:
    hosted, own = estimator().calls(LETTER), estimator("local").calls(LETTER)
    assert [call.kind for call in hosted] == ["case", "item", "item", "item"]
    for there, here in zip(hosted, own, strict=True):
        schema = there.input_tokens - here.input_tokens
        assert schema > 300
        assert there.shared_tokens - here.shared_tokens == schema
        assert there.output_tokens == here.output_tokens


def test_what_can_be_cached() -> None:
    case, *items = estimator().calls(LETTER)
    assert 0 < case.shared_tokens < 1024
    assert case.cacheable_tokens == 0, "OpenAI caches nothing shorter than 1,024 tokens"
    assert {call.cacheable_tokens for call in items} == {items[0].shared_tokens // 128 * 128} != {0}
    assert all(call.cacheable_tokens == call.shared_tokens for call in estimator("vllm/x").calls(LETTER))


def test_an_answer_is_no_longer_than_it_may_be() -> None:
    prompt = load_prompt(WHOLE_PROMPT)
    many = Document.from_text(letter(*THREE * 20), "many")
    (call,) = estimator(prompt=WHOLE_PROMPT).calls(many)
    assert call.output_tokens == prompt.max_tokens["letter"]


def test_an_estimate_adds_up() -> None:
    estimate = Estimate(estimator())
    estimate.add(LETTER)
    assert estimate.cost is not None
    assert estimate.cached_cost is not None
    calls = estimator().calls(LETTER)
    assert (estimate.documents, dict(estimate.calls)) == (1, {"case": 1, "item": 3})
    assert estimate.input_tokens == sum(call.input_tokens for call in calls)
    assert estimate.cacheable_tokens == 2 * calls[1].cacheable_tokens, "the first call of a kind finds nothing cached"
    assert 0 < estimate.cached_cost < estimate.cost
    twice = Estimate(estimator())
    twice.add(LETTER)
    twice.add(LETTER)
    assert twice.cost == pytest.approx(2 * estimate.cost)
    assert twice.cacheable_tokens == 5 * calls[1].cacheable_tokens


@pytest.mark.parametrize("model", ["local", "ollama/qwen3", "openai/gpt-unheard-of"])
def test_a_price_that_is_not_known(model: str) -> None:
    estimate = Estimate(estimator(model))
    estimate.add(LETTER)
    assert (estimate.cost, estimate.cached_cost) == (None, None)
    assert estimate.calls.total() == 4


def test_without_a_model_nothing_is_asked() -> None:
    estimate = Estimate(estimator("none"))
    estimate.add(LETTER)
    assert (estimate.documents, estimate.calls.total(), estimate.cost) == (1, 0, 0)


def test_documents_that_cannot_be_read_are_named() -> None:
    estimate = Estimate(estimator())
    estimate.add(Document.from_text("The heron stood on one leg in the reeds.", "soup"))
    for _ in range(5):
        estimate.add(UNREADABLE)
    assert (estimate.documents, estimate.failed, estimate.calls.total()) == (6, 6, 0)
    assert estimate.failures.by_number["DocumentError: is empty. Fetch it again."] == (5, ("bad",) * 3)
    assert "heron" not in str(estimate.failures)
    assert estimate.progress == "6 failed"


def one_letter() -> float:
    return sum(estimator().price(call) or 0.0 for call in estimator().calls(LETTER))


def letters(count: int) -> Iterator[Document]:
    for number in range(count):
        yield Document.from_text(LETTER.text, f"letter {number}")


class TestBudget:
    def test_what_is_under_way_counts(self) -> None:
        budget = Budget(3.5 * one_letter(), estimator())
        assert len(list(budget.within(letters(9)))) == 3
        assert (budget.reached, budget.spent) == (True, 0.0)

    @pytest.mark.parametrize(
        ("cost", "read", "reason"),
        [
            (1.0, 5, "as estimated"),
            (0.5, 9, "the prompt cache makes it cheaper: more letters fit"),
            (2.0, 2, "reasoning makes it dearer, the third might pass the limit"),
        ],
    )
    def test_one_letter_after_the_other(self, cost: float, read: int, reason: str) -> None:
        budget = Budget(5.4 * one_letter(), estimator())
        done = 0
        for document in budget.within(letters(20)):
            budget.settle(document.id, cost * one_letter())
            done += 1
            assert budget.spent <= budget.limit
        assert done == read, reason
        assert budget.reached

    def test_what_is_no_number_lets_nothing_through(self) -> None:
        assert list(Budget(float("nan"), estimator()).within([LETTER])) == []

    def test_all_fit(self) -> None:
        budget = Budget(5.5 * one_letter(), estimator())
        assert len(list(budget.within(letters(5)))) == 5
        assert not budget.reached

    def test_what_cannot_be_read_costs_nothing(self) -> None:
        budget = Budget(0.0, estimator())
        for document in budget.within([UNREADABLE]):
            budget.settle(document.id, 0.0)
        assert not budget.reached
        assert list(budget.within([LETTER])) == []
        assert budget.reached

    @pytest.mark.parametrize("model", ["local", "vllm/x", "openai/gpt-unheard-of"])
    def test_a_price_that_is_not_known_is_refused(self, model: str) -> None:
        with pytest.raises(UsageError, match=f"`{model}`") as raised:
            Budget(1.0, estimator(model))
        assert "--max-cost" in raised.value.hint

    def test_a_letter_is_read_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """For the estimate; what extracts its record gets what was read, also in another process."""
        budget = Budget(5.5 * one_letter(), estimator())
        (document,) = budget.within([LETTER])
        document = pickle.loads(pickle.dumps(document))
        read = read_in_full(LETTER, 0.25)
        monkeypatch.setattr(grammar, "read_values", lambda _: pytest.fail("read twice"))
        assert read_in_full(document, 0.25) == read
        assert (document.id, document.text, document.sha256) == (LETTER.id, LETTER.text, LETTER.sha256)

    def test_without_a_model_any_limit_is_kept(self) -> None:
        assert list(Budget(0.0, estimator("none")).within([LETTER])) == [LETTER]
