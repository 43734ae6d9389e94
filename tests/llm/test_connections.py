"""Requests over aiohttp: answers and failures are those of httpx2, as the SDK and the retries expect them."""

from __future__ import annotations

import asyncio
import socket

import httpx2
import pytest

from imrllm.llm import HttpTransport, ModelTarget, RetryPolicy
from imrllm.llm.connections import AiohttpTransport
from imrllm.llm.retry import is_unreached
from tests.llm.scripted import CALL
from tests.llm.standin import Reply, StandIn, completion, cut, dropped, gzipped, hanging

BODY = {"model": "m", "messages": [{"role": "user", "content": "ä" * 100_000}]}
GOOD = completion('{"name": "Norco"}')


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def ask(url: str, **options: float) -> httpx2.Response:
    async def run() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=AiohttpTransport(secure=False), **options) as client:  # type: ignore[arg-type]
            return await client.post(f"{url}/chat/completions", json=BODY, headers={"x-mark": "1"})

    return asyncio.run(run())


def address() -> str:
    """An address at which nothing answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}/v1"


@pytest.mark.parametrize("reply", [GOOD, gzipped(GOOD), Reply(429, {"error": {}}, {"retry-after": "7"})])
def test_what_is_sent_and_answered(reply: Reply) -> None:
    with StandIn(reply) as server:
        answer = ask(server.base_url)
    assert answer.status_code == reply.status
    assert answer.json() == (GOOD.body if reply.status == 200 else reply.body)
    assert answer.headers.get("retry-after") == reply.headers.get("retry-after")
    (received,) = server.received
    assert received.body == BODY
    assert received.headers["x-mark"] == "1"
    assert received.headers["user-agent"].startswith("python-httpx2")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (dropped(), httpx2.RemoteProtocolError),
        (cut(GOOD), httpx2.ReadError),
        (hanging(), httpx2.ReadTimeout),
        (Reply(200, b"no gzip", {"content-encoding": "gzip"}), httpx2.DecodingError),
    ],
)
def test_a_failure_has_its_class_in_httpx2(reply: Reply, kind: type[Exception]) -> None:
    with StandIn(reply) as server, pytest.raises(kind) as raised:
        ask(server.base_url, timeout=0.3)
    assert type(raised.value) is kind
    assert len(server.received) == 1, "this room retries nothing"


def test_an_address_at_which_nothing_answers_is_no_broken_connection() -> None:
    with pytest.raises(httpx2.ConnectError) as raised:
        ask(address().replace("//", "//user:secret@"))
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(("url", "unreached"), [("", False), (address(), True)], ids=["dropped", "nothing there"])
def test_the_retries_tell_a_broken_connection_from_one_that_was_never_made(url: str, unreached: bool) -> None:
    async def run(base_url: str) -> BaseException:
        target = ModelTarget("vllm/m", "vllm", "m", base_url=base_url)
        async with HttpTransport(target, retry=RetryPolicy(attempts=1)) as http:
            try:
                await http.sdk.post("/chat/completions", body=BODY, cast_to=httpx2.Response)
            except Exception as error:  # noqa: BLE001 - it is what the test looks at
                return error
        raise AssertionError

    with StandIn(dropped()) as server:
        assert is_unreached(asyncio.run(run(url or server.base_url))) is unreached


def test_credentials_of_the_address_are_sent_as_httpx2_sends_them() -> None:
    with StandIn(GOOD) as server:
        ask(server.base_url.replace("//", "//user:secret@"))
    assert server.received[0].headers["authorization"].startswith("Basic ")


class TestWhoConnects:
    """aiohttp, but for recordings and behind a proxy."""

    @pytest.fixture
    def sent_by_aiohttp(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        sent: list[str] = []

        async def handle(self: AiohttpTransport, request: httpx2.Request) -> httpx2.Response:
            sent.append(request.url.host)
            return httpx2.Response(200, json=GOOD.body)

        monkeypatch.setattr(AiohttpTransport, "handle_async_request", handle)
        return sent

    def send(self, base_url: str, **options: bool) -> None:
        target = ModelTarget("vllm/m", "vllm", "m", base_url=base_url)

        async def run() -> None:
            async with HttpTransport(target, retry=RetryPolicy(attempts=1), **options) as http:  # type: ignore[arg-type]
                await http.send(CALL, BODY, lambda: None)

        asyncio.run(run())

    @pytest.mark.usefixtures("no_proxy")
    def test_a_hosted_model(self, sent_by_aiohttp: list[str]) -> None:
        self.send("https://models.invalid/v1")
        assert sent_by_aiohttp == ["models.invalid"]

    @pytest.mark.usefixtures("no_proxy")
    def test_a_recording(self, sent_by_aiohttp: list[str]) -> None:
        with StandIn(GOOD) as server:
            self.send(server.base_url, by_httpx2=True)
        assert (sent_by_aiohttp, len(server.received)) == ([], 1)

    def test_behind_a_proxy_which_does_not_reach_this_machine(
        self, sent_by_aiohttp: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with StandIn(GOOD) as proxy, StandIn(GOOD) as server:
            monkeypatch.setenv("http_proxy", proxy.base_url.removesuffix("/v1"))
            self.send("http://models.invalid/v1")
            assert (sent_by_aiohttp, len(proxy.received)) == ([], 1)
            self.send(server.base_url)
        assert sent_by_aiohttp == ["127.0.0.1"]
        assert len(proxy.received) == 1
