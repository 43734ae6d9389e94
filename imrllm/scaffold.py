"""Starts a new project: settings, a prompt, a suite with an example, and a workflow that scores it in CI."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from imrllm.errors import UsageError
from imrllm.prompts import DEFAULT_PROMPT, load_prompt

# The prompt and the suite of a new project.
NAME = "mine"
# The letter that a new suite starts with; it was written for this.
EXAMPLE = "example"
_GOLD = f"evals/{NAME}/gold"
# For each file's path in the project, the file in the package that has its text.
_FILES = {
    "README.md": "readme.md",
    "imrllm.toml": "imrllm.toml",
    ".gitignore": "gitignore",
    ".gitattributes": "gitattributes",
    f"evals/{NAME}/suite.toml": "suite.toml",
    f"evals/{NAME}/README.md": "suite.md",
    ".github/workflows/imrllm.yml": "workflow.yml",
}
_EXAMPLE_FILES = {
    f"evals/{NAME}/letters/{EXAMPLE}.txt": "example.txt",
    f"{_GOLD}/{EXAMPLE}.json": "example.json",
}


def start_project(folder: Path) -> dict[str, bool]:
    """Write the files of a project. Existing files are not changed, and a suite with gold of its own gets no example.

    Args:
        folder: the folder of the project, created if necessary.

    Returns:
        For each file, by its path in the folder, whether it was written.

    Raises:
        UsageError: the folder cannot be written to.
    """
    sources = _FILES if _has_own_gold(folder) else _FILES | _EXAMPLE_FILES
    contents = {place: (files("imrllm") / "project_files" / name).read_bytes() for place, name in sources.items()}
    contents[f"prompts/{NAME}.md"] = _own_prompt().encode()
    written = {}
    try:
        for place in (_GOLD, f"evals/{NAME}/letters", "letters"):
            (folder / place).mkdir(parents=True, exist_ok=True)
        for place, content in contents.items():
            file = folder / place
            file.parent.mkdir(parents=True, exist_ok=True)
            written[place] = not file.exists()
            if written[place]:
                # As bytes: gold has the hash of the example's file, also where text files end lines otherwise.
                file.write_bytes(content)
    except OSError as error:
        raise UsageError(f"`{folder}` cannot be written to: {error.strerror}.", hint="Name another folder.") from error
    return written


def commits_letters(folder: Path) -> bool:
    """Whether Git would commit the letters of a project, because its `.gitignore` was there before the project was."""
    try:
        lines = (folder / ".gitignore").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return True
    return not {"/*", "/letters/", "/letters", "letters/", "letters"} & {line.strip() for line in lines}


def _has_own_gold(folder: Path) -> bool:
    return any(file.stem != EXAMPLE for file in (folder / _GOLD).glob("*.json"))


def _own_prompt() -> str:
    """The default prompt under the project's name."""
    prompt = load_prompt(DEFAULT_PROMPT)
    change = f"A copy of {prompt.name}. Say here what you changed, and why."
    front, mark, body = prompt.source.partition("\n---\n")
    kept = front[: front.index("change:")].replace(f"name: {prompt.name}\n", f"name: {NAME}\n")
    return f"{kept}change: {change}{mark}{body}"
