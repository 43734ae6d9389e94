"""What fits: files by count, size and tokens, and the window that follows what the provider accepts."""

from __future__ import annotations

import pytest

from imrllm.batch.windows import MAX_BYTES, MAX_REQUESTS, FileSize, Window


@pytest.mark.parametrize(
    ("held", "more", "stated", "fits"),
    [
        # An empty file takes any letter, or one too large would never go out.
        ((0, 0, 0), (1, MAX_BYTES + 1, 10**9), 100, True),
        ((MAX_REQUESTS - 3, 0, 0), (3, 1, 1), None, True),
        ((MAX_REQUESTS - 3, 0, 0), (4, 1, 1), None, False),
        ((1, MAX_BYTES - 10, 0), (1, 10, 1), None, True),
        ((1, MAX_BYTES - 10, 0), (1, 11, 1), None, False),
        # A quarter of the window, so that the next file need not wait for all of it.
        ((1, 1, 20), (1, 1, 5), 100, True),
        ((1, 1, 20), (1, 1, 6), 100, False),
    ],
)
def test_a_file(held: tuple[int, int, int], more: tuple[int, int, int], stated: int | None, fits: bool) -> None:
    assert FileSize(*held).has_room(*more, Window(stated)) is fits


@pytest.mark.parametrize(
    ("stated", "enqueued", "drafted", "tokens", "fits"),
    [
        (None, 10**12, 0, 10**12, True),
        (100, 60, 0, 40, True),
        (100, 60, 0, 41, False),
        (100, 60, 20, 21, False),
        # Alone it goes out, whatever it is: the provider must say.
        (100, 0, 0, 500, True),
        (100, 0, 1, 500, False),
    ],
)
def test_a_window(stated: int | None, enqueued: int, drafted: int, tokens: int, fits: bool) -> None:
    assert Window(stated, enqueued=enqueued).has_room(tokens, drafted) is fits


def test_a_window_follows_what_is_accepted() -> None:
    window = Window()
    for tokens in (40, 100):
        window.sent(tokens)
    window.ended(100, refused=True)
    assert (window.enqueued, window.allowed) == (40, 90)
    window.ended(40, completed=True)
    assert (window.enqueued, window.allowed) == (0, 180)
    stated = Window(200)
    stated.sent(200)
    stated.ended(200, refused=True)
    assert stated.allowed == 100
    for _ in range(3):
        stated.sent(50)
        stated.ended(50, completed=True)
    assert stated.allowed == 200


def test_an_expired_batch_says_nothing_of_the_window() -> None:
    window = Window(200, allowed=50)
    window.sent(50)
    window.ended(50)
    assert (window.enqueued, window.allowed) == (0, 50)
