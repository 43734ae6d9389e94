"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        envvar="IMRLLM_MODEL",
        show_default=False,
        help="`provider/name` (openai/gpt-5-mini, ollama/qwen3, ...), `local` (the embedded model) or `none` (grammar "
        "alone, no calls). Default: an OpenAI model if OPENAI_API_KEY is set, else local.",
    ),
]
Prompt = Annotated[
    str | None,
    typer.Option(
        "--prompt",
        envvar="IMRLLM_PROMPT",
        show_default=False,
        help="Prompt version; `imrllm prompts list` lists them. Default: v3.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        envvar="IMRLLM_OUTPUT",
        show_default=False,
        help="Results file, JSON lines. Default: standard output.",
    ),
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", envvar="IMRLLM_LIMIT", min=1, show_default=False, help="Read at most this many letters."),
]
Ocr = Annotated[
    bool,
    typer.Option(
        "--ocr",
        envvar="IMRLLM_OCR",
        help="Recognize the text of scanned pages; needs `pip install 'imrllm[ocr]'` and `apt-get install "
        "tesseract-ocr`. Rows from scans always have status `review`.",
    ),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", envvar="IMRLLM_QUIET", help="Print only errors, no progress or summary.")
]
Json = Annotated[
    Path | None,
    typer.Option(
        "--json",
        envvar="IMRLLM_JSON",
        metavar="FILE",
        show_default=False,
        help="Write the full results as JSON; `imrllm schema eval` and `imrllm schema comparison` document it.",
    ),
]
Html = Annotated[
    Path | None,
    typer.Option("--html", envvar="IMRLLM_HTML", metavar="FILE", show_default=False, help="Write an HTML report."),
]
Evals = Annotated[Path, typer.Option("--evals", envvar="IMRLLM_EVALS", metavar="DIR", help="The folder of the suites.")]
Documents = Annotated[
    Path | None,
    typer.Option(
        "--documents",
        envvar="IMRLLM_DOCUMENTS",
        metavar="DIR",
        show_default=False,
        help="The letters of suites that do not include them: a folder of text files and PDFs named by document id.",
    ),
]
Cassettes = Annotated[
    Path,
    typer.Option(
        "--cassettes-dir", envvar="IMRLLM_CASSETTES_DIR", metavar="DIR", help="The folder of recorded answers."
    ),
]
