"""The provider's Batch API, at half the price: request files out, answers back within a day, rows as `extract`'s."""

from imrllm.batch.journal import Begun
from imrllm.batch.running import BatchRun, open_run
from imrllm.batch.standing import Standing, look

__all__ = ["BatchRun", "Begun", "Standing", "look", "open_run"]
