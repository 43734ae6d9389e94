"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.models import OptionInfo


def option(name: str, *short: str, **settings: Any) -> OptionInfo:
    """An option whose environment variable is named after it: `IMRLLM_ON_CONFLICT` for `--on-conflict`."""
    variable = name.partition("/")[0].removeprefix("--").replace("-", "_").upper()
    found: OptionInfo = typer.Option(name, *short, **{"envvar": f"IMRLLM_{variable}", **settings})
    return found


Model = Annotated[
    str | None,
    option(
        "--model",
        help="`provider/name` (openai/gpt-5-mini, ollama/qwen3, ...), `local` (the embedded model) or `none` (grammar "
        "alone, no calls). Default: an OpenAI model if OPENAI_API_KEY is set, else none.",
    ),
]
Prompt = Annotated[
    str | None, option("--prompt", help="Prompt version; `imrllm prompts list` lists them. Default: v4.")
]
OnConflict = Annotated[
    Literal["flag", "repair", "reask"],
    option(
        "--on-conflict",
        help="If model and letter disagree, `flag` keeps the model's value, `repair` takes that of the reader that "
        "gold shows to be right more often, and `reask` asks the model once more, then repairs. The check records the "
        "conflict in each case.",
    ),
]
Redact = Annotated[
    bool,
    option(
        "--redact",
        help="Mask Social Security, phone, claim and medical record numbers and e-mail addresses in requests to "
        "the model, each letter and digit as an X. Names are not masked, nor are headings and rationales in "
        "the record, which come from the letter.",
    ),
]
ReviewAbove = Annotated[
    float | None,
    option(
        "--review-above",
        metavar="RISK",
        min=0,
        max=1,
        help="Ask a person to look at a value whose risk of being wrong is above this, 0 to 1. With 1, only where the "
        "letter contradicts itself. Default: what the calibration table states, which the summary prints.",
    ),
]
Form = Annotated[
    str | None,
    option(
        "--form",
        metavar="NAME|FILE",
        help="Try this form of letters before the known ones: a form file of your own (`imrllm form show` prints "
        "examples), or the name of a known form. `rationale`: each text is only a decision's reasoning, as review sets "
        "publish it. Default: the known forms, as `imrllm form list` prints them.",
    ),
]
TextColumn = Annotated[
    str | None,
    option(
        "--text-column",
        metavar="NAME",
        help="The column of CSV and TSV tables, and the field of JSON lines, that holds the text. Default: `text`.",
    ),
]
IdColumn = Annotated[
    str | None,
    option("--id-column", metavar="NAME", help="The column that holds a row's id. Default: `id`, if there is one."),
]
OutcomeColumn = Annotated[
    str | None,
    option(
        "--outcome-column",
        metavar="NAME",
        help="With `--form rationale`: the column that holds the outcome, such as `Upheld Decision of Health Plan`.",
    ),
]
ShardOf = Annotated[
    str | None,
    option(
        "--shard",
        metavar="i/n",
        help="Read part i of n, for n machines with the same inputs. A letter's id alone decides its part. "
        "`imrllm merge` joins the results.",
    ),
]
Output = Annotated[Path | None, option("--output", "-o", help="Results file, JSON lines. Default: standard output.")]
Limit = Annotated[int | None, option("--limit", min=1, help="Read at most this many letters.")]
FirstLetters = Annotated[
    int | None,
    option(
        "--limit",
        min=1,
        help="Take only the first letters of each suite, at most this many, to try a prompt. The suite's own "
        "thresholds do not apply to the figures then.",
    ),
]
Ocr = Annotated[
    bool,
    option(
        "--ocr",
        help="Recognize the text of scanned pages; needs `apt-get install tesseract-ocr`. Rows from scans "
        "always have status `review`.",
    ),
]
Force = Annotated[bool, option("--force", help="Replace the output if it exists.")]
Quiet = Annotated[bool, option("--quiet", "-q", help="Print only errors, no progress or summary.")]
Json = Annotated[
    Path | None,
    option(
        "--json",
        metavar="FILE",
        help="Write the full results as JSON; `imrllm schema eval` and `imrllm schema comparison` document it.",
    ),
]
Html = Annotated[Path | None, option("--html", metavar="FILE", help="Write an HTML report.")]
Messages = Annotated[
    bool,
    option(
        "--messages",
        help="With `--html`, and with `--inspect` of `eval`: also show the messages about each letter that is here, "
        "and the recorded answers. The file then holds the letters' text.",
    ),
]
Evals = Annotated[Path, option("--evals", metavar="DIR", help="The folder of the suites.")]
Documents = Annotated[
    Path | None,
    option(
        "--documents",
        metavar="DIR",
        help="The letters of suites that do not include them: a folder of text files and PDFs named by document id.",
    ),
]
Cassettes = Annotated[Path, option("--cassettes-dir", metavar="DIR", help="The folder of recorded answers.")]
