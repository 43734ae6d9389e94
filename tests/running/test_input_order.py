"""Rows in input order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imrllm.records import Provenance, Result
from imrllm.running.input_order import InputOrder
from imrllm.running.rows import Row


def row(name: str) -> Row:
    return Row.of(Result(document_id=name, status="ok", provenance=Provenance(model="none", version="0")))


@given(st.permutations(range(6)), st.integers(0, 6))
def test_rows_come_out_in_input_order_however_they_finish(finished: list[int], broken_off: int) -> None:
    written: list[str] = []
    order = InputOrder(lambda each: written.append(each.document_id))
    for number in range(6):
        order.expect(str(number))
    for number in finished[:broken_off]:
        order.add(row(str(number)))
        assert written == sorted(written)
    order.flush()
    assert written == sorted(map(str, finished[:broken_off]))
