"""Readers: files, folders, JSONL rows and standard input become documents of plain text with a map back to it."""

from imrllm.documents.document import Document, Unreadable
from imrllm.documents.finding import Spot, find_documents, read_spot
from imrllm.documents.folding import Folded, fold
from imrllm.documents.reading import read_documents
from imrllm.documents.redaction import redacted
from imrllm.documents.shard import Shard

__all__ = [
    "Document",
    "Folded",
    "Shard",
    "Spot",
    "Unreadable",
    "find_documents",
    "fold",
    "read_documents",
    "read_spot",
    "redacted",
]
