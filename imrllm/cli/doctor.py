"""`imrllm doctor`: report what is missing and how to fix it."""

from __future__ import annotations

import typer

from imrllm.cli.options import Model, Prompt

EXAMPLES = """\b
Examples:
  imrllm doctor
  imrllm doctor --model openai/gpt-5-mini"""


def doctor(model: Model = None, prompt: Prompt = None) -> None:
    """Report what a run needs that is missing, and how to fix it.

    Checks the packages and extras, the prompt, the model (asks its server for its list of models, which is free), the
    cache folder and the settings file. The exit code is 1 if something is broken.
    """
    from pathlib import Path

    from imrllm.cli.messages import show
    from imrllm.cli.settings import find_settings
    from imrllm.doctor import Finding, diagnose
    from imrllm.prompts import DEFAULT_PROMPT
    from imrllm.report import render_findings

    found = find_settings(Path.cwd())
    settings = Finding("settings", "ok", str(found[0]) if found else "none: imrllm.toml, or [tool.imrllm]")
    findings = [settings, *diagnose(model, prompt or DEFAULT_PROMPT)]
    show(render_findings(findings), data=True)
    if any(finding.status == "broken" for finding in findings):
        raise typer.Exit(1)
