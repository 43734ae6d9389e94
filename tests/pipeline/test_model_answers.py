"""What a letter's calls send, and what their answers become: right, missing, refused, asked again."""

from __future__ import annotations

import json
from typing import Any

import pytest

import imrllm
from imrllm.documents import Document
from imrllm.prompts import load_prompt
from imrllm.records import Result, Usage
from tests.crosscheck.pointers import altered
from tests.letters import (
    ATIVAN,
    FULL_PROMPT,
    NORCO_PLAIN,
    NORCO_REFILL,
    RIGHT_CASE,
    RIGHT_ITEMS,
    SUMMARY,
    THREE,
    WHOLE_PROMPT,
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
    asking,
    compact,
    doubts,
    extract,
    fitting,
    items,
    wrong,
)


class TestOneLetter:
    @pytest.mark.parametrize(("prompt", "calls"), [(WHOLE_PROMPT, 1), (FULL_PROMPT, 4)])
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
        assert (made.prompt, made.prompt_sha256) == (load_prompt(prompt).name, load_prompt(prompt).sha256)
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
                asking(server).extract(document)
            for request in server.received:
                sent[request.body["response_format"]["json_schema"]["name"]].append(request)
        assert [len(requests) for requests in sent.values()] == [2, 5]
        prompt = load_prompt(FULL_PROMPT)
        for kind, requests in zip(prompt.asks, sent.values(), strict=True):
            opening = prompt.opening(kind)
            roles = [turn["role"] for turn in opening]
            assert roles == ["system", *["user", "assistant"] * (len(opening) // 2)], "rules and examples come first"
            assert len(opening) >= 5, "one example alone is answered again and again"
            beginning = f'{{"messages":{compact(opening)[:-1]},'
            for request in requests:
                assert request.body["messages"][:-1] == opening
                assert request.sent.startswith(beginning)
                # Hosted models read the schema before the messages.
                assert compact(request.body["response_format"]) == compact(requests[0].body["response_format"])

    def test_each_call_by_item_sees_its_own_part_alone(self) -> None:
        with StandIn(answering()) as server:
            asking(server).extract(LETTER)
        assert sorted(map(asked, server.bodies)) == sorted(["case", *(item.heading for item in THREE)])
        for body in server.bodies:
            own = body["messages"][-1]["content"]
            about = asked(body)
            assert ("#180" in own) == (about == "case"), "the summary's amounts reach the case alone"
            for item in THREE:
                if item is not NORCO_PLAIN or about != NORCO_REFILL.heading:
                    assert (f"\n{item.heading}\n" in own) == (about == item.heading)

    def test_a_call_about_the_whole_letter_sees_the_letter_and_its_numbered_requests(self) -> None:
        with StandIn(answering()) as server:
            asking(server, prompt=WHOLE_PROMPT).extract(LETTER)
        (body,) = server.bodies
        own = body["messages"][-1]["content"]
        for part in (SUMMARY, "1. Norco 10/325mg #45\n2. Norco 10/325mg #30 with 1 refill\n3. Ativan 1mg #30"):
            assert part in own
        assert "CM16-9900123" not in own, "the header is the form's"

    @pytest.mark.parametrize("prompt", [WHOLE_PROMPT, FULL_PROMPT])
    def test_the_schema_on_the_wire_is_strict_and_the_lengths_are_the_prompts(self, prompt: str) -> None:
        with StandIn(answering()) as server:
            asking(server, prompt=prompt).extract(LETTER)
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
            result = asking(server).extract(LETTER)
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
    result = extract({"letter": answer}, prompt=WHOLE_PROMPT)
    assert [item.heading for item in items(result)] == [item.heading for item in THREE], reason
    assert [item.quantity for item in items(result)] == [45, 30, 30], reason
    doubted = {int(pointer.split("/")[2]) + 1 for pointer in doubts(result)}
    assert doubted == set(missing), reason
    assert set(doubts(result).values()) <= {"missing"}, reason
    assert result.status == ("review" if missing else "ok"), reason


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

    @pytest.mark.parametrize("prompt", [WHOLE_PROMPT, FULL_PROMPT])
    def test_all_of_them_leave_no_record(self, prompt: str) -> None:
        result = extract(dict.fromkeys(RIGHT, TRUNCATED), prompt=prompt)
        assert (result.status, result.record, result.checks, result.evidence) == ("failed", None, (), {})
        assert result.error
        assert result.error.type == "TruncatedError"
        assert result.error.message.endswith("."), "with its hint"
        assert result.provenance.usage.calls == (1 if prompt == WHOLE_PROMPT else 4)

    def test_a_request_that_is_refused_fails_its_document_alone(self) -> None:
        result = extract({ATIVAN.heading: failure(400, message=CANARY)})
        assert result.status == "failed"
        assert result.error
        assert CANARY not in result.error.message


class TestReasks:
    def reask(self, first: dict[str, Any], document: Document = LETTER, **options: Any) -> tuple[Result, list[Any]]:
        with StandIn(answering(first)) as server:
            result = asking(server, on_conflict="reask", **options).extract(document)
        return result, server.bodies

    def test_a_disagreement_is_sent_once_and_what_it_fixes_is_marked(self) -> None:
        answers = [*wrong(0, "/quantity", 48).values(), RIGHT_ITEMS[0]]
        result, bodies = self.reask({NORCO_PLAIN.heading: answers})
        assert len(bodies) == 5
        assert (result.provenance.usage.calls, result.provenance.usage.reasks) == (5, 1)
        again = max(bodies, key=lambda body: len(body["messages"]))
        asked_again = json.dumps(again["messages"][-2:])
        assert "/disputed_items/0/quantity" in asked_again
        assert "48" in asked_again
        assert "45" in asked_again
        assert result.status == "ok"
        marked = [check.pointer for check in result.checks if check.resolution == "reask"]
        assert marked == ["/disputed_items/0/quantity"]
        assert result.provenance.usage.calls == 5
        assert result.provenance.attempts == 5

    def test_a_value_that_the_model_repeats_is_repaired(self) -> None:
        result, bodies = self.reask(wrong(0, "/quantity", 48))
        assert len(bodies) == 5, "asked once more, not twice"
        assert items(result)[0].quantity == 45
        (check,) = (check for check in result.checks if check.status != "confirmed")
        assert (check.status, check.resolution) == ("conflict", "source")

    def test_a_whole_letter(self) -> None:
        first = altered(right_letter_answer(), "/disputed_items/2/strengths", ["10 mg"])
        result, bodies = self.reask({"letter": [first, right_letter_answer()]}, prompt=WHOLE_PROMPT)
        assert len(bodies) == 2
        assert [c.pointer for c in result.checks if c.resolution == "reask"] == ["/disputed_items/2/strengths"]
        assert result.status == "ok"

    def test_the_case(self) -> None:
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
        ],
    )
    def test_what_no_answer_can_fix_is_not_asked(
        self, text: str, changes: dict[str, Any], pointer: str, reason: str
    ) -> None:
        result, bodies = self.reask(changes, Document.from_text(text, "one"))
        assert len(bodies) == 4, reason
        assert list(doubts(result)) == [pointer], reason

    def test_a_ground_is_not_asked_again(self) -> None:
        answer = altered(right_letter_answer(), "/disputed_items/0/grounds", ["safety_risk"])
        result, bodies = self.reask({"letter": answer}, prompt=WHOLE_PROMPT)
        assert len(bodies) == 1
        assert list(doubts(result)) == ["/disputed_items/0/grounds"]


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
            return completion(fitting(RIGHT_CASE if asked(body) == "case" else RIGHT_ITEMS[0], body))

        def whole(body: Any) -> Reply:
            return completion(right_letter_answer().model_dump_json())

        with StandIn(whole if options.get("prompt") == WHOLE_PROMPT else reply) as server:
            result = asking(server, redact=redact, concurrency=1, **options).extract(self.DOCUMENT)
        return result, sorted(server.bodies, key=lambda body: (asked(body) != "case", len(body["messages"])))

    @pytest.mark.parametrize("prompt", [WHOLE_PROMPT, FULL_PROMPT])
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


def test_a_prompt_of_judgment_that_gets_no_answer_keeps_the_grammars_record() -> None:
    """A cut-off yes or no loses the second reading, not the letter."""
    alone = imrllm.Extractor(model="none").extract(LETTER)
    with StandIn(lambda _: TRUNCATED) as server:
        result = asking(server, prompt="v4").extract(LETTER)
    assert server.received
    assert result.status == "review"
    assert result.error
    assert result.error.type == "TruncatedError"
    assert result.record
    assert alone.record
    assert result.record.model_copy(update={"disputed_items": ()}) == alone.record.model_copy(
        update={"disputed_items": ()}
    )
    assert not [check for check in result.checks if check.status == "missing"]
