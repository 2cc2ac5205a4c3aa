"""A FHIR server that exports, over real sockets, and that can be told to misbehave."""

import base64
import gzip
import json
import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA384

TIME = "2026-11-24T08:00:00.000Z"
AT_ONCE = {"Retry-After": "0"}


def ndjson(kind: str, number: int) -> bytes:
    lines = [
        json.dumps({"resourceType": kind, "id": f"secret-{each}"})
        for each in range(number)
    ]
    return "\n".join([*lines, ""]).encode()


@dataclass
class Seen:
    """A request, as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Any
    form: dict[str, list[str]] = field(default_factory=dict)

    @property
    def token(self) -> str | None:
        return self.headers.get("Authorization")


class FhirServer(ThreadingHTTPServer):
    """What it holds, and how it behaves, are attributes that a test sets."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[Seen] = []
        self.files: dict[str, bytes] = {}
        self.lists: dict[str, list[dict[str, Any]]] = {"output": []}
        self.counted = self.ranges = self.is_open = True
        self.tagged, self.gzips = '"v1"', False
        # What is said instead of the true answer, once each, in order.
        self.instead: dict[str, list[Callable[[Handler], None]]] = defaultdict(list)
        # After how many bytes of a file the connection breaks, once each.
        self.cuts: dict[str, list[int]] = defaultdict(list)
        # After how many bytes of a file nothing comes until it is set.
        self.stalls: dict[str, int] = {}
        self.stalled, self.released = threading.Event(), threading.Event()
        self.host = "127.0.0.1"
        self.scheme = "http"
        self.jobs = 0
        self.needs_token = False
        self.key: Any = None
        self.token_seconds = 300
        self.tokens: list[str] = []
        self.used: set[str] = set()
        # What transactions have put there.
        self.held: dict[str, dict[str, Any]] = {}
        self.bundles: list[list[dict[str, Any]]] = []

    def hold(self, kind: str, content: bytes, key: str = "output") -> str:
        """Hold a file of an export; return its path."""
        path = f"/r4/files/{len(self.files)}-patient-77"
        self.files[path] = content
        item = {"type": kind, "url": self.at(path)}
        if self.counted:
            item["count"] = content.count(b"\n")
        self.lists.setdefault(key, []).append(item)
        return path

    def at(self, path: str) -> str:
        return f"{self.scheme}://{self.host}:{self.server_port}{path}"

    @property
    def url(self) -> str:
        return self.at("/r4")

    def asked(self, method: str, part: str) -> list[Seen]:
        return [s for s in self.seen if s.method == method and part in s.path]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients break off here, and are meant to."""


def says(status: int, body: bytes | dict = b"", **headers: str):
    """Answer something else."""

    def say(handler: "Handler") -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        text = json.dumps(body).encode() if isinstance(body, dict) else body
        handler.say(status, text, **named)

    return say


def html(status: int = 200):
    page = b"<html><body>Patient Ann Lee could not be found</body></html>"
    return says(status, page, Content_Type="text/html", Retry_After="0")


def outcome(status: int, code: str, **headers: str):
    issue = {"severity": "error", "code": code, "diagnostics": "Ann Lee, MRN 77"}
    body = {"resourceType": "OperationOutcome", "issue": [issue]}
    return says(status, body, **headers)


def once_there(path: Path, answer: Callable[["Handler"], None]):
    """Give an answer as soon as the client has a file on its disk."""

    def wait(handler: "Handler") -> None:
        for _ in range(500):
            if path.exists():
                break
            time.sleep(0.01)
        answer(handler)

    return wait


def hangs_up(handler: "Handler") -> None:
    handler.reset()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: FhirServer

    def do_GET(self) -> None:
        self.take({})

    def do_DELETE(self) -> None:
        self.take({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.body = body
        is_form = "form" in self.headers.get("Content-Type", "")
        self.take(parse_qs(body.decode()) if is_form else {})

    def take(self, form: dict[str, list[str]]) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        seen = Seen(self.command, parts.path, query, self.headers, form)
        self.server.seen.append(seen)
        self.path = parts.path
        if self.server.instead[self.path]:
            self.server.instead[self.path].pop(0)(self)
        elif self.path == "/token":
            self.give_token(form)
        elif self.path.endswith("smart-configuration"):
            self.say(200, json.dumps({"token_endpoint": self.server.at("/token")}))
        elif not self.is_let_in():
            outcome(401, "login")(self)
        else:
            self.answer()

    def answer(self) -> None:
        if self.command == "POST":
            self.say(200, json.dumps(self.transacted(json.loads(self.body))))
        elif self.path.endswith("$export"):
            self.server.jobs += 1
            place = self.server.at(f"/r4/jobs/{self.server.jobs}")
            self.say(202, **{"Content-Location": place})
        elif self.path.startswith("/r4/jobs/"):
            if self.command == "DELETE":
                self.say(202)
            else:
                self.say(200, json.dumps(self.manifest()))
        elif self.path in self.server.files:
            self.give_file(self.server.files[self.path])
        else:
            outcome(404, "not-found")(self)

    def transacted(self, bundle: dict[str, Any]) -> dict[str, Any]:
        assert bundle["type"] == "transaction"
        self.server.bundles.append(bundle["entry"])
        held, done = self.server.held, []
        for each in bundle["entry"]:
            request = each["request"]
            name, status = request["url"], "200 OK"
            if request["method"] == "PUT":
                resource = each["resource"]
                assert name == f"{resource['resourceType']}/{resource['id']}"
                status = "200 OK" if name in held else "201 Created"
                held[name] = resource
            elif held.pop(name, None) is None:
                status = "404 Not Found"
            done.append({"response": {"status": status}})
        kind = {"resourceType": "Bundle", "type": "transaction-response"}
        return kind | {"entry": done}

    def manifest(self) -> dict[str, Any]:
        return {
            "transactionTime": TIME,
            "request": self.server.at("/r4/$export"),
            "requiresAccessToken": self.server.needs_token,
            "error": [],
            **self.server.lists,
        }

    def give_file(self, content: bytes) -> None:
        headers = {"ETag": self.server.tagged} if self.server.tagged else {}
        if self.server.gzips and "gzip" in self.headers.get("Accept-Encoding", ""):
            content = gzip.compress(content, mtime=0)
            headers["Content-Encoding"] = "gzip"
        start, status, size = 0, 200, len(content)
        asked = self.headers.get("Range")
        is_same = self.headers.get("If-Range") == self.server.tagged
        if asked and self.server.ranges and is_same:
            start, status = int(asked[len("bytes=") : -1]), 206
            headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        if status == 206 and start >= size:
            return self.say(416, **{"Content-Range": f"bytes */{size}"})
        self.begin(status, size - start, headers)
        self.send_body(content[start:])
        return None

    def send_body(self, body: bytes) -> None:
        cuts = self.server.cuts[self.path]
        if cuts:
            self.wfile.write(body[: cuts.pop(0)])
            return self.reset()
        if self.path in self.server.stalls and not self.server.stalled.is_set():
            first = self.server.stalls[self.path]
            self.wfile.write(body[:first])
            self.server.stalled.set()
            self.server.released.wait(30)
            body = body[first:]
        self.wfile.write(body)
        return None

    def reset(self) -> None:
        # Wait until what was sent has been read: a reset throws the rest away.
        self.wfile.flush()
        time.sleep(0.02)
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def is_let_in(self) -> bool:
        if self.server.key is None:
            return True
        is_file = self.path in self.server.files
        if is_file and not self.server.needs_token:
            return True
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        return token in self.server.tokens

    def give_token(self, form: dict[str, list[str]]) -> None:
        try:
            claims = verified(form["client_assertion"][0], self.server.key)
        except (InvalidSignature, KeyError, ValueError):
            return self.say(400, json.dumps({"error": "invalid_client"}))
        assert form["grant_type"] == ["client_credentials"]
        assert form["client_assertion_type"][0].endswith("jwt-bearer")
        assert claims["iss"] == claims["sub"] == "chronicle-1"
        assert claims["aud"] == self.server.at("/token")
        assert 0 < claims["exp"] - time.time() <= 300
        assert claims["jti"] not in self.server.used
        self.server.used.add(claims["jti"])
        self.server.tokens.append(f"token-{len(self.server.tokens)}")
        given = {
            "access_token": self.server.tokens[-1],
            "token_type": "bearer",
            "expires_in": self.server.token_seconds,
        }
        return self.say(200, json.dumps(given))

    def say(self, status: int, body: bytes | str = b"", **headers: str) -> None:
        text = body.encode() if isinstance(body, str) else body
        self.begin(status, len(text), headers)
        self.wfile.write(text)

    def begin(self, status: int, size: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(size)} | headers).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def verified(text: str, key: Any) -> dict[str, Any]:
    """Verify a JWT by hand, so that no JOSE library is its own witness."""
    head, claims, signature = (
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        for part in text.split(".")
    )
    signed, header = text.rsplit(".", 1)[0].encode(), json.loads(head)
    assert header["kid"]
    if isinstance(key, rsa.RSAPublicKey):
        assert header["alg"] == "RS384"
        key.verify(signature, signed, padding.PKCS1v15(), SHA384())
    else:
        assert header["alg"] == "ES384"
        half = len(signature) // 2
        numbers = (
            int.from_bytes(each) for each in (signature[:half], signature[half:])
        )
        key.verify(utils.encode_dss_signature(*numbers), signed, ec.ECDSA(SHA384()))
    return json.loads(claims)
