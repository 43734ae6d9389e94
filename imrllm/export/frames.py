"""The tables as pandas data frames."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from imrllm.errors import UsageError
from imrllm.export.rows import rows_of
from imrllm.export.tables import TABLES, Kind, Row
from imrllm.records import Result
from imrllm.store import newest_results

if TYPE_CHECKING:
    import pandas as pd

# Types that keep an empty cell apart from a number or a truth value.
_TYPES: dict[Kind, str] = {
    "text": "string",
    "JSON": "string",
    "integer": "Int64",
    "number": "Float64",
    "boolean": "boolean",
    "date": "datetime64[s]",
}


def to_frames(results: str | Path | Iterable[Result]) -> dict[str, pd.DataFrame]:
    """Make pandas data frames of results, with the tables and columns of `imrllm export`.

    Args:
        results: results, at most one for each document; or a results file.

    Returns:
        By table name (`analysis`, `documents`, `items`, `citations`, `grounds`, `checks`, `field_values`), a data
        frame. Lists are tuples.

    Raises:
        UsageError: pandas is not installed.
        StoreError: a number is too large for a table, or the results file cannot be read.
    """
    try:
        import pandas as pd
    except ImportError:
        raise UsageError("Data frames need pandas, which is not installed.", hint="`pip install pandas`") from None
    rows: dict[str, list[Row]] = {table.name: [] for table in TABLES}
    if isinstance(results, (str, Path)):
        results = newest_results(results)
    for result in results:
        for name, added in rows_of(result).items():
            rows[name] += added
    return {
        table.name: pd.DataFrame(
            {
                column.name: pd.Series([row[at] for row in rows[table.name]], dtype=_TYPES.get(column.kind, "object"))
                for at, column in enumerate(table.columns)
            }
        )
        for table in TABLES
    }
