"""What gold shows of the readers: whose value a record takes, and how often such values are right."""

from imrllm.trust.advice import model_advice
from imrllm.trust.arbitration import Agreement, Arbitration, cross_validated_f1
from imrllm.trust.expectation import bound_of_values, expectation
from imrllm.trust.fingerprints import grammar_sha256
from imrllm.trust.folds import FOLDS, fold_of
from imrllm.trust.risk import FEWEST_VALUES, LEAST_AUROC, Kind, RiskModel, Signals, Unflagged, estimate, kind_of
from imrllm.trust.tables import (
    EntryCounts,
    ListCounts,
    Table,
    ValueCounts,
    applied,
    beside_gold,
    find_table,
    load_table,
    table_path,
)

__all__ = [
    "FEWEST_VALUES",
    "FOLDS",
    "LEAST_AUROC",
    "Agreement",
    "Arbitration",
    "EntryCounts",
    "Kind",
    "ListCounts",
    "RiskModel",
    "Signals",
    "Table",
    "Unflagged",
    "ValueCounts",
    "applied",
    "beside_gold",
    "bound_of_values",
    "cross_validated_f1",
    "estimate",
    "expectation",
    "find_table",
    "fold_of",
    "grammar_sha256",
    "kind_of",
    "load_table",
    "model_advice",
    "table_path",
]
