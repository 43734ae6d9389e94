"""The command line's frame: registers each command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from imrllm.cli import (
    apply,
    audit,
    batch,
    calibrate,
    cassettes,
    check,
    compare,
    doctor,
    export,
    extract,
    form,
    init,
    merge,
    model,
    prompts,
    report,
    schema,
    view,
)
from imrllm.cli import eval as eval_command
from imrllm.cli.settings import default_map, say_unknown_variables
from imrllm.errors import UsageError

# Plain help: rendering it with rich doubles the time of `--help` (measured).


class _Commands(TyperGroup):
    """The commands; a file or folder in the place of one is answered with the command that reads it."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the first argument names.

        Raises:
            UsageError: it names a file or folder.
        """
        if self.get_command(ctx, args[0]) is None and Path(args[0]).exists():
            raise UsageError(f"`{args[0]}` is not a command.", hint=f"`imrllm extract {args[0]}` reads letters.")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run a command; what it refuses to parse is answered with what was meant, where that is known."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            _say_meant(error)
            raise


def _say_meant(error: Exception) -> None:
    """Add to an error of the parser what was meant: letters without `--documents`, a suite behind an option."""
    command = getattr(getattr(error, "ctx", None), "command", None)
    options = {option for each in getattr(command, "params", ()) for option in each.opts}
    message = getattr(error, "message", "")
    if "unexpected extra argument" in message and "--documents" in options:
        error.message = f"{message}. Letters are named with `--documents`."  # type: ignore[attr-defined]
    elif getattr(error, "option_name", "") == "--suite":
        error.message = f"{message}. The suite has no option: `imrllm eval written`."  # type: ignore[attr-defined]


app = typer.Typer(cls=_Commands, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
app.command(epilog=extract.EXAMPLES, no_args_is_help=True)(extract.extract)
app.command(epilog=merge.EXAMPLES, no_args_is_help=True)(merge.merge)
app.command(epilog=check.EXAMPLES, no_args_is_help=True)(check.check)
app.command(epilog=view.EXAMPLES, no_args_is_help=True)(view.view)
app.command(epilog=apply.EXAMPLES, no_args_is_help=True)(apply.apply)
app.command(epilog=audit.EXAMPLES, no_args_is_help=True)(audit.audit)
app.command(epilog=report.EXAMPLES, no_args_is_help=True)(report.report)
app.command(epilog=export.EXAMPLES, no_args_is_help=True)(export.export)
app.command("eval", epilog=eval_command.EXAMPLES)(eval_command.evaluate)
app.command(epilog=compare.EXAMPLES, no_args_is_help=True)(compare.compare)
app.command(epilog=calibrate.EXAMPLES)(calibrate.calibrate)
app.command(epilog=schema.EXAMPLES)(schema.schema)
app.command(epilog=doctor.EXAMPLES)(doctor.doctor)
app.command(epilog=init.EXAMPLES)(init.init)
app.add_typer(prompts.app, name="prompts")
app.add_typer(form.app, name="form")
app.add_typer(model.app, name="model")
app.add_typer(batch.app, name="batch")
app.add_typer(cassettes.app, name="cassettes")


def _show_version(asked: bool) -> None:
    if asked:
        from imrllm.version import __version__

        typer.echo(f"imrllm {__version__}")
        raise typer.Exit


@app.callback(
    epilog="""\b
Examples:
  imrllm extract letters/ -o records.jsonl                                 # turn letters into records
  imrllm extract letter.pdf --model none | jq .record.disputed_items       # without a model
  imrllm view records.jsonl --documents letters/ -o review.html            # review them next to the letters
  imrllm apply corrections.json records.jsonl -o confirmed.jsonl           # apply the corrections made there
  imrllm audit records.jsonl --documents letters/ -n 60                    # find out how many letters are wrong
  imrllm report records.jsonl --by drug_class,guideline                    # outcomes, as they are published
  imrllm export records.jsonl -o letters.duckdb                            # tables: DuckDB, Excel, Parquet, CSV
  imrllm check theirs.jsonl --documents letters/ -o checked.jsonl          # check another program's records
  imrllm batch submit letters/ -o records.jsonl --model openai/gpt-5-mini  # half the price, within a day
  imrllm form check letters/                                               # find out whether the letters' form is known
  imrllm init project                                                      # start a project of your own
  imrllm eval                                                              # measure accuracy from recorded answers
  imrllm compare v4 v5 --suite written                                     # compare prompt versions
  imrllm doctor                                                            # find out what is missing

Every option is also an environment variable (`--on-conflict` is `IMRLLM_ON_CONFLICT`) and a key of `imrllm.toml` or of
`[tool.imrllm]` in `pyproject.toml`, here or in a parent folder (`on-conflict = "flag"`). The command line has priority
over the environment, and the environment over the file.

\b
Exit codes:
  0    success
  1    a document failed or is left, a value is not confirmed, or a threshold is not met
  2    the command could not run
  130  interrupted"""
)
def _imrllm(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback has acted
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Turn Independent Medical Review determinations into typed, source-grounded, cross-checked records."""
    context.default_map = default_map(context.command, Path.cwd())
    say_unknown_variables(context.command)
