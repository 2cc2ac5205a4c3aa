"""A FHIR server for each test, and the stage that asks it."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from joserfc.jwk import ECKey, RSAKey

from chronicle.fetch import patience
from tests.fetch.server import FhirServer, ndjson


@pytest.fixture
def serving() -> Iterator[Callable[[], FhirServer]]:
    """Start servers; they end with the test."""
    running: list[tuple[FhirServer, threading.Thread]] = []

    def serve() -> FhirServer:
        server = FhirServer()
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        running.append((server, thread))
        return server

    yield serve
    for server, thread in running:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server(serving, monkeypatch) -> FhirServer:
    """Start a server that holds two files, and tell the environment of it."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    server = serving()
    server.hold("Patient", ndjson("Patient", 3))
    server.hold("Observation", ndjson("Observation", 500))
    monkeypatch.setenv("CHRONICLE_FHIR_URL", server.url)
    return server


@pytest.fixture
def asks(project: Path) -> Callable[..., None]:
    """Change what `params.yaml` asks for."""

    def change(**changed: object) -> None:
        settings = yaml.safe_load((project / "params.yaml").read_text())
        settings["fetch"] |= changed
        (project / "params.yaml").write_text(yaml.safe_dump(settings))

    return change


@pytest.fixture
def fetch(run, monkeypatch, caplog) -> Callable[..., str]:
    """Fetch; return what was logged."""
    # As `python -m chronicle` has it: libraries do not speak.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    monkeypatch.setattr(patience, "FIRST_SECONDS", 0.001)

    def fetch_into(exits: int = 0) -> str:
        run("fetch", "data/fetched", exits=exits)
        return "\n".join(each.getMessage() for each in caplog.records)

    return fetch_into


@pytest.fixture
def holds(tmp_path, monkeypatch):
    """Hold a private key in a file, as the environment says."""

    def hold(content: bytes | str, mode: int = 0o600) -> Path:
        path = tmp_path / "key"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        monkeypatch.setenv("CHRONICLE_FHIR_CLIENT_ID", "chronicle-1")
        monkeypatch.setenv("CHRONICLE_FHIR_KEY_FILE", str(path))
        return path

    return hold


@pytest.fixture
def guarded(server, rsa_key, holds):
    """Let in only those with a token, to the files too."""
    holds(rsa_key.as_pem(private=True))
    server.key = rsa_key.public_key
    server.needs_token = True
    return server


@pytest.fixture(scope="session")
def rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048, private=True)


@pytest.fixture(scope="session")
def ec_key() -> ECKey:
    return ECKey.generate_key("P-384", private=True)


def fetched(folder: Path = Path("data/fetched")) -> dict[str, bytes]:
    """Return the NDJSON that was fetched, by its name."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*.ndjson"))
    }
