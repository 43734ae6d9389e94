"""A letter that fails alone costs its row; an outage ends the run after a stated number of letters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from imrllm.errors import ImrllmError, ModelUnavailableError, TransientModelError
from imrllm.llm import Call, HttpTransport, ModelTarget
from imrllm.llm.outage import Outage
from tests.llm.standin import Reply, StandIn, completion, dropped, failure

GOOD = completion("{}")
BROKEN = Reply(200, b'{"choices": [{"mess\xff')


async def no_wait(seconds: float) -> None:
    pass


def outcomes(
    script: Callable[[str], Reply], letters: str, *, concurrency: int = 1, tries: int = 8
) -> tuple[list[type[ImrllmError] | None], ImrllmError | None]:
    """What becomes of some letters, one after another, and the last error."""

    async def run() -> tuple[list[type[ImrllmError] | None], ImrllmError | None]:
        target = ModelTarget("vllm/m", "vllm", "m", base_url=server.base_url)
        seen: list[type[ImrllmError] | None] = []
        last = None
        async with HttpTransport(target, concurrency=concurrency, sleep=no_wait) as http:
            for name in letters:
                try:
                    body = {"messages": [{"role": "user", "content": name}]}
                    await http.send(Call(name, "p", "letter"), body, lambda: None)
                    seen.append(None)
                except ImrllmError as error:
                    seen.append(type(error))
                    last = error
        return seen, last

    def reply(body: Any) -> Reply:
        return script(body["messages"][0]["content"])

    with StandIn(reply) as server:
        return asyncio.run(run())


@pytest.mark.parametrize("fault", [BROKEN, failure(500), failure(429), dropped()], ids=str)
def test_letters_that_fail_between_answers_fail_alone(fault: Reply) -> None:
    seen, _ = outcomes(lambda name: GOOD if name == "g" else fault, "abgcgdgeg", concurrency=2)
    assert seen == [TransientModelError, TransientModelError, *[None, TransientModelError] * 3, None]


@pytest.mark.parametrize("fault", [BROKEN, failure(500), failure(429)], ids=str)
def test_twice_as_many_letters_as_calls_at_a_time_are_an_outage(fault: Reply) -> None:
    seen, last = outcomes(lambda name: GOOD if name == "g" else fault, "gabcd", concurrency=2)
    assert seen == [None, *[TransientModelError] * 3, ModelUnavailableError]
    assert last is not None
    assert "answered none of the last 4 letters" in str(last)
    assert "--retry-failed" in last.hint


def test_calls_about_one_letter_are_one_letter() -> None:
    seen, _ = outcomes(lambda _: BROKEN, "aaaaa", concurrency=2)
    assert set(seen) == {TransientModelError}


def test_a_broken_body_before_any_answer_is_retried() -> None:
    script = iter([BROKEN, BROKEN, GOOD])
    seen, _ = outcomes(lambda _: next(script), "a")
    assert seen == [None]


def test_the_count() -> None:
    outage = Outage(2)
    assert [outage.failed(name) for name in "aabc"] == [False] * 4
    outage.answered()
    assert [outage.failed(name) for name in "abcd"] == [False, False, False, True]
