"""Readers: files, folders, JSONL rows and standard input become documents of plain text."""

from imrllm.documents.document import Document, Unreadable
from imrllm.documents.inputs import read_documents
from imrllm.documents.locations import DocumentLocation, find_documents, read_location
from imrllm.documents.redaction import redacted
from imrllm.documents.shard import Shard
from imrllm.folding import Folded, fold

__all__ = [
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
