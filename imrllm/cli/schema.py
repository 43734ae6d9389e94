"""`imrllm schema`: the JSON Schemas of what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from pydantic import BaseModel

EXAMPLES = """\b
Examples:
  imrllm schema > determination.schema.json
  imrllm schema eval > eval.schema.json
  imrllm schema --strict | jq '.["$defs"] | keys'"""


def schema(
    what: Annotated[
        Literal["record", "result", "corrections", "eval", "comparison"],
        typer.Argument(
            metavar="[WHAT]",
            help="`record`, a determination; `result`, a row of `extract`; `corrections`, what the page exports; "
            "`eval` or `comparison`, what those commands write with `--json`.",
            show_default=False,
        ),
    ] = "record",
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            envvar="IMRLLM_STRICT",
            help="As structured-output APIs demand it: every property required, nullable where it may be absent, no "
            "others admitted.",
        ),
    ] = False,
) -> None:
    """Print a JSON Schema, with the meaning of every field."""
    import json

    from imrllm.records import strict_schema

    model = _model(what)
    printed = strict_schema(model) if strict else model.model_json_schema()
    typer.echo(json.dumps(printed, indent=2, ensure_ascii=False))


def _model(what: str) -> type[BaseModel]:
    if what in ("record", "result"):
        from imrllm.records import Determination, Result

        return Determination if what == "record" else Result
    if what == "corrections":
        from imrllm.corrections import Corrections

        return Corrections
    from imrllm.evaluation import Comparison, EvalRun

    return EvalRun if what == "eval" else Comparison
