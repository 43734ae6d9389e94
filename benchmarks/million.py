"""Estimates a run over a million letters: tokens, money with and without batch and prompt cache, hours and disk.

Run: python benchmarks/million.py [LETTERS] [--letters 1000000] [--models openai/gpt-5-mini ...]

It counts the given letters (by default the written ones) and multiplies: calls and tokens as `--dry-run` counts them,
money at the prices in genai-prices, and rows as `--model none` writes them. Hidden reasoning is not included. Hours are
calls × seconds per call / simultaneous calls, plus the processor time of one core, which is measured: with a folder
of PDFs, what reading these costs too.
"""

from __future__ import annotations

import argparse
import gzip
import time
from dataclasses import replace
from pathlib import Path

from imrllm import Extractor
from imrllm.documents import Unreadable, read_documents
from imrllm.estimates import Estimate, Estimator
from imrllm.llm import resolve_model
from imrllm.prompts import DEFAULT_PROMPT, load_prompt

WRITTEN = Path(__file__).resolve().parent.parent / "evals" / "written" / "letters"
MODELS = ("openai/gpt-5-nano", "openai/gpt-5-mini", "openai/gpt-5")
IN_FLIGHT = (8, 32, 128)
SECONDS_A_CALL = 3.0


def main() -> None:
    """Count, multiply and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", nargs="*", default=[WRITTEN], metavar="LETTERS")
    parser.add_argument("--letters", type=int, default=1_000_000, help="the number of letters to estimate")
    parser.add_argument("--models", nargs="+", default=MODELS, help="the models whose prices are used")
    parser.add_argument("--prompt", default=DEFAULT_PROMPT)
    given = parser.parse_args()
    started = time.process_time()
    documents = [each for each in read_documents(given.inputs) if not isinstance(each, Unreadable)]
    reading = time.process_time() - started
    times = given.letters / len(documents)
    prompt = load_prompt(given.prompt)
    print(f"{given.letters:,} letters, as {len(documents)} are on average; prompt {prompt.name}\n")
    for name in given.models:
        costs = {}
        for batched in (False, True):
            estimate = Estimate(Estimator(replace(resolve_model(name, environ={}), batched=batched), prompt))
            for document in documents:
                estimate.add(document)
            costs[batched] = [each and each * times for each in (estimate.cost, estimate.cached_cost)]
        shown = [f"{cost:>10,.0f}" if cost is not None else f"{'–':>10}" for pair in costs.values() for cost in pair]
        if name == given.models[0]:
            print(f"{'calls':<20}{estimate.calls.total() * times / 1e6:10,.1f} million")
            print(f"{'tokens in':<20}{estimate.input_tokens * times / 1e9:10,.2f} billion")
            print(f"{'  of them cacheable':<20}{estimate.cacheable_tokens * times / 1e9:10,.2f} billion")
            print(f"{'tokens out':<20}{estimate.output_tokens * times / 1e9:10,.2f} billion\n")
            print(f"{'US dollars':<20}{'at once':>10}{'+ cache':>10}{'batch':>10}{'+ cache':>10}")
        print(f"{name:<20}{''.join(shown)}")
    print(f"\n{'calls at a time':<20}{f'hours at {SECONDS_A_CALL:g} s a call':>24}")
    for in_flight in IN_FLIGHT:
        print(f"{in_flight:<20}{estimate.calls.total() * times * SECONDS_A_CALL / in_flight / 3600:>24,.0f}")
    extractor = Extractor("none")
    started = time.process_time()
    rows = [extractor.extract(document).model_dump_json() for document in documents]
    seconds = time.process_time() - started
    print(f"\n{'processor':<20}{seconds * times / 3600:10,.1f} hours of one core to make records, without a model")
    print(f"{'':<20}{reading * times / 3600:10,.1f} hours of one core to read the files")
    size, text = sum(len(row) + 1 for row in rows), sum(len(document.text.encode()) for document in documents)
    packed = len(gzip.compress("\n".join(rows).encode()))
    print(f"{'disk':<20}{size * times / 1e9:10,.1f} GB of rows ({packed * times / 1e9:,.1f} GB by gzip)")
    print(f"{'':<20}{text * times / 1e9:10,.1f} GB of letters as text")


if __name__ == "__main__":
    main()
