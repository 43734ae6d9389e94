"""Compares the overhead of clients: 2,000 letters through a stand-in server.

Run: pip install "langextract>=1.7"; python benchmarks/overhead.py [--letters 2000] [--in-flight 32 128]

Every contestant sends the same letters to the same server, which answers each call after the same time. The contestants
are `imrllm extract` (which also reads each letter, checks the answer and writes the row), `asyncio.gather` on plain
instructor and on the plain openai SDK, both with prepared questions, and LangExtract. Each runs as a separate process.
Its wall time lasts from the server's first request to its last answer; another benchmark measures start-up. The ideal
time is calls × latency / calls in flight.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from standin import serving
from throughput import LETTERS, write_variations

# One call per letter.
PROMPT = str(Path(__file__).parents[1] / "tests" / "prompts" / "whole.md")
MODEL = "stand-in"


def questions(source: Path) -> list[list[dict[str, str]]]:
    """The chat turns about each letter of a JSONL file, as `imrllm extract` sends them."""
    from imrllm.documents import read_documents
    from imrllm.planning import read_in_full
    from imrllm.prompts import load_prompt

    prompt = load_prompt(PROMPT)
    letters = (read_in_full(document) for document in read_documents([str(source)]))
    return [prompt.messages("letter", **letter.calls(prompt)[0].parts) for letter in letters]


async def gathered(ask: Callable[[Any], Awaitable[Any]], messages: list[Any], in_flight: int) -> None:
    """Ask all questions, so many at a time."""
    gate = asyncio.Semaphore(in_flight)

    async def one(turns: Any) -> None:
        async with gate:
            await ask(turns)

    await asyncio.gather(*map(one, messages))


def plain_openai(source: Path, url: str, in_flight: int) -> None:
    """The SDK alone: a schema made once, the answer validated."""
    import openai

    from imrllm.records import LetterAnswer, strict_schema

    messages = questions(source)
    form: Any = {
        "type": "json_schema",
        "json_schema": {"name": "LetterAnswer", "strict": True, "schema": strict_schema(LetterAnswer)},
    }

    async def run() -> None:
        async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:

            async def ask(turns: Any) -> None:
                completion = await client.chat.completions.create(
                    model=MODEL, messages=turns, response_format=form, max_tokens=2048
                )
                LetterAnswer.model_validate_json(completion.choices[0].message.content or "")

            await gathered(ask, messages, in_flight)

    asyncio.run(run())


def plain_instructor(source: Path, url: str, in_flight: int) -> None:
    """Instructor on the SDK, as its own documentation has it."""
    import instructor
    import openai

    from imrllm.records import LetterAnswer

    messages = questions(source)

    async def run() -> None:
        async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as plain:
            client = instructor.from_openai(plain, mode=instructor.Mode.JSON_SCHEMA)

            async def ask(turns: Any) -> None:
                await client.chat.completions.create(
                    model=MODEL, messages=turns, response_model=LetterAnswer, max_tokens=2048
                )

            await gathered(ask, messages, in_flight)

    asyncio.run(run())


def langextract(source: Path, url: str, in_flight: int) -> None:
    """LangExtract with its own OpenAI provider, one call a letter; it aligns what was answered."""
    import langextract as lx
    from absl import logging
    from langextract.providers.openai import OpenAILanguageModel

    logging.set_verbosity(logging.ERROR)
    documents = [
        lx.data.Document(text=row["text"], document_id=row["id"])
        for row in map(json.loads, source.open(encoding="utf-8"))
    ]
    example = lx.data.ExampleData(
        text="Norco 10/325mg #120: Upheld",
        extractions=[lx.data.Extraction(extraction_class="treatment", extraction_text="Norco")],
    )
    lx.extract(
        documents,
        prompt_description="Extract the treatments.",
        examples=[example],
        model=OpenAILanguageModel(MODEL, api_key="none", base_url=url, max_workers=in_flight),
        max_char_buffer=1_000_000,
        batch_length=in_flight,
        max_workers=in_flight,
        show_progress=False,
    )


def ours(source: Path, url: str, in_flight: int) -> None:
    """`imrllm extract`, rows and all."""
    os.environ["OPENAI_BASE_URL"] = url
    output = source.with_suffix(".out.jsonl")
    command = ["extract", str(source), "--model", f"vllm/{MODEL}", "--prompt", PROMPT, "--quiet", "--fresh"]
    os.execv(  # noqa: S606 - this very interpreter
        sys.executable,
        [sys.executable, "-m", "imrllm", *command, "--concurrency", str(in_flight), "-o", str(output)],
    )


CONTESTANTS: dict[str, Callable[[Path, str, int], None]] = {
    "imrllm": ours,
    "openai": plain_openai,
    "instructor": plain_instructor,
    "langextract": langextract,
}


def statistics(url: str) -> dict[str, float]:
    """What the server counted since it was last asked."""
    with urlopen(url.removesuffix("/v1") + "/statistics") as answer:  # noqa: S310 - loopback
        counted: dict[str, float] = json.load(answer)
    return counted


def main() -> None:
    """Let each contestant run at each number in flight, in turn, and print a line for it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=2000, help="how many letters, one call each")
    parser.add_argument("--latency", type=float, default=0.5, help="seconds that the server takes for each call")
    parser.add_argument(
        "--in-flight", type=int, nargs="+", default=[32, 128], help="simultaneous calls, a round for each"
    )
    parser.add_argument("--only", choices=CONTESTANTS, nargs="+", default=list(CONTESTANTS), help="whom to measure")
    parser.add_argument("--run", nargs=4, metavar=("NAME", "FILE", "URL", "IN_FLIGHT"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        name, source, url, in_flight = given.run
        CONTESTANTS[name](Path(source), url, int(in_flight))
        return
    texts = [file.read_text(encoding="utf-8") for file in sorted(LETTERS.glob("*.txt"))]
    with tempfile.TemporaryDirectory() as folder, serving("--latency", given.latency) as url:
        source = Path(folder) / "letters.jsonl"
        write_variations(source, texts, given.letters)
        for in_flight in given.in_flight:
            ideal = given.letters * given.latency / in_flight
            print(
                f"\n{given.letters:,} letters, {given.latency:g} s a call, {in_flight} in flight: ideal {ideal:.2f} s"
            )
            rates = {}
            for name in given.only:
                if name == "langextract" and find_spec(name) is None:
                    print(f"{name:<12} is not installed")
                    continue
                statistics(url)
                before = os.times()
                started = time.perf_counter()
                command = [sys.executable, __file__, "--run", name, str(source), url, str(in_flight)]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                whole = time.perf_counter() - started
                after = os.times()
                processor = after.children_user + after.children_system - before.children_user - before.children_system
                counted = statistics(url)
                wall, calls = counted["seconds"], int(counted["requests"])
                rates[name] = calls / wall
                print(
                    f"{name:<12} {calls:>6,} calls  {wall:7.2f} s = {wall / ideal:5.2f} × ideal  {rates[name]:6.1f} "
                    f"calls/s  with start-up: {1000 * processor / calls:5.1f} ms of processor a call, {whole:6.2f} s"
                )
            if {"imrllm", "instructor"} <= rates.keys():
                ratio = rates["imrllm"] / rates["instructor"]
                print(f"imrllm makes {ratio:.2f} times the calls a second of plain instructor")


if __name__ == "__main__":
    main()
