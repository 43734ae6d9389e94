"""`imrllm schema`: the record's JSON Schema."""

from __future__ import annotations

from typing import Annotated

import typer

EXAMPLES = """\b
Examples:
  imrllm schema > determination.schema.json
  imrllm schema --strict | jq '.["$defs"] | keys'"""


def schema(
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
    """Print the JSON Schema of the record, a determination."""
    import json

    from imrllm.records import Determination, strict_schema

    printed = strict_schema(Determination) if strict else Determination.model_json_schema()
    typer.echo(json.dumps(printed, indent=2, ensure_ascii=False))
