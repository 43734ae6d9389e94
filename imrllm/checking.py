"""Existing records beside their letters: read again, and checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from imrllm.documents import Columns, Document, Unreadable, find_documents, read_documents, read_location
from imrllm.documents.columns import PLAIN
from imrllm.documents.missing import refuse_missing
from imrllm.errors import DocumentError, UsageError
from imrllm.letter import ChosenForm, choose_form, starts_by
from imrllm.pipeline import check_record
from imrllm.records import Determination, Result
from imrllm.store import RecordRow, columns_of, newest_results, read_record_rows

# Letters as paths, or as documents that are read already.
Letters = str | Path | Iterable[str | Path | Document | Unreadable]


def check(
    records: str | Path | Iterable[Determination | Result],
    documents: Letters,
    *,
    ocr: bool = False,
    form: str | Path | ChosenForm | None = None,
    columns: Columns | None = None,
) -> Iterator[Result]:
    """Check existing records, made by this or any other program, against their letters. Nothing is changed.

    Args:
        records: a file of JSON lines with `document_id` and `record` (`-` is standard input); or records or results.
        documents: the letters: a path or several, as `read_documents` takes them; or documents.
        ocr: recognize the text of scanned pages.
        form: a form of letters that is tried before the known ones: its file, or the name of a known form.
        columns: the columns to read of tables; by default those that the records were made from.

    Yields:
        One result for each record, in their order: the record as given, with its evidence and checks. If a row has no
        valid record, or a record no letter, its status is `failed` and its `error` says why.

    Raises:
        FormError: there is no such form, or its file is not valid.
        UsageError: the records cannot be read, or none of the letters can.
    """
    chosen = choose_form(form) if isinstance(form, (str, Path)) else form
    if columns is None:
        columns = columns_of(Path(records)) if isinstance(records, (str, Path)) else PLAIN
    letters = read_letters(documents, ocr=ocr, form=chosen, columns=columns)
    where = f"under `{documents}`" if isinstance(documents, (str, Path)) else "among the documents"
    rows = read_record_rows(Path(records)) if isinstance(records, (str, Path)) else (_row(each) for each in records)
    for row in rows:
        error = row.error or DocumentError(
            f"`{row.document_id}` has a record but no letter {where}.",
            hint="A letter's name is its file's, without the ending, or its row's `id`.",
        )
        letter = letters.get(row.document_id) if row.error is None else None
        yield check_record(letter or Unreadable(row.document_id, "", error), row.record, chosen)


def read_results(path: str | Path, *, documents: Letters | None = None) -> Iterator[Result]:
    """Read the results of `extract` or `check`, one at a time; of several rows of one document, the newest.

    Args:
        path: a results file, or a folder of Parquet partitions. No run may be writing it.
        documents: the letters, as in `check`. A result whose letter is among them, unchanged, can quote it with
            `Result.text`.

    Raises:
        StoreError: a row is not a result, or the file cannot be read.
        UsageError: none of the letters can be read.
    """
    letters = {} if documents is None else read_letters(documents, columns=columns_of(Path(path)))
    for result in newest_results(path):
        letter = letters.get(result.document_id)
        unchanged = isinstance(letter, Document) and letter.sha256 == result.provenance.sha256
        yield result.with_text(letter.text) if isinstance(letter, Document) and unchanged else result


def read_some_letters(
    documents: Path, names: Collection[str], columns: Columns = PLAIN
) -> dict[str, Document | Unreadable]:
    """Read the named letters of a folder or file: each, or why it cannot be read, by its id.

    Other letters are not opened, except in archives.

    Raises:
        UsageError: it is an archive, and no letter in it can be read.
    """
    # Several letters of one file are named after it: `a#1`.
    wanted = {*names, *(name.rpartition("#")[0] for name in names)}
    try:
        places = [place for place in find_documents([documents], columns=columns) if place.id in wanted]
    except UsageError:
        return read_letters(documents, columns=columns)
    return {letter.id: letter for place in places for letter in read_location(place, columns=columns)}


def read_letters(
    documents: Letters, *, ocr: bool = False, form: ChosenForm | None = None, columns: Columns = PLAIN
) -> dict[str, Document | Unreadable]:
    """Read the letters that records were made from: each, or why it cannot be read, by its id.

    Args:
        documents: the letters: a path or several, or documents.
        ocr: recognize the text of scanned pages.
        form: the form that the records were made with: it may split files of several letters.
        columns: the columns to read of tables.

    Raises:
        UsageError: a path does not exist, or no letter can be read.
    """
    given = [documents] if isinstance(documents, (str, Path)) else list(documents)
    paths = [each for each in given if isinstance(each, (str, Path))]
    read = [each for each in given if isinstance(each, (Document, Unreadable))]
    refuse_missing(paths)
    found = read_documents(paths, letter_starts=starts_by(form), ocr=ocr, columns=columns)
    letters = {letter.id: letter for letter in (*found, *read)}
    if all(isinstance(letter, Unreadable) for letter in letters.values()):
        where = f"`{paths[0]}` holds" if len(given) == len(paths) == 1 else "The documents hold"
        raise UsageError(f"{where} no letter that can be read.", hint="Name the letters with `--documents`.")
    return letters


def _row(given: Determination | Result) -> RecordRow:
    if isinstance(given, Determination):
        return RecordRow(given.document_id, given)
    missing = DocumentError(f"The result of `{given.document_id}` has no record.", hint="Extract the document again.")
    return RecordRow(given.document_id, given.record, given, None if given.record else missing)
