"""Results as tables: CSV, Parquet, DuckDB and Excel, with keys, types and a data dictionary."""

from imrllm.export.dictionary import dictionary_page
from imrllm.export.tables import TABLES
from imrllm.export.writing import Exported, export

__all__ = ["TABLES", "Exported", "dictionary_page", "export"]
