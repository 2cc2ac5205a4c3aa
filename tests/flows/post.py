"""The hospital's mail server: it takes letters under TLS, from who logs in."""

import base64
import email
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

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


def vouch(key: Path, certificate: Path) -> None:
    """Write a key, and a certificate of our host that it signs itself."""
    own = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post")])
    now = datetime.now(UTC)
    host = x509.IPAddress(ipaddress.ip_address(server.HOST))
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .sign(own, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(Encoding.PEM))
    key.write_bytes(
        own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )


@contextmanager
def office(folder: Path) -> Iterator[tuple[str, Path, list[Message]]]:
    """Be there; give the address of Apprise, whom to trust, and what came."""
    key, certificate = folder / "post.key", folder / "post.pem"
    vouch(key, certificate)
    with socketserver.ThreadingTCPServer((server.HOST, 0), Talk) as listener:
        listener.daemon_threads, listener.letters = True, []
        listener.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        listener.context.load_cert_chain(certificate, key)
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        there = f"{USER}:{PASSWORD}@{server.HOST}:{listener.server_address[1]}"
        told = f"from=chronicle@clinic.example&to=ml@clinic.example&smtp={server.HOST}"
        yield f"mailtos://{there}?{told}", certificate, listener.letters
        listener.shutdown()
