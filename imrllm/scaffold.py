"""Starts a new project: a settings file, a prompt, a suite for gold, and a workflow that scores it in CI."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from imrllm.errors import UsageError
from imrllm.prompts import DEFAULT_PROMPT, load_prompt

# The prompt and the suite of a new project.
NAME = "mine"
# For each file's path in the project, the file in the package that has its text.
_FILES = {
    "imrllm.toml": "imrllm.toml",
    ".gitignore": "gitignore",
    f"evals/{NAME}/suite.toml": "suite.toml",
    f"evals/{NAME}/README.md": "suite.md",
    ".github/workflows/imrllm.yml": "workflow.yml",
}


def start_project(folder: Path) -> dict[str, bool]:
    """Write the files of a project. Existing files are not changed.

    Args:
        folder: the folder of the project, created if necessary.

    Returns:
        For each file, by its path in the folder, whether it was written.

    Raises:
        UsageError: the folder cannot be written to.
    """
    texts = {place: (files("imrllm") / "project_files" / name).read_text("utf-8") for place, name in _FILES.items()}
    texts[f"prompts/{NAME}.md"] = _own_prompt()
    written = {}
    try:
        for place in (f"evals/{NAME}/gold", f"evals/{NAME}/letters", "letters"):
            (folder / place).mkdir(parents=True, exist_ok=True)
        for place, text in texts.items():
            file = folder / place
            file.parent.mkdir(parents=True, exist_ok=True)
            written[place] = not file.exists()
            if written[place]:
                file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"`{folder}` cannot be written to: {error.strerror}.", hint="Name another folder.") from error
    return written


def _own_prompt() -> str:
    """The default prompt under the project's name."""
    prompt = load_prompt(DEFAULT_PROMPT)
    change = f"A copy of {prompt.name}. Say here what you changed, and why."
    front, mark, body = prompt.source.partition("\n---\n")
    kept = front[: front.index("change:")].replace(f"name: {prompt.name}\n", f"name: {NAME}\n")
    return f"{kept}change: {change}{mark}{body}"
