"""One document in, one checked result out; many documents in, a stream of results out."""

from imrllm.pipeline.extractor import Extractor
from imrllm.pipeline.results import Readouts, check_record, read_without_model

__all__ = ["Extractor", "Readouts", "check_record", "read_without_model"]
