"""Simulates how long many letters take with a Batch API that limits the number of waiting tokens.

Run: python benchmarks/batch_windows.py [--letters 1000000] [--windows 2000000 40000000 ...]

The program's own windows and request files run against a simulated clock. No letter is read and nothing is sent. The
simulation assumes, and prints: calls and input tokens per letter (as `imrllm extract --dry-run` counts them for the
written letters with the default prompt); hours from a batch's creation to its end, drawn uniformly between two bounds,
of which the upper one is the provider's completion window; the share of requests that expire and are sent again; and
the polling interval (`imrllm batch collect --wait` polls each minute, the simulation each ten, which does not change
days).
"""

from __future__ import annotations

import argparse
import heapq
import random
from dataclasses import dataclass
from pathlib import Path

from imrllm.batch.windows import FileSize, Window
from imrllm.documents import read_documents
from imrllm.estimates import Estimator
from imrllm.llm import resolve_model
from imrllm.prompts import load_prompt

# Asks the most.
PROMPT = "v5"
LETTERS = Path(__file__).resolve().parent.parent / "evals" / "written" / "letters"
POLL_HOURS = 1 / 6
# Size of a request line: characters per token, plus the schema and the prompt's constant part as JSON.
BYTES_A_TOKEN = 4.6


@dataclass(frozen=True)
class Letter:
    """What one letter asks."""

    calls: int
    tokens: int

    @property
    def size(self) -> int:
        """Bytes of its request lines."""
        return round(self.tokens * BYTES_A_TOKEN)


@dataclass(frozen=True)
class Took:
    """What a run came to."""

    batches: int
    tokens: int
    days: float


def written_letters() -> list[Letter]:
    """What each written letter asks."""
    estimator = Estimator(resolve_model("openai/gpt-5-mini", environ={}), load_prompt(PROMPT))
    asked = [estimator.calls(document) for document in read_documents([LETTERS])]
    return [Letter(len(calls), sum(call.input_tokens for call in calls)) for calls in asked]


def simulate(letters: list[Letter], count: int, stated: int | None, hours: tuple[float, float], expire: float) -> Took:
    """Send so many letters.

    Args:
        letters: what each asks; taken in turn.
        count: how many to send.
        stated: the window's tokens; None is no limit.
        hours: shortest and longest time of a batch.
        expire: the share of letters that a batch leaves unanswered.
    """
    chance = random.Random(20160101)
    window = Window(stated)
    # When each batch ends, its number, its tokens and its letters.
    under_way: list[tuple[float, int, int, int]] = []
    now, sent, batches, tokens, again = 0.0, 0, 0, 0, 0
    while sent < count or again or under_way:
        while under_way and under_way[0][0] <= now:
            _, _, ended, held = heapq.heappop(under_way)
            window.ended(ended, completed=True)
            again += round(held * expire)
        while sent < count or again:
            draft, held = FileSize(), 0
            while sent < count or again:
                letter = letters[(sent + again) % len(letters)]
                if not window.has_room(letter.tokens, draft.tokens):
                    break
                if not draft.has_room(letter.calls, letter.size, letter.tokens, window):
                    break
                draft.add(letter.calls, letter.size, letter.tokens)
                held += 1
                sent, again = (sent, again - 1) if again else (sent + 1, again)
            if not held:
                break
            batches += 1
            tokens += draft.tokens
            window.sent(draft.tokens)
            heapq.heappush(under_way, (now + chance.uniform(*hours), batches, draft.tokens, held))
        if under_way:
            # Batches are checked only at polling times.
            polls = max(1, -(-(under_way[0][0] - now) // POLL_HOURS))
            now += polls * POLL_HOURS
    return Took(batches, tokens, now / 24)


def main() -> None:
    """Print a line for each window."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=1_000_000, help="how many letters")
    parser.add_argument(
        "--windows", type=int, nargs="+", default=[5_000_000, 40_000_000, 1_000_000_000, 15_000_000_000, 0]
    )
    parser.add_argument("--expire", type=float, default=0.01, help="share of letters that a batch leaves unanswered")
    given = parser.parse_args()
    letters = written_letters()
    calls = sum(letter.calls for letter in letters) / len(letters)
    tokens = sum(letter.tokens for letter in letters) / len(letters)
    print(f"{given.letters:,} letters, {calls:.1f} calls and {tokens:,.0f} input tokens a letter, prompt {PROMPT}")
    print(f"{given.expire:.0%} of the letters of each batch expire and go out again; looked at each 10 minutes")
    print(f"{'window, tokens':>16} {'hours a batch':>14} {'batches':>9} {'tokens sent':>16} {'days':>9}")
    for window in given.windows:
        for hours in ((1.0, 6.0), (24.0, 24.0)):
            took = simulate(letters, given.letters, window or None, hours, given.expire)
            name = f"{window:,}" if window else "no limit"
            between = f"{hours[0]:.0f}-{hours[1]:.0f}" if hours[0] < hours[1] else f"{hours[0]:.0f}"
            print(f"{name:>16} {between:>14} {took.batches:>9,} {took.tokens:>16,} {took.days:>9,.1f}")


if __name__ == "__main__":
    main()
