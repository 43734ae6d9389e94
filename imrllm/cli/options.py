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
        "alone, no call). Default: an OpenAI model where OPENAI_API_KEY is set, else local.",
    ),
]
Prompt = Annotated[
    str | None,
    typer.Option(
        "--prompt",
        envvar="IMRLLM_PROMPT",
        show_default=False,
        help="Prompt version; `imrllm prompts list` has them. Default: v3.",
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
    typer.Option("--limit", envvar="IMRLLM_LIMIT", min=1, show_default=False, help="Read the first so many letters."),
]
Ocr = Annotated[
    bool,
    typer.Option(
        "--ocr",
        envvar="IMRLLM_OCR",
        help="Recognize the text of scanned pages; needs `pip install 'imrllm[ocr]'` and `apt-get install "
        "tesseract-ocr`. Rows made so are always `review`.",
    ),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", envvar="IMRLLM_QUIET", help="No progress and no summary; errors only.")
]
Json = Annotated[
    Path | None,
    typer.Option(
        "--json",
        envvar="IMRLLM_JSON",
        metavar="FILE",
        show_default=False,
        help="Write all that was found as JSON; `imrllm schema eval` and `imrllm schema comparison` document it.",
    ),
]
Html = Annotated[
    Path | None,
    typer.Option("--html", envvar="IMRLLM_HTML", metavar="FILE", show_default=False, help="Write a page to look at."),
]
Evals = Annotated[
    Path, typer.Option("--evals", envvar="IMRLLM_EVALS", metavar="DIR", help="The suites, each a folder of its own.")
]
Documents = Annotated[
    Path | None,
    typer.Option(
        "--documents",
        envvar="IMRLLM_DOCUMENTS",
        metavar="DIR",
        show_default=False,
        help="A folder of letters, for suites that do not ship theirs: text files and PDFs by document id.",
    ),
]
Cassettes = Annotated[
    Path,
    typer.Option("--cassettes-dir", envvar="IMRLLM_CASSETTES_DIR", metavar="DIR", help="The recorded answers."),
]
