"""What calls cost, by the published prices in genai-prices."""

from __future__ import annotations

from imrllm.llm.models import ModelTarget
from imrllm.records import Usage

_BATCH_DISCOUNT = 2


def price(target: ModelTarget, usage: Usage) -> float | None:
    """The price of a model's tokens in US dollars.

    None if no price is published: for self-hosted servers, the embedded model and unknown models.
    """
    if target.provider != "openai" or target.on_loopback:
        return None
    import genai_prices

    tokens = genai_prices.Usage(
        input_tokens=usage.input_tokens, cache_read_tokens=usage.cached_tokens, output_tokens=usage.output_tokens
    )

    def total(**context: str) -> float:
        # The address selects the price list: `OPENAI_BASE_URL` may lead to another provider.
        found = genai_prices.calc_price(
            tokens, target.model, provider_api_url=target.base_url, price_context=dict(context)
        )
        return float(found.total_price)

    try:
        at_once = total()
        batched = total(processing="batch") if target.batched else at_once
    except (LookupError, ValueError):
        return None
    # The list lacks the batch prices of older models; by OpenAI's own page they are half for every model
    # (https://developers.openai.com/api/docs/guides/batch).
    return at_once / _BATCH_DISCOUNT if target.batched and batched == at_once else batched
