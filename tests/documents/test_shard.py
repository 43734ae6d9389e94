"""Which part of the documents a machine has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imrllm.documents import Shard
from imrllm.errors import UsageError


@pytest.mark.parametrize(
    ("text", "shard"), [("1/1", Shard(1, 1)), ("2/3", Shard(2, 3)), (" 10/10 ", Shard(10, 10)), ("01/02", Shard(1, 2))]
)
def test_a_shard_is_read(text: str, shard: Shard) -> None:
    assert Shard.parse(text) == shard
    assert Shard.parse(str(shard)) == shard


@pytest.mark.parametrize("text", ["", "1", "/", "1/", "/2", "0/2", "3/2", "-1/2", "1/0", "1/2/3", "a/b", "1/2\u00b2"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        Shard.parse(text)
    assert "`i/n`" in raised.value.hint


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 20))
def test_each_document_is_in_one_part(name: str, of: int) -> None:
    assert sum(Shard(number, of).has(name) for number in range(1, of + 1)) == 1


def test_a_documents_part_never_changes() -> None:
    # Another assignment would have half-finished shards lose letters and read others twice.
    assert [
        next(number for number in range(1, 6) if Shard(number, 5).has(name))
        for name in ("CM16-0000001", "w07", "\u00e9")
    ] == [4, 2, 2]


def test_parts_are_of_like_size() -> None:
    sizes = [sum(Shard(number, 4).has(f"CM16-{case:07}") for case in range(4000)) for number in range(1, 5)]
    assert min(sizes) > 900
