"""Rows of the table: what a provider's batch endpoints do."""

from __future__ import annotations

import json

from tests.batch.standin import Fault, Outcome, errors, expired
from tests.hostile.cases import BatchCase, BatchForGoodCase, StepCase
from tests.llm.standin import completion, failure
from tests.pipeline.scripted import CANARY

OTHER_RUN = {"custom_id": "f.case.0", "response": completion("{}").body}
EMPTY = {"response": {"status_code": 200, "body": {}}}
NUMBERS = {"response": {"status_code": 200, "body": {"choices": [5]}}}
BATCHES: tuple[BatchCase, ...] = (
    BatchCase("another order", Outcome(answers=lambda lines: lines[::-1])),
    BatchCase("every line twice", Outcome(answers=lambda lines: lines + lines)),
    BatchCase(
        "garbage between",
        Outcome(raw=b'\n\x00\xff{"custom_id": 3}\n[]\n{"custom_id": "x", "response": {}}\nnull\n"cut'),
    ),
    BatchCase(
        "a status without end",
        Outcome(raw=b'{"custom_id": "x", "response": {"status_code": 1e999, "body": {}}}\n'),
    ),
    BatchCase("another run's line", Outcome(raw=json.dumps(OTHER_RUN).encode())),
    BatchCase("half expired", Outcome("expired", answers=lambda lines: lines[::2], errors=expired), again=True),
    BatchCase("all expired", Outcome("expired", answers=lambda _: [], errors=expired), again=True, nothing=True),
    BatchCase("lines missing", Outcome(answers=lambda lines: lines[3:]), again=True),
    BatchCase("cancelled with a part", Outcome("cancelled", answers=lambda lines: lines[:3]), again=True),
    BatchCase("failed as a whole", Outcome("failed", code="invalid_json_line"), again=True, nothing=True),
    BatchCase(
        "overloaded lines",
        Outcome(answers=lambda lines: lines[1:], errors=errors(500, "server_error")),
        again=True,
    ),
    BatchCase(
        "limited lines",
        Outcome(answers=lambda lines: lines[4:], errors=errors(429, "rate_limit_exceeded")),
        again=True,
    ),
    BatchCase(
        "the quota used up",
        Outcome(answers=lambda _: [], errors=errors(429, "insufficient_quota")),
        again=True,
        nothing=True,
    ),
    BatchCase(
        "no answer in the answer",
        Outcome(answers=lambda lines: [{**line, **EMPTY} for line in lines[:2]] + lines[2:]),
        again=True,
    ),
    BatchCase(
        "choices that are no messages",
        Outcome(answers=lambda lines: [{**line, **NUMBERS} for line in lines[:2]] + lines[2:]),
        again=True,
    ),
)
BATCHES_FOR_GOOD: tuple[BatchForGoodCase, ...] = (
    BatchForGoodCase("expired each time", Outcome("expired", answers=lambda _: [], errors=expired), "`batch_expired`"),
    BatchForGoodCase("failed each time", Outcome("failed", code="invalid_json_line"), "`invalid_json_line`"),
    BatchForGoodCase(
        "overloaded each time",
        Outcome(answers=lambda _: [], errors=errors(500, "server_error", CANARY)),
        "`server_error`",
    ),
    BatchForGoodCase(
        "the key refused",
        Outcome(answers=lambda _: [], errors=errors(401, "invalid_api_key", CANARY)),
        "`invalid_api_key`",
    ),
    BatchForGoodCase("no line each time", Outcome(answers=lambda _: []), "`batch_completed`"),
)
# Each happens once at each step: upload, creation, status, download, deletion.
STEP_FAULTS: tuple[StepCase, ...] = (
    StepCase("429", Fault("", failure(429, retry_after="0"))),
    StepCase("500", Fault("", failure(500))),
    StepCase("a broken connection", Fault("")),
    StepCase("a broken connection after it acted", Fault("", acted=True)),
    StepCase("an error after it acted", Fault("", failure(503), acted=True)),
    StepCase("an answer cut off", Fault("", cut=True)),
)
