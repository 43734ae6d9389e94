"""A call's name is known where it is made, and nowhere else."""

from __future__ import annotations

import asyncio

from imrllm.llm.calls import Call, current_call, naming


def test_a_call_reads_as_its_place_in_the_letter() -> None:
    assert str(Call("w07", "v2", "case")) == "case"
    assert str(Call("w07", "v2", "item", 2)) == "item 2"


def test_a_name_holds_within_its_block() -> None:
    outer, inner = Call("w07", "v2", "case"), Call("w07", "v2", "item", 1)
    assert current_call() is None
    with naming(outer):
        with naming(inner):
            assert current_call() == inner
        assert current_call() == outer
    assert current_call() is None


def test_calls_side_by_side_keep_their_names() -> None:
    async def ask(item: int) -> Call | None:
        with naming(Call("w07", "v2", "item", item)):
            await asyncio.sleep(0)
            return current_call()

    async def run() -> list[Call | None]:
        return await asyncio.gather(*(ask(item) for item in range(3)))

    assert [call.item for call in asyncio.run(run()) if call] == [0, 1, 2]
