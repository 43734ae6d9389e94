"""Option values from a settings file: `imrllm.toml`, or `[tool.imrllm]` in `pyproject.toml`.

The values become the parser's defaults, so the command line and the environment take priority. pydantic-settings is not
used because importing it takes 0.2 s, as long as all of `--help` may take.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from imrllm.errors import UsageError

# Where the weights are; no option.
_CACHE = "IMRLLM_CACHE_DIR"


def find_settings(directory: Path) -> tuple[Path, dict[str, Any]] | None:
    """Find the settings file of a directory or of its nearest parent, and read its settings by key.

    `imrllm.toml` goes before `pyproject.toml` in the same folder. Returns None if there is no file.

    Raises:
        UsageError: the file is not TOML, cannot be read, or its `tool.imrllm` is not a table.
    """
    for folder in (directory, *directory.parents):
        for name in ("imrllm.toml", "pyproject.toml"):
            file = folder / name
            if not file.is_file():
                continue
            settings = _read(file)
            if name == "pyproject.toml":
                tool = settings.get("tool", {})
                if "imrllm" not in tool:
                    continue
                settings = tool["imrllm"]
                if not isinstance(settings, dict):
                    raise UsageError(f"`tool.imrllm` in `{file}` is not a table.", hint="Write it as `[tool.imrllm]`.")
            return file, settings
    return None


def default_map(group: Any, directory: Path) -> dict[str, Any]:
    """The settings as defaults of a command group: options by name, nested like the commands; empty without a file.

    Raises:
        UsageError: the file cannot be read, or names an option that no command has.
    """
    found = find_settings(directory)
    if found is None:
        return {}
    file, settings = found
    values = {key.replace("-", "_"): value for key, value in settings.items()}
    known = set(_options(group))
    for key in values:
        if key not in known:
            close = get_close_matches(key, known, 1)
            raise UsageError(
                f"`{file}` sets `{key}`, which is not an option of any command.",
                hint=f"Did you mean `{close[0]}`?" if close else f"The options are {', '.join(sorted(known))}.",
            )
    form = values.get("form")
    if isinstance(form, str) and (file.parent / form).is_file():
        # A form file is named relative to the settings file, wherever below it a command runs.
        values["form"] = str(file.parent / form)
    return _nest(group, values)


def say_unknown_variables(group: Any) -> None:
    """Say which `IMRLLM_` variables of the environment no option reads, each with the nearest name."""
    from imrllm.cli.messages import say

    known = {_CACHE, *_variables(group)}
    for name in sorted(os.environ):
        if name.startswith("IMRLLM_") and name not in known:
            near = get_close_matches(name, known, 1)
            meant = f"; did you mean `{near[0]}`?" if near else "."
            say(f"Remark: No option reads the variable `{name}`{meant}")


def _variables(command: Any) -> Iterator[str]:
    """The environment variables of a command's options; of a group's, those of its commands."""
    for child in getattr(command, "commands", {}).values():
        yield from _variables(child)
    for parameter in command.params:
        named = getattr(parameter, "envvar", None) or ()
        yield from (named,) if isinstance(named, str) else named


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"`{file}` is not valid TOML.", hint=f"Fix it: {error}.") from error
    except OSError as error:
        raise UsageError(f"`{file}` cannot be read: {error.strerror}.", hint="Check its permissions.") from error


def _options(command: Any) -> Iterator[str]:
    """The names of a command's options; of a group's, those of its commands."""
    commands = getattr(command, "commands", None)
    if commands is not None:
        for child in commands.values():
            yield from _options(child)
        return
    for parameter in command.params:
        if _is_option(parameter):
            yield parameter.name


def _is_option(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "option" and parameter.name != "help")


def _nest(group: Any, values: dict[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            nested[name] = _nest(command, values)
        else:
            several = {each.name: getattr(each, "multiple", False) for each in command.params if _is_option(each)}
            nested[name] = {
                # An option that may be repeated takes a list.
                key: [value] if several[key] and isinstance(value, str) else value
                for key, value in values.items()
                if key in several
            }
    return nested
