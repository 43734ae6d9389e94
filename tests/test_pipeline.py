"""The pipeline against a stand-in server: one document to one result, many to a stream, and every way to fail."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import re
import threading
from collections.abc import Iterable
from contextlib import aclosing, contextmanager
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

import imrllm
from imrllm import planning
from imrllm.documents import Document, Unreadable, read_documents
from imrllm.errors import DocumentError, ModelUnavailableError, PromptError, StoreError, UsageError
from imrllm.pipeline import Extractor, check_record, model_answers, results
from imrllm.prompts import DEFAULT_PROMPT, KINDS, load_prompt
from imrllm.records import ItemAnswer, Result, Usage
from tests.crosscheck.pointers import altered, is_there
from tests.letters import (
    ATIVAN,
    NORCO_PLAIN,
    NORCO_REFILL,
    RIGHT_CASE,
    RIGHT_ITEMS,
    SUMMARY,
    THREE,
    Item,
    Layout,
    letter,
    right_letter_answer,
)
from tests.llm.standin import (
    CACHED_TOKENS,
    COMPLETION_TOKENS,
    PROMPT_TOKENS,
    Received,
    Reply,
    StandIn,
    completion,
    failure,
)
from tests.pipeline.scripted import (
    CANARY,
    LETTER,
    NOT_FITTING,
    REFUSED,
    RIGHT,
    TRUNCATED,
    answering,
    asked,
    compact,
    doubts,
    extract,
    items,
    many,
    target,
)

WRITTEN = Path(__file__).parents[1] / "evals" / "written" / "letters"


class TestOneLetter:
    @pytest.mark.parametrize(("prompt", "calls"), [("v1", 1), ("v2", 4), ("v3", 4)])
    def test_a_right_model(self, prompt: str, calls: int) -> None:
        result = extract(prompt=prompt)
        assert not doubts(result)
        assert (result.status, result.document_id, result.error) == ("ok", "one", None)
        assert [(item.heading, item.decision, item.refills) for item in items(result)] == [
            ("Norco 10/325mg #45", "upheld", None),
            ("Norco 10/325mg #30 with 1 refill", "overturned", 1),
            ("Ativan 1mg #30", "upheld", None),
        ]
        made = result.provenance
        assert made.usage == Usage(
            calls=calls,
            input_tokens=calls * PROMPT_TOKENS,
            cached_tokens=calls * CACHED_TOKENS,
            output_tokens=calls * COMPLETION_TOKENS,
        )
        assert (made.attempts, made.cost) == (calls, None)
        assert (made.prompt, made.prompt_sha256) == (prompt, load_prompt(prompt).sha256)
        assert (made.model, made.version, made.sha256) == ("vllm/stand-in", imrllm.__version__, LETTER.sha256)
        assert made.seconds > 0

    def test_the_cost_is_that_of_all_its_questions(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("imrllm.llm.client.price", lambda target, usage: 0.5 * usage.calls)
        assert extract().provenance.cost == 2.0
        assert extract(dict.fromkeys(RIGHT, TRUNCATED)).provenance.cost == 2.0, "also of those that failed"

    def test_the_requests_of_two_letters_begin_alike(self) -> None:
        """Providers cache what requests share from their beginning: what is the letter's own must come last."""
        other = Document.from_text(
            letter(ATIVAN, NORCO_REFILL, summary="The injured worker is a 30 year old female."), "two"
        )
        sent: dict[str, list[Received]] = {"CaseAnswer": [], "ItemAnswer": []}
        with StandIn(answering()) as server:
            for document in (LETTER, other):
                Extractor(target=target(server)).extract(document)
            for request in server.received:
                sent[request.body["response_format"]["json_schema"]["name"]].append(request)
        assert [len(requests) for requests in sent.values()] == [2, 5]
        prompt = load_prompt(DEFAULT_PROMPT)
        for kind, requests in zip(KINDS["item"], sent.values(), strict=True):
            opening = prompt.opening(kind)
            assert [turn["role"] for turn in opening] == ["system", "user", "assistant"], "rules and example come first"
            beginning = f'{{"messages":{compact(opening)[:-1]},'
            for request in requests:
                assert request.body["messages"][:-1] == opening
                assert request.sent.startswith(beginning)
                # Hosted models read the schema before the messages.
                assert compact(request.body["response_format"]) == compact(requests[0].body["response_format"])

    def test_each_call_by_item_sees_its_own_part_alone(self) -> None:
        with StandIn(answering()) as server:
            Extractor(target=target(server)).extract(LETTER)
        assert sorted(map(asked, server.bodies)) == sorted(["case", *(item.heading for item in THREE)])
        for body in server.bodies:
            own = body["messages"][-1]["content"]
            about = asked(body)
            assert ("#180" in own) == (about == "case"), "the summary's amounts reach the case alone"
            for item in THREE:
                if item is not NORCO_PLAIN or about != NORCO_REFILL.heading:
                    assert (f"\n{item.heading}\n" in own) == (about == item.heading)

    def test_the_call_of_v1_sees_the_letter_and_its_numbered_requests(self) -> None:
        with StandIn(answering()) as server:
            Extractor(target=target(server), prompt="v1").extract(LETTER)
        (body,) = server.bodies
        own = body["messages"][-1]["content"]
        for part in (SUMMARY, "1. Norco 10/325mg #45\n2. Norco 10/325mg #30 with 1 refill\n3. Ativan 1mg #30"):
            assert part in own
        assert "CM16-9900123" not in own, "the header is the form's"

    @pytest.mark.parametrize("prompt", ["v1", "v2", "v3"])
    def test_the_schema_on_the_wire_is_strict_and_the_lengths_are_the_prompts(self, prompt: str) -> None:
        with StandIn(answering()) as server:
            Extractor(target=target(server), prompt=prompt).extract(LETTER)
        limits = load_prompt(prompt).max_tokens
        for body in server.bodies:
            assert body["response_format"]["json_schema"]["strict"] is True
            kind = {"CaseAnswer": "case", "ItemAnswer": "item", "LetterAnswer": "letter"}
            name = body["response_format"]["json_schema"]["name"]
            assert body["max_tokens"] == limits[kind[name]]  # type: ignore[index]
            assert body["temperature"] == 0

    def test_answers_that_come_in_another_order_stay_with_their_items(self) -> None:
        slow = answering(seconds=0.15)

        def reply(body: Any) -> Reply:
            return slow(body) if asked(body) in ("case", NORCO_PLAIN.heading) else answering()(body)

        with StandIn(reply) as server:
            result = Extractor(target=target(server)).extract(LETTER)
        assert [item.quantity for item in items(result)] == [45, 30, 30]
        assert not doubts(result)


@pytest.mark.parametrize(
    ("numbers", "missing", "reason"),
    [
        ((1, 2, 3), (), "as asked"),
        ((3, 1, 2), (), "out of order"),
        ((1, 3), (2,), "one left out"),
        ((), (1, 2, 3), "all left out"),
        ((1, 2, 3, 4), (), "one too many"),
        ((1, 2, 3, 3), (), "one twice: the first counts"),
        ((2, 2, 3), (1,), "a wrong number: the item that has none says so"),
    ],
)
def test_numbered_answers_of_a_whole_letter(numbers: tuple[int, ...], missing: tuple[int, ...], reason: str) -> None:
    right = right_letter_answer()
    entries = []
    for number in numbers:
        entry = right.disputed_items[min(number, 3) - 1].model_copy(update={"item": number})
        again = number in {each.item for each in entries}
        entries.append(entry.model_copy(update={"quantity": 99.0}) if again else entry)
    answer = right.model_copy(update={"disputed_items": tuple(entries)})
    result = extract({"letter": answer}, prompt="v1")
    assert [item.heading for item in items(result)] == [item.heading for item in THREE], reason
    assert [item.quantity for item in items(result)] == [45, 30, 30], reason
    doubted = {int(pointer.split("/")[2]) + 1 for pointer in doubts(result)}
    assert doubted == set(missing), reason
    assert set(doubts(result).values()) <= {"missing"}, reason
    assert result.status == ("review" if missing else "ok"), reason


async def drain(extractor: Extractor) -> None:
    """Read many letters."""
    async with extractor:
        async for _ in extractor.astream(many(6)):
            pass


class TestFailedParts:
    @pytest.mark.parametrize(
        ("reply", "error"),
        [(TRUNCATED, "TruncatedError"), (REFUSED, "RefusedError"), (NOT_FITTING, "InvalidAnswerError")],
    )
    @pytest.mark.parametrize(("part", "at"), [(ATIVAN.heading, "/disputed_items/2"), ("case", "/injured_worker")])
    def test_one_keeps_the_rest_and_says_so(self, part: str, at: str, reply: Reply, error: str) -> None:
        result = extract({part: reply})
        assert result.status == "review"
        assert result.error
        assert result.error.type == error
        assert [item.quantity for item in items(result)] == [45, 30, 30]
        lacking = doubts(result)
        assert f"{at}/{'age' if part == 'case' else 'quantity'}" in lacking
        assert all(status == "missing" for status in lacking.values())
        own = at if part != "case" else ("/reviewer", "/injured_worker", "/clinical_summary")
        assert all(pointer.startswith(own) for pointer in lacking)
        # Its tokens are counted though it failed.
        assert result.provenance.usage.calls == 5 if reply is NOT_FITTING else 4

    @pytest.mark.parametrize("prompt", ["v1", "v2", "v3"])
    def test_all_of_them_leave_no_record(self, prompt: str) -> None:
        result = extract(dict.fromkeys(RIGHT, TRUNCATED), prompt=prompt)
        assert (result.status, result.record, result.checks, result.evidence) == ("failed", None, (), {})
        assert result.error
        assert result.error.type == "TruncatedError"
        assert result.error.message.endswith("."), "with its mend"
        assert result.provenance.usage.calls == (1 if prompt == "v1" else 4)

    def test_a_request_that_is_refused_fails_its_document_alone(self) -> None:
        result = extract({ATIVAN.heading: failure(400, message=CANARY)})
        assert result.status == "failed"
        assert result.error
        assert CANARY not in result.error.message

    def test_a_model_that_nobody_may_ask_ends_the_run(self) -> None:
        with StandIn(failure(401)) as server, pytest.raises(ModelUnavailableError):
            asyncio.run(drain(Extractor(target=target(server), concurrency=4)))

    def test_letters_that_fail_in_one_moment_leave_no_word_in_the_log(
        self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def unavailable(*_: Any) -> Result:
            raise ModelUnavailableError("Nobody answers.")

        monkeypatch.setattr(Extractor, "aextract", unavailable)
        with StandIn(failure(401)) as server, pytest.raises(ModelUnavailableError):
            asyncio.run(drain(Extractor(target=target(server), concurrency=4)))
        gc.collect()
        assert "never retrieved" not in caplog.text

    def test_so_does_one_letter(self) -> None:
        with StandIn(failure(401)) as server, pytest.raises(ModelUnavailableError):
            Extractor(target=target(server)).extract(LETTER)


def wrong(index: int, pointer: str, value: Any) -> dict[str, ItemAnswer]:
    return {THREE[index].heading: altered(RIGHT_ITEMS[index], pointer, value)}


class TestPolicies:
    def test_flag_keeps_the_models_value(self) -> None:
        result = extract(wrong(0, "/quantity", 48), on_conflict="flag")
        assert items(result)[0].quantity == 48
        assert doubts(result) == {"/disputed_items/0/quantity": "conflict"}
        assert result.status == "review"

    def test_repair_takes_the_letters_and_says_so(self) -> None:
        result = extract(wrong(0, "/quantity", 48))
        assert items(result)[0].quantity == 45
        (check,) = (check for check in result.checks if check.status != "confirmed")
        assert (check.model_value, check.source_value, check.resolution) == (48, 45, "source")
        assert check.span
        assert LETTER.text[slice(*check.span)] == "#45"
        assert result.status == "review"

    def reask(self, first: dict[str, Any], document: Document = LETTER, **options: Any) -> tuple[Result, list[Any]]:
        with StandIn(answering(first)) as server:
            result = Extractor(target=target(server), on_conflict="reask", **options).extract(document)
        return result, server.bodies

    def test_reask_sends_a_disagreement_once_and_marks_what_it_mends(self) -> None:
        answers = [*wrong(0, "/quantity", 48).values(), RIGHT_ITEMS[0]]
        result, bodies = self.reask({NORCO_PLAIN.heading: answers})
        assert len(bodies) == 5
        assert (result.provenance.usage.calls, result.provenance.usage.reasks) == (5, 1)
        again = max(bodies, key=lambda body: len(body["messages"]))
        told = json.dumps(again["messages"][-2:])
        assert "/disputed_items/0/quantity" in told
        assert "48" in told
        assert "45" in told
        assert result.status == "ok"
        marked = [check.pointer for check in result.checks if check.resolution == "reask"]
        assert marked == ["/disputed_items/0/quantity"]
        assert result.provenance.usage.calls == 5
        assert result.provenance.attempts == 5

    def test_what_a_model_insists_on_is_repaired(self) -> None:
        result, bodies = self.reask(wrong(0, "/quantity", 48))
        assert len(bodies) == 5, "asked once more, not twice"
        assert items(result)[0].quantity == 45
        (check,) = (check for check in result.checks if check.status != "confirmed")
        assert (check.status, check.resolution) == ("conflict", "source")

    def test_reask_of_a_whole_letter(self) -> None:
        first = altered(right_letter_answer(), "/disputed_items/2/strengths", ["10 mg"])
        result, bodies = self.reask({"letter": [first, right_letter_answer()]}, prompt="v1")
        assert len(bodies) == 2
        assert [c.pointer for c in result.checks if c.resolution == "reask"] == ["/disputed_items/2/strengths"]
        assert result.status == "ok"

    def test_reask_of_the_case(self) -> None:
        first = altered(RIGHT_CASE, "/injured_worker/age", 84)
        result, bodies = self.reask({"case": [first, RIGHT_CASE]})
        assert len(bodies) == 5
        assert [c.pointer for c in result.checks if c.resolution == "reask"] == ["/injured_worker/age"]

    @pytest.mark.parametrize(
        ("text", "changes", "pointer", "reason"),
        [
            (
                letter(*THREE, summary=SUMMARY.replace("3/1/2016", "3/2/2016")),
                {"case": altered(RIGHT_CASE, "/injured_worker/injury_date", "2016-03-02")},
                "/injured_worker/injury_date",
                "the header's date of injury is another",
            ),
            (
                letter(Item(NORCO_PLAIN.heading, rationale="The request is medically necessary."), *THREE[1:]),
                wrong(0, "/medically_necessary", True),
                "/disputed_items/0/decision",
                "the rationale concludes otherwise",
            ),
            (letter(*THREE), wrong(0, "/grounds", ["safety_risk"]), "/disputed_items/0/grounds/0", "a ground"),
        ],
    )
    def test_what_no_answer_can_mend_is_not_asked(
        self, text: str, changes: dict[str, Any], pointer: str, reason: str
    ) -> None:
        result, bodies = self.reask(changes, Document.from_text(text, "one"))
        assert len(bodies) == 4, reason
        assert list(doubts(result)) == [pointer], reason

    def test_an_unknown_policy(self) -> None:
        with pytest.raises(UsageError, match="`guess`") as raised:
            Extractor("none", on_conflict="guess")  # type: ignore[arg-type]
        assert "`repair`" in raised.value.hint


class TestStream:
    async def read(self, extractor: Extractor, documents: Iterable[Document | Unreadable]) -> list[Result]:
        async with extractor:
            return [result async for result in extractor.astream(documents)]

    @pytest.mark.parametrize("concurrency", [1, 2, 5])
    def test_every_document_once_and_no_more_calls_at_a_time_than_allowed(self, concurrency: int) -> None:
        right, meeting, calls = answering(), threading.Barrier(concurrency), count()

        def reply(body: Any) -> Reply:
            # The first calls wait for each other: all that are allowed at a time are seen at a time.
            if next(calls) < concurrency:
                meeting.wait(10)
            return right(body)

        with StandIn(reply) as server:
            extractor = Extractor(target=target(server), concurrency=concurrency)
            results = asyncio.run(self.read(extractor, many(5)))
        assert sorted(result.document_id for result in results) == [f"letter-{number}" for number in range(5)]
        assert all(result.status == "ok" for result in results)
        assert server.at_once == concurrency

    def test_documents_are_taken_as_there_is_room(self) -> None:
        taken: list[str] = []
        ahead: list[int] = []

        def documents() -> Iterable[Document]:
            for document in many(12):
                taken.append(document.id)
                yield document

        async def run(extractor: Extractor) -> None:
            async with extractor:
                done = 0
                async for _ in extractor.astream(documents()):
                    done += 1
                    ahead.append(len(taken) - done)

        with StandIn(answering()) as server:
            extractor = Extractor(target=target(server), concurrency=2)
            asyncio.run(run(extractor))
        assert len(taken) == 12
        assert max(ahead) <= extractor.letters_at_a_time == 3

    def test_calls_go_on_while_a_document_is_read(self) -> None:
        answered = threading.Event()
        in_time: list[bool] = []

        def documents() -> Iterable[Document]:
            yield from many(1)
            # A reader that takes as long as the first letter's answer; on the loop it would wait in vain.
            in_time.append(answered.wait(10))
            yield from many(2)[1:]

        async def run(server: StandIn) -> list[str]:
            async with Extractor(target=target(server), concurrency=2) as extractor:
                names = []
                async for result in extractor.astream(documents()):
                    names.append(result.document_id)
                    answered.set()
                return names

        with StandIn(answering()) as server:
            assert asyncio.run(run(server)) == ["letter-0", "letter-1"]
        assert in_time == [True]

    def test_the_loop_goes_on_while_a_letter_is_parsed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ticked = threading.Event()
        in_time: list[bool] = []
        real = planning.read_letter

        def slow(text: str) -> Any:
            in_time.append(ticked.wait(10))
            return real(text)

        async def run(server: StandIn) -> Result:
            async with Extractor(target=target(server)) as extractor:
                asyncio.get_running_loop().call_later(0.01, ticked.set)
                return await extractor.aextract(LETTER)

        monkeypatch.setattr(planning, "read_letter", slow)
        with StandIn(answering()) as server:
            assert asyncio.run(run(server)).status == "ok"
        assert in_time == [True]

    def test_what_a_reader_raises_ends_the_stream(self) -> None:
        def documents() -> Iterable[Document]:
            yield from many(1)
            raise StoreError("The rows are of another run.")

        with StandIn(answering(seconds=0.05)) as server, pytest.raises(StoreError, match="another run"):
            asyncio.run(self.read(Extractor(target=target(server)), documents()))

    def test_leaving_waits_for_no_reader(self) -> None:
        left, ended = threading.Event(), threading.Event()

        def documents() -> Iterable[Document]:
            yield from many(1)
            # As standard input that a pipe keeps open.
            left.wait(10)
            ended.set()

        async def run(server: StandIn) -> bool:
            async with Extractor(target=target(server), concurrency=2) as extractor:
                async with aclosing(extractor.astream(documents())) as results:
                    await anext(results)
                return ended.is_set()

        with StandIn(answering()) as server:
            assert asyncio.run(run(server)) is False
        left.set()

    def test_one_that_fails_does_not_stop_the_others(self) -> None:
        unreadable = Unreadable("torn", "torn.pdf", DocumentError("`torn` is torn.", hint="Mend it."), "0" * 64)
        no_letter = Document.from_text("A recipe for soup.", "soup")
        with StandIn(answering()) as server:
            extractor = Extractor(target=target(server))
            results = asyncio.run(self.read(extractor, [unreadable, *many(2), no_letter]))
        assert {result.document_id: result.status for result in results} == {
            "torn": "failed",
            "letter-0": "ok",
            "letter-1": "ok",
            "soup": "failed",
        }

    def test_without_a_model(self) -> None:
        results = asyncio.run(self.read(Extractor("none"), many(3)))
        assert [result.document_id for result in results] == ["letter-0", "letter-1", "letter-2"]

    def test_leaving_early_cancels_what_is_running(self) -> None:
        async def run(server: StandIn) -> int:
            async with Extractor(target=target(server), concurrency=4) as extractor:
                stream = extractor.astream(many(20))
                await anext(stream)
                await stream.aclose()
                return len([task for task in asyncio.all_tasks() if task is not asyncio.current_task()])

        with StandIn(answering(seconds=0.02)) as server:
            assert asyncio.run(run(server)) == 0
            assert len(server.received) < 40

    def test_a_cancelled_run_leaves_nothing_behind(self) -> None:
        async def run(server: StandIn) -> tuple[int, Extractor]:
            extractor = Extractor(target=target(server), concurrency=4)
            running = asyncio.create_task(self.read(extractor, many(20)))
            while not server.received:  # noqa: ASYNC110 - the server is in a thread of its own
                await asyncio.sleep(0.01)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            return len([task for task in asyncio.all_tasks() if task is not asyncio.current_task()]), extractor

        with StandIn(answering(seconds=0.1)) as server:
            left, extractor = asyncio.run(run(server))
        assert left == 0
        with pytest.raises(UsageError):
            asyncio.run(extractor.aextract(LETTER))


class TestExtractor:
    def test_it_must_be_open(self) -> None:
        with pytest.raises(UsageError, match="not open") as raised:
            asyncio.run(Extractor("vllm/own").aextract(LETTER))
        assert "async with" in raised.value.hint

    def test_it_can_be_used_again(self) -> None:
        with StandIn(answering()) as server:
            extractor = Extractor(target=target(server))
            assert extractor.extract(LETTER).record == extractor.extract(LETTER).record

    def test_what_it_was_made_of(self) -> None:
        extractor = Extractor("none", prompt="v1")
        assert (extractor.model, extractor.prompt.name) == ("none", "v1")
        with pytest.raises(PromptError):
            Extractor("none", prompt="v99")
        with pytest.raises(UsageError):
            Extractor("crystal-ball/one")

    def test_the_local_models_server_lives_as_long_as_the_context(self, monkeypatch: pytest.MonkeyPatch) -> None:
        told: list[str] = []

        class Embedded:
            def __enter__(self) -> Self:
                told.append("started")
                return self

            def __exit__(
                self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
            ) -> None:
                told.append("stopped")

            base_url = ""

        monkeypatch.setattr("imrllm.llm.server.EmbeddedServer", Embedded)
        with StandIn(answering()) as server:
            Embedded.base_url = server.base_url
            result = Extractor("local").extract(LETTER)
            assert told == ["started", "stopped"]
            assert result.provenance.model == "local"
            assert server.at_once == 1, "it has one slot"
        told.clear()
        monkeypatch.setattr("imrllm.pipeline.extractor.Client", lambda *_, **__: broken())
        with pytest.raises(RuntimeError):
            Extractor("local").extract(LETTER)
        assert told == ["started", "stopped"]


def broken() -> Any:
    raise RuntimeError("broken")


class TestUnforeseen:
    @contextmanager
    def breaking(self, monkeypatch: pytest.MonkeyPatch, name: str) -> Any:
        def fail(*_: Any, **__: Any) -> Any:
            raise ValueError(CANARY)

        for module in (planning, model_answers, results):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, fail)
        yield

    @pytest.mark.parametrize("name", ["read_letter", "read_values", "resolve"])
    @pytest.mark.parametrize("model", ["none", "vllm/stand-in"])
    def test_one_letter_fails_without_its_text(self, model: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with self.breaking(monkeypatch, name):
            result = Extractor("none").extract(LETTER) if model == "none" else extract()
        assert result.status == "failed"
        assert result.error
        assert result.error.type == "InternalError"
        assert "`one`" in result.error.message
        assert re.search(r"ValueError at test_pipeline\.py:\d+", result.error.message)
        assert CANARY not in result.model_dump_json()

    def test_also_while_a_record_is_checked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        record = Extractor("none").extract(LETTER).record
        with self.breaking(monkeypatch, "compare"):
            result = check_record(LETTER, record)
        assert result.error
        assert result.error.type == "InternalError"


def test_no_letter_names_the_document_and_the_mend() -> None:
    result = Extractor("none").extract(Document.from_text(CANARY, "soup"))
    assert result.status == "failed"
    assert result.error
    assert result.error.type == "NotALetterError"
    assert "`soup`" in result.error.message
    assert CANARY not in result.error.message
    assert result.provenance.sha256


def test_an_unreadable_document_keeps_its_hash_and_reason() -> None:
    unreadable = Unreadable("torn", "torn.pdf", DocumentError("`torn` is torn.", hint="Mend it."), "0" * 64)
    result = Extractor("none").extract(unreadable)
    assert result.error
    assert (result.error.type, result.error.message) == ("DocumentError", "`torn` is torn. Mend it.")
    assert result.provenance.sha256 == "0" * 64


@pytest.mark.parametrize("prompt", ["v1", "v2", "v3"])
@pytest.mark.parametrize(
    "reply",
    [
        None,
        TRUNCATED,
        completion(CANARY),
        completion(json.dumps({"treatment": CANARY, CANARY: 1})),
        completion(None, refusal=CANARY),
        failure(400, message=CANARY),
    ],
    ids=["right", "truncated", "no JSON", "not fitting", "refused", "rejected"],
)
@pytest.mark.parametrize("policy", ["repair", "reask"])
def test_the_letters_text_is_in_no_log_and_no_error(
    reply: Reply | None, prompt: str, policy: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    text = letter(*THREE, summary=f"{CANARY} {SUMMARY}").replace("No gain", f"{CANARY} No gain")
    document = Document.from_text(text, "one")
    changes = wrong(0, "/quantity", 48) if reply is None else dict.fromkeys(RIGHT, reply)
    result = extract(changes, document, prompt=prompt, on_conflict=policy)
    assert result.error is None or CANARY not in f"{result.error!r}"
    assert CANARY not in caplog.text
    assert CANARY not in "".join(capfd.readouterr())


@pytest.mark.parametrize("file", sorted(WRITTEN.glob("*.txt")), ids=lambda file: file.stem)
def test_pointers_and_spans_of_the_written_letters(file: Path) -> None:
    (document,) = read_documents([file])
    assert isinstance(document, Document)
    result = Extractor("none").extract(document)
    assert result.status != "failed"
    assert result.record
    assert len(result.evidence) > 10
    for pointer, spans in result.evidence.items():
        assert is_there(result.record, pointer), pointer
        assert all(0 <= start < end <= len(document.text) for start, end in spans), pointer
    for check in result.checks:
        assert is_there(result.record, check.pointer), check.pointer
        if check.span:
            assert 0 <= check.span[0] < check.span[1] <= len(document.text), check.pointer
    assert Result.model_validate_json(result.model_dump_json()) == result
    for item, at in zip(result.record.disputed_items, range(99), strict=False):
        (start, end), *_ = result.evidence[f"/disputed_items/{at}/rationale"]
        assert re.sub(r"\s+", " ", document.text[start:end])[:20] == (item.rationale or "")[:20]


class TestCheckRow:
    def test_a_record_is_checked_as_it_is(self) -> None:
        record = Extractor("none").extract(LETTER).record
        assert record
        result = check_record(LETTER, altered(record, "/disputed_items/0/quantity", 48))
        assert result.status == "review"
        assert result.record
        assert result.record.disputed_items[0].quantity == 48
        # The grammar alone gives no grounds; a check says so where their words stand.
        assert doubts(result) == {"/disputed_items/0/quantity": "conflict", "/disputed_items/2/grounds": "missing"}
        assert result.provenance.model == "none"

    def test_without_a_record_or_a_letter(self) -> None:
        record = Extractor("none").extract(LETTER).record
        assert check_record(LETTER, None).status == "failed"
        assert check_record(Document.from_text("A recipe.", "soup"), record).status == "failed"
        unreadable = Unreadable("torn", "torn.pdf", DocumentError("`torn` is torn."))
        assert check_record(unreadable, None).status == "failed"


class TestRedaction:
    # What identifies a person, and what looks like it and must stay.
    IDENTIFIERS = ("123-45-6789", "(415) 555-0132", "jo.doe@clinic.example", "WC 0123-456", "778812", "55501-A")
    KEPT = ("CM16-0213037", "2/3/2016", "Norco 10/325mg #60", "78, 80")
    SSN, PHONE, MAIL, CLAIM, RECORD, OTHER = IDENTIFIERS
    HEADING = f"Norco 10/325mg #60 (Claim #: {OTHER})"
    TEXT = letter(
        Item(
            HEADING,
            administrator=f"Decision based on MTUS. Claim No. {CLAIM}; CM16-0213037.",
            rationale=f"MRN {RECORD}: Norco 10/325mg #60 since 2/3/2016, see {MAIL}. It is not medically necessary.",
        ),
        summary=f"{SUMMARY} SSN {SSN}, phone {PHONE}.",
        layout=Layout(width=40),
    )
    DOCUMENT = Document.from_text(TEXT, "one")

    def bodies(self, *, redact: bool, **options: Any) -> tuple[Result, list[Any]]:
        def reply(body: Any) -> Reply:
            return completion((RIGHT_CASE if asked(body) == "case" else RIGHT_ITEMS[0]).model_dump_json())

        def whole(body: Any) -> Reply:
            return completion(right_letter_answer().model_dump_json())

        with StandIn(whole if options.get("prompt") == "v1" else reply) as server:
            result = Extractor(target=target(server), redact=redact, concurrency=1, **options).extract(self.DOCUMENT)
        return result, sorted(server.bodies, key=lambda body: (asked(body) != "case", len(body["messages"])))

    @pytest.mark.parametrize("prompt", ["v1", "v2", "v3"])
    @pytest.mark.parametrize("on_conflict", ["repair", "reask"])
    def test_what_is_sent_holds_no_identifier_and_is_as_long(self, prompt: str, on_conflict: str) -> None:
        _, open_bodies = self.bodies(redact=False, prompt=prompt, on_conflict=on_conflict)
        _, masked_bodies = self.bodies(redact=True, prompt=prompt, on_conflict=on_conflict)
        plain, masked = json.dumps(open_bodies), json.dumps(masked_bodies)
        for identifier in self.IDENTIFIERS:
            assert identifier in plain
            assert identifier not in masked
        for kept in self.KEPT:
            assert kept in masked
        assert len(masked) == len(plain)
        assert len(masked_bodies) == len(open_bodies)

    def test_the_record_holds_the_letters_own_words_at_their_places(self) -> None:
        plain, _ = self.bodies(redact=False)
        masked, _ = self.bodies(redact=True)
        assert masked.record == plain.record
        assert masked.evidence == plain.evidence
        assert [check.span for check in masked.checks] == [check.span for check in plain.checks]
        assert items(masked)[0].heading == self.HEADING
        assert f"MRN {self.RECORD}" in (items(masked)[0].rationale or "")
