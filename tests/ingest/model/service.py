"""An OpenAI-compatible service over a real socket, that can be told to misbehave."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Said = tuple[int, dict[str, str], bytes]


def answer(*mentions: Any) -> Said:
    return told(json.dumps({"mentions": mentions}))


def told(content: Any) -> Said:
    body = {"choices": [{"message": {"role": "assistant", "content": content}}]}
    return 200, {}, json.dumps(body).encode()


def claim(concept: str, quote: str, **more: str) -> dict[str, str]:
    status = {"polarity": "affirmed", "who": "patient", "when": "current"}
    return {"concept": concept, "quote": quote} | status | more


class Service(ThreadingHTTPServer):
    """`says` are its answers, in order; the last one is said again and again."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.forget()

    def forget(self) -> None:
        self.seen: list[tuple[str, Any, dict[str, Any]]] = []
        self.says: list[Said | Callable[[str], Said]] = [answer()]

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that did not wait."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        asked = json.loads(self.rfile.read(length))
        says = self.server.says
        says = says[min(len(self.server.seen), len(says) - 1)]
        self.server.seen.append((self.path, self.headers, asked))
        if callable(says):
            says = says(asked["messages"][-1]["content"])
        status, headers, body = says
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Service]:
    server = Service()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
