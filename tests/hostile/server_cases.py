"""Rows of the table: what a model's server does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from tests.hostile.cases import ServerCase
from tests.letters import right_letter_answer
from tests.llm.standin import Reply, completion, cut, dropped, failure, gzipped, hanging, no_choices

GOOD = completion(right_letter_answer().model_dump_json())
NO_JSON = completion("Here is the record you asked for.")
NUMBER = Reply(200, {"choices": [{"message": {"content": 5}}]})
ENDLESS = completion(json.dumps({"disputed_items": [{}] * 30_000}))
OTHER_SCHEMA = completion(json.dumps({"age": "forty"}))
BROKEN = Reply(200, b'{"choices": [{"mess\xff')
NO_COMPLETION = Reply(200, {"error": {"message": "no"}})
HTML = {"content-type": "text/html"}


LIMITED = "stayed overloaded or limited"
INCOMPATIBLE = "does not answer like an OpenAI-compatible one"
PATIENCE = sum(2**attempt for attempt in range(6)) + 60


def with_usage(**counts: Any) -> Reply:
    """A good answer that reports other tokens."""
    return replace(GOOD, body={**GOOD.body, "usage": {**GOOD.body["usage"], **counts}})


SERVERS: tuple[ServerCase, ...] = (
    # It passes: the letter is read.
    ServerCase("429 that names a wait", (failure(429, retry_after="20"),), 2, waited=20),
    ServerCase("429 that names none", (failure(429),), 2, waited=1),
    ServerCase("500", (failure(500),), 2, waited=1),
    ServerCase("503, five in a row", (failure(503),) * 5, 6, waited=31),
    ServerCase("connection dropped", (dropped(),), 2, waited=1),
    ServerCase("connection dropped mid-body", (cut(GOOD),), 2, waited=1),
    ServerCase("hang", (hanging(),), 2, waited=1),
    ServerCase("slow drip", (replace(GOOD, pieces=300),), 1),
    ServerCase("gzip", (gzipped(GOOD),), 1),
    ServerCase("gzip, dropped mid-body", (cut(gzipped(GOOD)),), 2, waited=1),
    ServerCase("gzip that is none", (replace(GOOD, headers={"content-encoding": "gzip"}),), 2, waited=1),
    ServerCase("a broken body", (BROKEN,), 2, waited=1),
    ServerCase("a web page between answers", (Reply(200, b"<html>", HTML),), 2, waited=1),
    ServerCase("an error with the status of success", (NO_COMPLETION,), 2, waited=1),
    ServerCase("a count of tokens that is an object", (with_usage(total_tokens={"a": 1}),), 1),
    ServerCase("a count of tokens with a fraction", (with_usage(prompt_tokens=1.5),), 1),
    ServerCase("details of tokens that are a text", (with_usage(prompt_tokens_details="a"),), 1),
    ServerCase("no JSON", (NO_JSON,), 2),
    ServerCase("JSON of another schema", (OTHER_SCHEMA,), 2),
    ServerCase("500 on the second asking", (NO_JSON, failure(500)), 3, waited=1),
    # It stays: the letter's row says why, and the next letter is read.
    ServerCase("429 for good", (failure(429),) * 8, 8, PATIENCE, "TransientModelError", f"{LIMITED} (HTTP 429"),
    ServerCase("500 for good", (failure(500),) * 8, 8, PATIENCE, "TransientModelError", f"{LIMITED} (HTTP 500"),
    ServerCase("broken bodies for good", (BROKEN,) * 8, 8, PATIENCE, "TransientModelError", "broken again and again"),
    ServerCase("dropped for good", (dropped(),) * 8, 8, PATIENCE, "TransientModelError", "broke again and again"),
    ServerCase("no JSON, twice", (NO_JSON,) * 2, 2, 0, "InvalidAnswerError", "after 2 tries"),
    ServerCase("another schema, twice", (OTHER_SCHEMA,) * 2, 2, 0, "InvalidAnswerError", "did not fit the schema"),
    ServerCase("truncation", (completion('{"revie', "length"),), 1, 0, "TruncatedError", "reached its length limit"),
    ServerCase("refusal", (completion(None, refusal="I cannot."),), 1, 0, "RefusedError", "declined to answer"),
    ServerCase("content filter", (completion("", "content_filter"),), 1, 0, "RefusedError", "content filter stopped"),
    ServerCase("empty choices", (no_choices(),), 1, 0, "InvalidAnswerError", "returned no choices"),
    ServerCase(
        "an answer that is a number, twice", (NUMBER,) * 2, 2, 0, "InvalidAnswerError", "did not fit the schema"
    ),
    ServerCase("an answer without end", (ENDLESS,), 1, 0, "InvalidAnswerError", "more than 100,000 characters"),
    ServerCase("400", (failure(400),), 1, 0, "ModelError", "refused the request (HTTP 400"),
    ServerCase(
        "400, too long",
        (failure(400, code="context_length_exceeded"),),
        1,
        0,
        "ModelError",
        "Use a model with a longer context",
    ),
    # No letter could succeed: the run ends, and the same command goes on once it is mended.
    ServerCase("401", (failure(401),), 1, said="refuses the key (HTTP 401", stops=True),
    ServerCase("403", (failure(403),), 1, said="refuses the key (HTTP 403", stops=True),
    ServerCase("404", (failure(404),), 1, said="No model `vllm/stand-in` at", stops=True),
    ServerCase("429, no credit", (failure(429, code="insufficient_quota"),), 1, said="is used up", stops=True),
    ServerCase("a text before any answer", (Reply(200, b"Welcome."),), 1, said=INCOMPATIBLE, stops=True),
    ServerCase("JSON of another API before any answer", (NO_COMPLETION,), 1, said=INCOMPATIBLE, stops=True),
    ServerCase("a web page", (Reply(200, b"<html>", HTML),), 1, said=INCOMPATIBLE, stops=True),
)
