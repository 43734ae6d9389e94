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
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", envvar="IMRLLM_QUIET", help="No progress and no summary; errors only.")
]
