"""The connections to a model's server: the SDK's requests over aiohttp, which take a fifth of httpx2's own time.

Measured with 128 requests in flight: httpx2's own pool takes 1.3 ms of processor a request (its pool looks at every
connection for each request, and parses HTTP in Python), aiohttp 0.2 ms.
"""

from __future__ import annotations

import aiohttp
import httpx2

# Shorter than servers keep an idle connection: uvicorn, which vLLM runs on, closes it after 5 seconds.
_IDLE_SECONDS = 4.0
# The first class that fits counts. A connection that was never made is told from one that broke.
_ERRORS: tuple[tuple[type[Exception], type[httpx2.TransportError]], ...] = (
    (aiohttp.ClientConnectorError, httpx2.ConnectError),
    (aiohttp.ConnectionTimeoutError, httpx2.ConnectTimeout),
    (aiohttp.ServerTimeoutError, httpx2.ReadTimeout),
    (aiohttp.InvalidURL, httpx2.UnsupportedProtocol),
    (aiohttp.ClientResponseError, httpx2.RemoteProtocolError),
    (aiohttp.ServerDisconnectedError, httpx2.RemoteProtocolError),
    (aiohttp.ClientError, httpx2.ReadError),
    (OSError, httpx2.ReadError),
)


class AiohttpTransport(httpx2.AsyncBaseTransport):
    """Sends httpx2 requests, whose bodies are in memory, over aiohttp; retries nothing."""

    def __init__(self, *, secure: bool) -> None:
        """Prepare; `secure` says whether the address begins with `https`, for which certificates are loaded."""
        self._secure = secure
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, and read its whole answer.

        Raises:
            httpx2.TransportError: there is no whole answer.
        """
        session = self._session or self._open()
        limits = request.extensions.get("timeout", {})
        try:
            async with session.request(
                request.method,
                # httpx2 has put credentials of the address into the headers.
                str(request.url.copy_with(userinfo=b"") if request.url.userinfo else request.url),
                headers=request.headers.multi_items(),
                data=request.content or None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(sock_connect=limits.get("connect"), sock_read=limits.get("read")),
            ) as answer:
                # The body is decoded by httpx2, which raises what the SDK expects of a damaged one.
                return httpx2.Response(answer.status, headers=answer.raw_headers, content=await answer.read())
        except (aiohttp.ClientError, OSError) as error:
            # The message names the address, which can hold a password, and the cause repeats it.
            raise next(into for kind, into in _ERRORS if isinstance(error, kind))(type(error).__name__) from None

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            # The number of requests in flight is limited elsewhere.
            connector=aiohttp.TCPConnector(
                limit=0, keepalive_timeout=_IDLE_SECONDS, ssl=httpx2.create_ssl_context() if self._secure else True
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )
        return self._session
