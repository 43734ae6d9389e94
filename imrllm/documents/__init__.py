"""Readers: files, folders, rows of tables and standard input become documents of plain text."""

from imrllm.documents.columns import Columns
from imrllm.documents.document import Document, Unreadable
from imrllm.documents.inputs import read_documents
from imrllm.documents.locations import DocumentLocation, find_documents, read_location
from imrllm.documents.redaction import redacted
from imrllm.documents.shard import Shard
from imrllm.folding import Folded, fold

__all__ = [
    "Columns",
    "Document",
    "DocumentLocation",
    "Folded",
    "Shard",
    "Unreadable",
    "find_documents",
    "fold",
    "read_documents",
    "read_location",
    "redacted",
]
