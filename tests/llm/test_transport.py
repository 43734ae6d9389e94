"""A client speaks through any object with `send`, and hands it the call as an argument."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import BaseModel

from imrllm.errors import InvalidAnswerError, PendingError
from imrllm.llm import Call, Client, Consumption, HttpTransport, resolve_model
from imrllm.records import Usage
from tests.llm.scripted import CALL, Scripted, ask
from tests.llm.standin import StandIn, completion

TARGET = resolve_model("vllm/m", environ={})


class Drug(BaseModel):
    name: str


GOOD = completion('{"name": "Norco"}')


def test_a_call_reads_as_its_place_in_the_letter() -> None:
    assert str(Call("w07", "v2", "case")) == "case"
    assert str(Call("w07", "v2", "item", 2)) == "item 2"


def test_a_transport_of_ones_own_answers_a_client() -> None:
    transport = Scripted(completion("{"), GOOD)
    answer = asyncio.run(ask(Client(TARGET, transport), Drug, [{"role": "user", "content": "Which?"}]))
    assert (answer.value, answer.attempts, answer.reasked) == (Drug(name="Norco"), 2, True)
    assert transport.calls == [CALL, CALL]
    first, second = transport.bodies
    # The first body is not changed by the re-ask: a transport may keep it.
    assert (len(first["messages"]), len(second["messages"])) == (1, 3)


def test_what_a_transport_raises_is_raised() -> None:
    class Empty:
        async def send(self, *_: object) -> None:
            raise PendingError("Not yet.")

    spent = Consumption()
    client = Client(TARGET, Empty())  # type: ignore[arg-type]
    with pytest.raises(PendingError):
        asyncio.run(client.ask(CALL, Drug, [], spent=spent))
    assert spent == Consumption(Usage(), 0, None)


def test_calls_side_by_side_keep_their_names() -> None:
    calls = [Call("w07", "v2", "item", item) for item in range(1, 4)]
    transport = Scripted(GOOD)

    async def run() -> None:
        client = Client(TARGET, transport)
        await asyncio.gather(*(client.ask(call, Drug, [{"role": "user", "content": str(call)}]) for call in calls))

    asyncio.run(run())
    asked = [body["messages"][0]["content"] for body in transport.bodies]
    assert asked == [str(call) for call in transport.calls] == ["item 1", "item 2", "item 3"]


def test_nothing_of_the_call_reaches_the_server() -> None:
    call = Call("heron-letter", "heron-prompt", "heron-kind", 421)

    async def run() -> None:
        target = TARGET.at(server.base_url)
        async with HttpTransport(target) as http:
            with pytest.raises(InvalidAnswerError):
                await Client(target, http).ask(call, Drug, [{"role": "user", "content": "Which?"}])

    with StandIn(completion("{")) as server:
        asyncio.run(run())
    assert len(server.received) == 2
    for request in server.received:
        assert not any(name in repr(request) for name in ("heron", "421"))
