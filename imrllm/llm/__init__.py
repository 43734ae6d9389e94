"""Model calls: what a model string means, schema-constrained answers, retries, cost, and the embedded model."""

from imrllm.llm.client import Answer, Client, Message, Spent
from imrllm.llm.models import ModelTarget, resolve_model
from imrllm.llm.retry import RetryPolicy

__all__ = ["Answer", "Client", "Message", "ModelTarget", "RetryPolicy", "Spent", "resolve_model"]
