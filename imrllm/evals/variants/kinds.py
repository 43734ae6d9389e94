"""The registry of kinds of change: each a small function with a name."""

from __future__ import annotations

from collections.abc import Callable

from imrllm.evals.variants.draft import Change

KINDS: dict[str, Change] = {}


def kind(name: str) -> Callable[[Change], Change]:
    """Register a change under its name."""

    def register(change: Change) -> Change:
        KINDS[name] = change
        return change

    return register
