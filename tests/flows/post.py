"""The hospital's mail server: it takes letters under TLS, from who logs in."""

import base64
import email
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path

from flows import server

USER, PASSWORD = "chronicle", "open-sesame"
LOGIN = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()


class Talk(socketserver.StreamRequestHandler):
    """Talk to one client; its server keeps `letters` and has the `context` of TLS."""

    def handle(self) -> None:
        self.say("220 post")
        is_private = is_known = False
        while words := self.rfile.readline().decode().split():
            match words[0].upper():
                case "EHLO":
                    can = "AUTH PLAIN" if is_private else "STARTTLS"
                    self.say("250-post", f"250 {can}")
                case "STARTTLS":
                    self.say("220 go on")
                    self.hide()
                    is_private = True
                case "AUTH":
                    is_known = is_private and words[2] == LOGIN
                    self.say("235 well" if is_known else "535 who is that")
                case "DATA" if is_known:
                    self.say("354 go on")
                    lines = b"".join(iter(self.rfile.readline, b".\r\n"))
                    self.server.letters.append(email.message_from_bytes(lines))
                    self.say("250 taken")
                case _:
                    self.say("250 well" if is_known else "530 log in first")

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def hide(self) -> None:
        """Go on under TLS."""
        hidden = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = hidden.makefile("rb"), hidden.makefile("wb", 0)
        self.connection = hidden

    def finish(self) -> None:
        super().finish()
        self.connection.close()


@contextmanager
def office(folder: Path) -> Iterator[tuple[str, Path, list[Message]]]:
    """Be there; give the address of Apprise, whom to trust, and what came."""
    key, certificate = folder / "post.key", folder / "post.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=post", "-addext", f"subjectAltName=IP:{server.HOST}",
            "-keyout", str(key), "-out", str(certificate),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    with socketserver.ThreadingTCPServer((server.HOST, 0), Talk) as listener:
        listener.daemon_threads, listener.letters = True, []
        listener.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        listener.context.load_cert_chain(certificate, key)
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        there = f"{USER}:{PASSWORD}@{server.HOST}:{listener.server_address[1]}"
        told = f"from=chronicle@clinic.example&to=ml@clinic.example&smtp={server.HOST}"
        yield f"mailtos://{there}?{told}", certificate, listener.letters
        listener.shutdown()
