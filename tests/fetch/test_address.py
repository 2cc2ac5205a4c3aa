"""Where things are sent, and where they are not."""

import datetime
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chronicle.fetch import address
from tests.fetch.conftest import fetched
from tests.fetch.server import ndjson, says
from tests.fetch.test_export import TWO


@pytest.mark.parametrize(
    "wrong",
    [
        {"CHRONICLE_FHIR_URL": ""},
        {"CHRONICLE_FHIR_URL": "fhir.example.org"},
        {"CHRONICLE_FHIR_URL": "ftp://fhir.example.org"},
        {"CHRONICLE_FHIR_URL": "https://me:pw@fhir.example.org"},
        {"CHRONICLE_FHIR_URL": "https://fhir.example.org/r4?a=b"},
        {"CHRONICLE_FHIR_URL": "https://fhir.example.org:port"},
        {"CHRONICLE_FHIR_CLIENT_ID": "x"},
        {"CHRONICLE_FHIR_KEY_FILE": "x"},
        {"CHRONICLE_FHIR_CA_FILE": "nowhere"},
        {"CHRONICLE_FHIR_CA_FILE": "params.yaml"},
        {
            "CHRONICLE_FHIR_URL": "http://fhir.example.org",
            "CHRONICLE_FHIR_CLIENT_ID": "x",
            "CHRONICLE_FHIR_KEY_FILE": "x",
        },
    ],
    ids=str,
)
def test_an_environment_that_is_not_fit_to_be_used_is_a_usage_error(
    server, fetch, monkeypatch, wrong
):
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    said = fetch(exits=2)
    assert "environment" in said
    assert "pw" not in said
    assert not server.seen


def test_what_the_environment_says_is_what_is_asked(monkeypatch):
    monkeypatch.setenv("CHRONICLE_FHIR_URL", " https://fhir.example.org/r4/ ")
    assert address.read() == address.Address("https://fhir.example.org/r4")


def test_a_file_on_another_host_gets_no_token_whatever_the_manifest_says(
    guarded,
    serving,
    fetch,
):
    other = serving()
    other.host = "localhost"
    other.hold("Patient", ndjson("Patient", 2))
    guarded.lists["output"] += other.lists["output"]
    fetch()
    assert fetched()["Patient.2.ndjson"] == ndjson("Patient", 2)
    assert [seen.token for seen in other.seen] == [None]
    assert {seen.token for seen in guarded.asked("GET", "/files/")} == {
        "Bearer token-0"
    }


def test_a_file_that_needs_no_token_gets_none(guarded, fetch):
    guarded.needs_token = False
    fetch()
    assert {seen.token for seen in guarded.asked("GET", "/files/")} == {None}


def test_a_redirect_to_another_host_leaves_the_token_behind(
    guarded,
    serving,
    fetch,
):
    other = serving()
    path = other.hold("Patient", ndjson("Patient", 3))
    guarded.instead["/r4/files/0-patient-77"] = [says(307, Location=other.at(path))]
    fetch()
    assert fetched() == TWO
    assert [seen.token for seen in other.seen] == [None]


def test_a_redirect_on_the_same_host_is_followed_with_the_token(
    guarded,
    fetch,
):
    guarded.instead["/r4/files/0-patient-77"] = [says(302, Location="1-patient-77")]
    guarded.lists["output"] = [
        {"type": "Observation", "url": guarded.at("/r4/files/0-patient-77")}
    ]
    fetch()
    assert set(fetched()) == {"Observation.1.ndjson"}


def test_redirects_in_a_circle_end(server, fetch):
    server.instead["/r4/$export"] = [says(302, Location=server.url + "/$export")] * 9
    assert "in circles" in fetch(exits=17)


def test_an_assertion_is_posted_to_no_other_place(guarded, fetch):
    guarded.instead["/token"] = [says(307, Location="http://localhost:1/token")]
    assert "HTTP 307" in fetch(exits=17)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a/b", "http://me:pw@127.0.0.1/x", "http://a:b"]
)
def test_an_address_that_is_none_of_the_web_is_refused(server, fetch, url):
    server.lists["output"][0]["url"] = url
    assert "an address that is none" in fetch(exits=17)
    assert len(server.asked("GET", "/files/")) == 0


def test_an_address_that_cannot_be_sent_is_refused(server, fetch):
    server.lists["output"][0]["url"] += "\x01"
    assert "cannot be used" in fetch(exits=17)


def test_a_server_with_tls_sends_nobody_to_where_there_is_none():
    with pytest.raises(address.FetchRefused, match="without TLS"):
        address.permitted("http://a.org/x", "https://a.org/r4", where="here")


def test_the_environments_proxy_is_used(server, fetch, monkeypatch):
    # The server is its own proxy: a request through it names the whole address.
    monkeypatch.setenv("HTTP_PROXY", server.at("/"))
    monkeypatch.setenv("CHRONICLE_FHIR_URL", "http://fhir.invalid/r4")
    fetch()
    assert fetched() == TWO
    assert server.asked("GET", "$export")[0].headers["Host"] == "fhir.invalid"


@pytest.fixture
def tls(server, tmp_path):
    """Let the server speak TLS by a certificate that its own key signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    shown = certificate.public_bytes(serialization.Encoding.PEM)
    pem.write_bytes(private + shown)
    (tmp_path / "ca.pem").write_bytes(shown)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.host, server.scheme = "localhost", "https"
    for item, path in zip(server.lists["output"], server.files, strict=True):
        item["url"] = server.at(path)
    return tmp_path / "ca.pem"


def test_certificates_are_verified_and_a_hospitals_own_can_be_named(
    server, tls, fetch, monkeypatch
):
    monkeypatch.setenv("CHRONICLE_FHIR_URL", server.url)
    said = fetch(exits=17)
    assert "signed by nobody whom we trust" in said
    assert "set CHRONICLE_FHIR_CA_FILE" in said
    assert not server.seen
    monkeypatch.setenv("CHRONICLE_FHIR_CA_FILE", str(tls))
    fetch()
    assert fetched() == TWO
