"""Write the generated pages of docs/; with `--check`, fail if one is stale.

help.md is made from the commands' declarations, not from the text of `--help`, whose layout changes with typer's
version. record.md comes from the record's models, the table of fields.md from the registry of fields, tables.md from
`imrllm schema tables`, survives.md from tests/hostile, and pictures/rooms.svg from the import contract. The answers in
questions.md come from running the SQL over the written suite's letters.
"""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, get_args, get_origin

DOCS = Path(__file__).parent
OPENING = """\
# Commands

<!-- Written by `make docs` from the commands themselves; CI fails if it differs. -->
"""
RECORD = """\
# The record

<!-- Written by `make docs` from imrllm/records.py; CI fails if it differs. -->

One letter becomes one [Determination](#determination). `imrllm extract` wraps it in a [Result](#result), one line of
JSON per letter. A value that the letter does not state is `null` or an empty list. Values are never guessed, and never
filled in from medical knowledge, except `ingredients`, which names the generic of a printed brand. Text is copied as
printed, with white space folded to one space; misspelled words stay.

`imrllm schema` prints the determination's JSON Schema, `imrllm schema result` that of a row, and
`imrllm schema --strict` the schema that structured-output APIs require. [Gold](gold.md) has the rulings on how to read
doubtful cases.
"""
ROOMS_STYLE = """\
  <style>
    rect { fill: #e9edf9; stroke: #8b94a7 }
    text { fill: #1f2430; font: 14px system-ui, sans-serif; text-anchor: middle }
    @media (prefers-color-scheme: dark) { rect { fill: #2d3350; stroke: #78829a } text { fill: #e8eaf2 } }
  </style>
"""
# Longer lists of choices get their own section.
FEW = 5
ANSWERED = re.compile(r"(```sql\n(.*?)```\n\n```text\n).*?```\n", re.DOTALL)
TYPERS_OWN = {"help", "install_completion", "show_completion"}


def commands() -> str:
    """The page of commands: every command in the order of registration, a group before its commands."""
    for name in [name for name in os.environ if name.startswith("IMRLLM_")]:
        del os.environ[name]
    import typer

    from imrllm.cli.app import app

    sections = (
        section for command in _commands(typer.main.get_command(app), "imrllm") for section in _section(*command)
    )
    return f"{OPENING}\n" + "\n\n".join(sections) + "\n"


def _commands(command: Any, name: str) -> Iterator[tuple[Any, str]]:
    yield command, name
    for child_name, child in getattr(command, "commands", {}).items():
        yield from _commands(child, f"{name} {child_name}")


def _section(command: Any, name: str) -> Iterator[str]:
    yield f"## {name}"
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    options = [
        parameter
        for parameter in command.params
        if parameter.param_type_name == "option" and parameter.name not in TYPERS_OWN
    ]
    if hasattr(command, "commands"):
        usage = "COMMAND"
    else:
        usage = " ".join(
            [f"{argument.metavar}{'...' * (argument.nargs < 0)}" for argument in arguments] + ["[OPTIONS]"]
        )
    yield f"```text\n{name} {usage}\n```"
    yield inspect.cleandoc(command.help or "")
    rows = [f"| `{argument.metavar}` | {_cell(argument.help)} | |" for argument in arguments]
    for option in options:
        names = ", ".join(f"`{spelling}`" for spelling in (*option.opts, *option.secondary_opts))
        rows.append(f"| {names} | {_cell(option.help)}{_default(option)} | {_environment(option)} |")
    if rows:
        yield "\n".join(["| | | environment |", "| --- | --- | --- |", *rows])
    if command.epilog:
        yield _epilog(command.epilog)


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|").replace("\n", " ")


def _default(option: Any) -> str:
    if option.required:
        return " Required."
    if option.default in (None, False):
        return ""
    default = option.opts[0] if option.default is True else option.default
    return f" Default: `{default}`."


def _environment(option: Any) -> str:
    return f"`{option.envvar}`" if option.envvar else ""


def _epilog(text: str) -> str:
    """Turn the parser's marks for preformatted lines into fenced blocks."""
    parts = []
    for paragraph in text.split("\n\n"):
        kept, mark, lines = paragraph.partition("\b\n")
        if mark:
            heading, _, rest = lines.partition("\n")
            parts.append(f"{kept}{heading}\n\n```text\n{inspect.cleandoc(rest)}\n```")
        else:
            parts.append(paragraph)
    return "\n\n".join(parts)


def record() -> str:
    """The page of the record: its models, from their JSON Schemas, then the longer lists of choices."""
    from imrllm import records

    lists = {get_args(found): name for name, found in vars(records).items() if get_origin(found) is Literal}
    lists = {values: name for values, name in lists.items() if len(values) > FEW}
    models: dict[str, Any] = {}
    for root in (records.Determination, records.Result):
        schema = root.model_json_schema()
        _gather(root.__name__, {**schema.pop("$defs"), root.__name__: schema}, models)
    parts = [_model(name, model, models, lists) for name, model in models.items()]
    parts += ["\n".join([f"## {name}\n", *(f"- `{value}`" for value in values)]) for values, name in lists.items()]
    return RECORD + "\n" + "\n\n".join(parts) + "\n"


def _gather(name: str, known: dict[str, Any], models: dict[str, Any]) -> None:
    """Add a model and the models that it refers to, each once, in the order of reference."""
    if name not in models:
        models[name] = known[name]
        for held in re.findall(r"'#/\$defs/(\w+)'", str(known[name])):
            _gather(held, known, models)


def _model(name: str, model: Any, models: dict[str, Any], lists: dict[Any, str]) -> str:
    rows = []
    for field, schema in model["properties"].items():
        held = re.search(r"'#/\$defs/(\w+)'", str(schema))
        meaning = schema.get("description") or (models[held[1]]["description"] if held else "")
        rows.append(f"| `{field}` | {_type(schema, lists)} | {_cell(meaning)} |")
    return "\n".join(
        [f"## {name}\n", f"{model['description']}\n", "| field | type | meaning |", "| --- | --- | --- |", *rows]
    )


def _type(schema: Any, lists: dict[Any, str]) -> str:
    """A field's type in words; a model or a longer list of choices becomes a link."""
    if "anyOf" in schema:
        return " or ".join(_type(each, lists) for each in schema["anyOf"])
    if "$ref" in schema:
        return _link(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        name = lists.get(tuple(schema["enum"]))
        return _link(name) if name else ", ".join(f"`{value}`" for value in schema["enum"])
    kind = schema.get("format") or schema.get("type") or "any"
    if "prefixItems" in schema:
        return "two integers"
    if kind == "array":
        return f"list of {_several(_type(schema['items'], lists))}"
    if kind == "object":
        return f"object of {_several(_type(schema['additionalProperties'], lists))}"
    return "text" if kind == "string" else kind


def _several(kind: str) -> str:
    return re.sub(r"^(text|integer|list)\b", r"\1s", kind)


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def fields() -> str:
    """The page of fields with the table written anew from the registry."""
    from imrllm.fields import FIELDS

    head, mark, _ = (DOCS / "fields.md").read_text(encoding="utf-8").partition("CI fails if it differs. -->\n")
    rows = [
        f"| `{field.name}` | `{field.pointer}` | {field.part} | {field.shape} | {_normal(field.normal)} "
        f"| {field.weight} | {', '.join(field.filled_by)} | {'yes' if field.alter else ''} |"
        for field in FIELDS
    ]
    table = [
        "| field | JSON Pointer | part of the letter | shape | compared | weight | filled by | altered |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *rows,
    ]
    return f"{head}{mark}\n" + "\n".join(table) + "\n"


def _normal(function: Any) -> str:
    return str(function.__name__.removeprefix("normal_").replace("_", " "))


def tables() -> str:
    """The data dictionary of the exported tables."""
    from imrllm.export import dictionary_page

    return dictionary_page()


def questions() -> str:
    """The page of questions with each answer written anew: its SQL runs over evals/written/letters."""
    import duckdb

    page = (DOCS / "questions.md").read_text(encoding="utf-8")
    with TemporaryDirectory() as folder:
        records, database = f"{folder}/records.jsonl", f"{folder}/letters.duckdb"
        letters = DOCS.parent / "evals" / "written" / "letters"
        imrllm = [sys.executable, "-m", "imrllm"]
        subprocess.run([*imrllm, "extract", letters, "--model", "none", "-q", "-o", records], cwd=folder, check=True)
        subprocess.run([*imrllm, "export", records, "-q", "-o", database], cwd=folder, check=True)
        with duckdb.connect(database, read_only=True) as connection:
            return ANSWERED.sub(lambda found: f"{found[1]}{_answer(connection, found[2])}```\n", page)


def _answer(connection: Any, query: str) -> str:
    """A query's result in columns. DuckDB's own table format changes with its version."""
    relation = connection.sql(query)
    rows = [relation.columns, *([_text(value) for value in row] for row in relation.fetchall())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (rows[0], ["-" * width for width in widths], *rows[1:])
    )
    return "".join(f"{line}\n" for line in lines)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def survives() -> str:
    """The table of faults, hostile files and hostile servers, from the tests."""
    # The tests are beside the package, not in it.
    sys.path.insert(0, str(DOCS.parent))
    from tests.hostile.table import page

    return page()


def rooms() -> str:
    """The picture of the rooms, one floor for each layer of the import contract, as SVG."""
    contracts = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(contract["layers"] for contract in contracts["contracts"] if contract["type"] == "layers")
    height = 34 * len(layers) + 16
    floors = (
        f'  <rect x="8" y="{34 * at + 8}" width="464" height="28" rx="4"/>\n'
        f'  <text x="240" y="{34 * at + 27}">{layer.replace(" | ", " · ")}</text>\n'
        for at, layer in enumerate(layers)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 {height}" width="480" role="img">\n'
        "  <title>The rooms: each floor imports only from those below it</title>\n"
        f"{ROOMS_STYLE}{''.join(floors)}</svg>\n"
    )


PAGES = {
    "help.md": commands,
    "record.md": record,
    "fields.md": fields,
    "tables.md": tables,
    "questions.md": questions,
    "survives.md": survives,
    "pictures/rooms.svg": rooms,
}


def main() -> int:
    """Write the pages, or compare them with `--check`."""
    stale = []
    for name, make in PAGES.items():
        page, wanted = DOCS / name, make()
        if not page.is_file() or page.read_text(encoding="utf-8") != wanted:
            stale.append(f"docs/{name}")
            if "--check" not in sys.argv[1:]:
                page.write_text(wanted, encoding="utf-8")
    if stale and "--check" in sys.argv[1:]:
        print(f"Stale, run `make docs`: {', '.join(stale)}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
