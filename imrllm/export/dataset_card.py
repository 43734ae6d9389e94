"""The dataset card of a folder of Parquet files: `datasets` reads a folder with one as a dataset of these tables.

The format is the Hugging Face Hub's (https://huggingface.co/docs/hub/datasets-manual-configuration). The card names the
tables and their files; columns and types are in the files, and are not said twice. What a column means is in the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from imrllm.export.dictionary import table_sections
from imrllm.export.tables import Table

NAME = "README.md"
# Tells a card from a page that somebody else wrote, which no export replaces.
_FIRST = "---\n# Written by `imrllm export`.\n"
_OPENING = """\
# Independent Medical Review determinations

Tables that `imrllm export` wrote: a row for each document, disputed item, citation and so on, with the values that the
letters state. `analysis` is the one to begin with. The names, types and meanings of the columns are in the Parquet
files too, as metadata of their fields.

```python
from datasets import load_dataset

items = load_dataset("PATH/OF/THIS/FOLDER", "analysis", split="train")
```

The rows hold what letters say about people's health. Before you publish them, read what the letters' source allows.
"""


def dataset_card(tables: Sequence[Table]) -> str:
    """The card of a folder with a Parquet file for each table; the first table is the default."""
    default = "  default: true\n"
    configs = "".join(
        f"- config_name: {table.name}\n  data_files: {table.name}.parquet\n{'' if index else default}"
        for index, table in enumerate(tables)
    )
    head = f"{_FIRST}pretty_name: Independent Medical Review determinations\nlanguage: en\nconfigs:\n{configs}---\n"
    return f"{head}\n{_OPENING}\n{table_sections(tables)}\n"


def is_card(file: Path) -> bool:
    """Whether an export wrote a file as its folder's card."""
    if file.name != NAME or not file.is_file():
        return False
    with file.open("rb") as start:
        return start.read(len(_FIRST)) == _FIRST.encode()
