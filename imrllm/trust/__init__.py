"""What gold shows of the readers: whose value a record takes, and how often such values are right."""

from imrllm.trust.advice import model_advice
from imrllm.trust.arbitration import Agreement, Arbitration, cross_validated_f1
from imrllm.trust.tables import FOLDS, EntryCounts, ListCounts, Table, ValueCounts, fold_of, load_table, table_path

__all__ = [
    "FOLDS",
    "Agreement",
    "Arbitration",
    "EntryCounts",
    "ListCounts",
    "Table",
    "ValueCounts",
    "cross_validated_f1",
    "fold_of",
    "load_table",
    "model_advice",
    "table_path",
]
