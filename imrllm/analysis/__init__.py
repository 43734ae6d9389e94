"""What analysts ask of records, derived by stated rules: drug classes, services, outcomes, dates, guidelines."""

from imrllm.analysis.columns import ANALYSIS_COLUMNS, AnalysisColumn
from imrllm.analysis.rows import AnalyzedDocument, AnalyzedItem, DocumentAnalysis, ItemAnalysis, analyze

__all__ = [
    "ANALYSIS_COLUMNS",
    "AnalysisColumn",
    "AnalyzedDocument",
    "AnalyzedItem",
    "DocumentAnalysis",
    "ItemAnalysis",
    "analyze",
]
