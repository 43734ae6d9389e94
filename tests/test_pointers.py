"""JSON Pointers: RFC 6901's own examples, and what points at nothing."""

from __future__ import annotations

from typing import Any

import pytest

from imrllm import pointers

# RFC 6901, section 5.
RFC = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", RFC),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_the_examples_of_the_standard(pointer: str, value: Any) -> None:
    assert pointers.get(RFC, pointer) == pointers.find(RFC, pointer) == value
    assert pointers.exists(RFC, pointer)
    assert pointers.join(pointers.split(pointer)) == pointer


@pytest.mark.parametrize(
    ("pointer", "reason"),
    [
        ("foo", "no slash before it"),
        ("/nothing", "no such name"),
        ("/foo/2", "behind the last entry"),
        ("/foo/-", "the entry behind the last"),
        ("/foo/-1", "no negative index"),
        ("/foo/01", "a zero before it"),
        ("/foo/\u0661", "a figure of another script"),
        (f"/foo/{'9' * 5000}", "longer than any number"),
        ("/foo/bar", "no index"),
        ("/foo/0/0", "in a text"),
        ("/a~1b/x", "in a number"),
    ],
)
def test_what_points_at_nothing(pointer: str, reason: str) -> None:
    assert not pointers.exists(RFC, pointer), reason
    assert pointers.find(RFC, pointer) is None, reason
    with pytest.raises(LookupError):
        pointers.get(RFC, pointer)
    with pytest.raises(LookupError):
        pointers.put({**RFC}, pointer, 1)


def test_null_is_a_value_and_a_tuple_a_list() -> None:
    assert pointers.exists({"a": ({"b": None},)}, "/a/0/b")
    assert pointers.find({"a": None}, "/a/b") is None


def test_a_value_is_replaced_in_place() -> None:
    root: dict[str, Any] = {"a": [{"b/c": 1}]}
    pointers.put(root, "/a/0/b~1c", 2)
    assert root == {"a": [{"b/c": 2}]}
    with pytest.raises(LookupError):
        pointers.put(RFC, "", {})


def test_what_holds_a_value() -> None:
    assert pointers.parent("/a/b/0") == "/a/b"
    assert pointers.parent("/a") == ""
    assert pointers.is_entry("/a/b/0", "/a/b")
    assert not pointers.is_entry("/a/b/c", "/a/b")
    assert not pointers.is_entry("/a/b/0/c", "/a/b")
