"""What lies at an address of the web; used only where the user asked for the network."""

from __future__ import annotations

import time
from urllib.parse import unquote, urlsplit

from imrllm.documents.inputs import without_secrets
from imrllm.documents.text import too_large
from imrllm.errors import DocumentError

MAX_FETCHED = 100_000_000
"""Bytes that are held of one address; larger archives are fetched by other means."""

_SECONDS = 30.0
"""Between two pieces of an answer."""

_WHOLE = 600.0
"""Seconds for all of it."""

_REDIRECTS = 5
_AGAIN = "Check the address, or fetch it by other means and name the file."


def fetch(address: str) -> tuple[str, bytes]:
    """Fetch a file.

    Args:
        address: `http://` or `https://`; redirects lead to no other kind.

    Returns:
        Its name, with the ending that the answer's type has where the address has none, and its bytes.

    Raises:
        DocumentError: it cannot be had, is too large, or takes too long.
    """
    # 0.3 s, which only addresses need.
    import httpx2

    shown = without_secrets(address)
    data = bytearray()
    ends = time.monotonic() + _WHOLE
    try:
        with (
            httpx2.Client(timeout=_SECONDS, follow_redirects=True, max_redirects=_REDIRECTS) as client,
            client.stream("GET", address) as answer,
        ):
            if answer.status_code != httpx2.codes.OK:
                raise DocumentError(f"`{shown}` answers {answer.status_code}.", hint=_AGAIN)
            for piece in answer.iter_bytes(1 << 16):
                data += piece
                if len(data) > MAX_FETCHED:
                    raise too_large(shown, f"{MAX_FETCHED:,} bytes from the web")
                if time.monotonic() > ends:
                    raise DocumentError(f"`{shown}` takes more than {_WHOLE:.0f} seconds.", hint=_AGAIN)
            kind = answer.headers.get("content-type", "")
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, ValueError) as error:
        # Its own text may hold a password of the address.
        raise DocumentError(f"`{shown}` cannot be fetched ({type(error).__name__}).", hint=_AGAIN) from None
    name = unquote(urlsplit(address).path).rstrip("/").rpartition("/")[2] or urlsplit(address).hostname or "page"
    return (f"{name}.html" if kind.startswith("text/html") and "." not in name else name), bytes(data)
