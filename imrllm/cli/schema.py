"""`imrllm schema`: print the JSON Schemas of the output, or the data dictionary of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from imrllm.cli.options import option

if TYPE_CHECKING:
    from pydantic import BaseModel

EXAMPLES = """\b
Examples:
  imrllm schema > determination.schema.json
  imrllm schema eval > eval.schema.json
  imrllm schema tables > tables.md
  imrllm schema --strict | jq '.["$defs"] | keys'"""


def schema(
    what: Annotated[
        Literal["record", "result", "corrections", "eval", "comparison", "tables"],
        typer.Argument(
            metavar="[WHAT]",
            show_default=False,
            help="`record`, a determination; `result`, a row of `extract`; `corrections`, what `view` exports; "
            "`eval` or `comparison`, what those commands write with `--json`; `tables`, the columns of `export`, as "
            "Markdown.",
        ),
    ] = "record",
    strict: Annotated[
        bool,
        option(
            "--strict",
            help="Print the schema that structured-output APIs require: every property required, nullable if it may be "
            "absent, no additional properties.",
        ),
    ] = False,
) -> None:
    """Print a JSON Schema with the meaning of every field, or the data dictionary of the tables."""
    import json

    if what == "tables":
        from imrllm.errors import UsageError
        from imrllm.export import dictionary_page

        if strict:
            raise UsageError("`--strict` is for JSON Schemas.", hint="Omit it for `tables`.")
        typer.echo(dictionary_page(), nl=False)
        return

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
    from imrllm.evals import Comparison, EvalRun

    return EvalRun if what == "eval" else Comparison
