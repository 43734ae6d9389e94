"""Results on disk: files that survive any interruption, their manifests, and merging several machines' files."""

from imrllm.store.manifest import Manifest, columns_of, manifest_of, manifest_path, new_manifest, read_manifest
from imrllm.store.merging import Merged, merge
from imrllm.store.partitions import Partition, PartitionRow, Partitions, partition_path
from imrllm.store.record_rows import RecordRow, read_record_rows
from imrllm.store.results import ResultsFile, newest_results, read_results
from imrllm.store.rewriting import write_results

__all__ = [
    "Manifest",
    "Merged",
    "Partition",
    "PartitionRow",
    "Partitions",
    "RecordRow",
    "ResultsFile",
    "columns_of",
    "manifest_of",
    "manifest_path",
    "merge",
    "new_manifest",
    "newest_results",
    "partition_path",
    "read_manifest",
    "read_record_rows",
    "read_results",
    "write_results",
]
