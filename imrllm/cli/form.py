"""`imrllm form`: the forms that letters are read by, and how well they fit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imrllm.cli.options import Form, Limit, Model, Ocr, Quiet, Redact, option

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="List, show and check the forms that letters are read by."
)

JsonFile = Annotated[Path | None, option("--json", metavar="FILE", help="Write the counts as JSON.")]


@app.command(
    "list",
    epilog="""\b
Examples:
  imrllm form list
  imrllm form list --form my-2021.toml""",
)
def list_forms(form: Form = None) -> None:
    """List the forms in the order in which they are tried, each with what it was seen on."""
    from imrllm.cli.messages import show
    from imrllm.letter import choose_form, known_forms
    from imrllm.report.form_tables import form_table

    # `rationale` has no words to list.
    chosen = choose_form(form).forms if form else ()
    show(form_table(chosen or known_forms()), data=True)


@app.command(
    epilog="""\b
Examples:
  imrllm form show 2016-2017
  imrllm form show 2016-2017 > my-2021.toml"""
)
def show(
    form: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A known form's name, or a form file.")],
) -> None:
    """Print the file of a form. A file of your own is checked."""
    from imrllm.errors import UsageError
    from imrllm.letter import choose_form
    from imrllm.letter.form import RATIONALE_FORM, form_text

    if form == RATIONALE_FORM:
        raise UsageError(
            f"`{RATIONALE_FORM}` has no file: it reads texts without headings.",
            hint=f"Give it to `imrllm extract` as `--form {RATIONALE_FORM}`.",
        )
    choose_form(form)
    typer.echo(form_text(form), nl=False)


@app.command(
    epilog="""\b
Examples:
  imrllm form check letters/
  imrllm form check letters/ --form my-2021.toml"""
)
def check(
    inputs: Annotated[
        list[str], typer.Argument(metavar="LETTERS", help="Letters, as `imrllm extract` takes its inputs.")
    ],
    form: Form = None,
    ocr: Ocr = False,
    json_file: JsonFile = None,
    quiet: Quiet = False,
) -> None:
    """Count how many letters each form reads whole, and which headings and labels they lack.

    Prints lines that look like headings and that no form has, if at least three letters and 5% of all have them: other
    words of the letters are never printed. No model is asked. The exit code is 1 if a letter is not read whole.
    """
    import json

    from imrllm.cli import messages
    from imrllm.cli.files import write_text
    from imrllm.documents import Document, read_documents
    from imrllm.documents.missing import refuse_missing
    from imrllm.errors import UsageError
    from imrllm.letter import choose_form, known_forms, starts_by
    from imrllm.letter.form_check import FormCheck
    from imrllm.report.form_tables import form_check_tables

    chosen = choose_form(form) if form else None
    if chosen and chosen.is_rationale:
        raise UsageError("`--form rationale` has no headings to check.", hint="Leave it out, or name a form file.")
    refuse_missing(inputs)
    found = FormCheck(chosen.forms if chosen else known_forms())
    unreadable = 0
    for document in read_documents(inputs, letter_starts=starts_by(chosen), ocr=ocr):
        if isinstance(document, Document):
            found.add(document.text)
        else:
            unreadable += 1
    if json_file:
        write_text(json_file, json.dumps({**found.to_json(), "unreadable": unreadable}, indent=1) + "\n")
    if not quiet:
        messages.show(form_check_tables(found), data=True)
        if unreadable:
            files = "file holds" if unreadable == 1 else "files hold"
            messages.say(f"{unreadable:,} {files} no text that can be read: `imrllm extract` says why.")
        if found.not_read and not form:
            messages.say(
                "Hint: `--form FILE` tries a form of your own; `imrllm form show 2016-2017` prints an example."
            )
    if unreadable or found.whole.total() < found.letters:
        raise typer.Exit(1)


@app.command(
    epilog="""\b
Examples:
  imrllm form learn letters-of-2021/ -o my-2021.toml --model openai/gpt-5-mini
  imrllm form check letters-of-2021/ --form my-2021.toml"""
)
def learn(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="LETTERS", help="A handful of letters of one form, as `imrllm extract` takes."),
    ],
    output: Annotated[Path, option("--output", "-o", metavar="FILE", help="The form file to write, TOML.")],
    name: Annotated[str | None, option("--name", help="The form's name. Default: the file's.")] = None,
    model: Model = None,
    redact: Redact = False,
    limit: Limit = None,
    ocr: Ocr = False,
    quiet: Quiet = False,
) -> None:
    """Propose a form file from a handful of letters, for you to read and correct.

    The model says where the parts of each letter begin and end. The headings, labels and outcome words before them that
    recur over letters are written to the file, each with a comment that says on how many letters it was seen. What one
    letter alone prints is left out. Letters that a known form reads are passed over.
    """
    from itertools import islice

    from imrllm.cli.files import write_text
    from imrllm.cli.messages import say
    from imrllm.cli.weights import pull_weights
    from imrllm.documents import read_documents
    from imrllm.documents.missing import refuse_missing
    from imrllm.pipeline import Extractor
    from imrllm.pipeline.learning import Learning, learn_form

    refuse_missing(inputs)
    extractor = Extractor(model=model, redact=redact)
    if extractor.target.embedded:
        pull_weights(quiet=quiet)

    def tell(learning: Learning) -> None:
        done = learning.form.letters + len(learning.known) + len(learning.failed)
        say(f"{done:,} letters: {learning.form.letters:,} read, {learning.form.items:,} disputed items")

    documents = islice(read_documents(inputs, ocr=ocr), limit)
    learning = learn_form(documents, extractor, None if quiet else tell)
    for document, error in learning.failed:
        say(f"Not read: `{document}` ({error}).")
    if learning.known:
        say(f"Read by known forms, and not asked about: {len(learning.known):,}.")
    text = learning.form.checked_text(name or output.stem)
    write_text(output, text)
    say(f"Wrote `{output}`. Read it, then: imrllm form check {inputs[0]} --form {output}")
