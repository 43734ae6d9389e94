"""Addresses: real HTTP on loopback, and what is refused of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from imrllm import fetching
from imrllm.errors import DocumentError
from imrllm.fetching import fetch


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path in ("/round", "/moved", "/file"):
            self.send_response(302)
            targets = {"/round": "/round", "/moved": "/letter%201.pdf", "/file": "file:///etc/passwd"}
            self.send_header("Location", targets[path])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(404 if path == "/gone" else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8" if path == "/page" else "application/pdf")
        self.send_header("Content-Length", "9" if path == "/cut" else "5")
        self.end_headers()
        self.wfile.write(b"Text.")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "name"),
    [("/letter%201.pdf", "letter 1.pdf"), ("/page", "page.html"), ("/moved", "moved"), ("/", "127.0.0.1")],
)
def test_what_is_fetched(site: str, path: str, name: str) -> None:
    assert fetch(site + path) == (name, b"Text.")


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("/gone", "answers 404"),
        ("/round", "TooManyRedirects"),
        ("/file", "cannot be fetched (UnsupportedProtocol)"),
        ("/cut", "RemoteProtocolError"),
    ],
)
def test_what_cannot_be_had(site: str, path: str, cause: str) -> None:
    address = site.replace("http://", "http://user:secret@") + path + "?key=secret"
    with pytest.raises(DocumentError) as raised:
        fetch(address)
    assert cause in str(raised.value)
    assert "secret" not in str(raised.value)
    assert raised.value.hint


def test_too_much_is_left(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MAX_FETCHED", 4)
    with pytest.raises(DocumentError, match="too large"):
        fetch(f"{site}/letter.pdf")


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "http://", "http://[", "http://127.0.0.1:99999/"])
def test_no_site(address: str) -> None:
    with pytest.raises(DocumentError, match="cannot be fetched"):
        fetch(address)
