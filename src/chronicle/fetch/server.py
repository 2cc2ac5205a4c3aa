"""One FHIR server over HTTP: redirects, tokens, TLS; the file here that knows httpx."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from urllib.parse import urljoin

import httpx

from chronicle.core.certificate import is_untrusted
from chronicle.core.errors import UsageError
from chronicle.fetch.access import WHERE, Access, Form, accepted
from chronicle.fetch.address import CA_FILE, Address, is_same, permitted
from chronicle.fetch.answer import Answer, judge, refused
from chronicle.fetch.patience import Passing, broken, patiently

Response = httpx.Response
JSON = {"Accept": "application/json"}
TIMEOUT = httpx.Timeout(120.0, connect=20.0)  # kick-offs are slow on busy servers
REDIRECTS = 5
MOST_BYTES = 64 * 1024 * 1024  # of an answer that is held in memory


@dataclass(frozen=True)
class Request:
    """What is asked: `with_token` where the answer is not for everybody."""

    method: str
    url: str
    where: str
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    with_token: bool = True
    form: Form | None = None
    content: bytes | None = None


class Server:
    """A connection to one server, for several threads."""

    def __init__(self, address: Address, client: httpx.Client) -> None:
        self.address = address
        self._client = client
        self._stop = Event()
        self._access = Access(address, self._get_openly, self._post)

    def ask(self, request: Request, accepts: tuple[int, ...] = (200,)) -> Answer:
        """Return a small answer, patiently.

        Raises:
            FetchBroken: None comes for now.
            FetchRefused: None of the statuses in `accepts` will come.
        """
        return patiently(
            lambda: judge(self.once(request), where=request.where, accepts=accepts),
            where=request.where,
            pause=self.pause,
        )

    def once(self, request: Request) -> Answer:
        """Return a small answer, whatever it says.

        Raises:
            Passing: None came.
        """
        with self.open(request) as response:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise refused(
                        "the answer is far too long",
                        request.where,
                        "see what is behind CHRONICLE_FHIR_URL",
                    )
            return Answer(response.status_code, response.headers, bytes(body))

    @contextmanager
    def open(self, request: Request) -> Iterator[httpx.Response]:
        """Send a request once; give the answer, whose body is still to be read.

        Raises:
            Passing: The way to the server failed, now or while the body was read.
        """
        try:
            response = self._sent(request)
            try:
                yield response
            finally:
                response.close()
        except httpx.TimeoutException:
            raise Passing("the server did not answer in time") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL):
            raise refused(
                "an address of the server cannot be used", request.where, "mend it"
            ) from None
        except httpx.RequestError as fault:
            if is_untrusted(fault):
                raise refused(
                    "the server's certificate is signed by nobody whom we trust",
                    request.where,
                    f"set {CA_FILE} to the certificates of those who signed it",
                ) from None
            raise Passing("the connection broke") from None

    def pause(self, seconds: float) -> None:
        """Wait; shorter where all is to stop.

        Raises:
            FetchBroken: All is to stop.
        """
        if self._stop.wait(seconds):
            raise broken("stopped, since something else failed", "FHIR server")

    def stop(self) -> None:
        """Let all threads end soon: what they have is kept."""
        self._stop.set()

    def _sent(self, request: Request) -> httpx.Response:
        url, renewed = request.url, False
        for _ in range(REDIRECTS):
            permitted(url, self.address.url, where=request.where)
            token = self._token_for(url) if request.with_token else None
            response = self._client.send(self._built(url, request, token), stream=True)
            target = response.headers.get("location")
            if response.status_code == 401 and token and not renewed:
                response.close()
                self._access.forget(token)
                renewed = True
            elif response.is_redirect and target and request.method == "GET":
                response.close()
                url = urljoin(url, target)
            else:
                return response
        raise refused("the server sends us in circles", request.where, "mend its URL")

    def _built(self, url: str, request: Request, token: str | None) -> httpx.Request:
        headers = dict(request.headers)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        form = dict(request.form()) if request.form else None
        return self._client.build_request(
            request.method, url, headers=headers, data=form, content=request.content
        )

    def _token_for(self, url: str) -> str | None:
        # To no other host, whatever the server says: it may have been lied to.
        return self._access.token() if is_same(url, self.address.url) else None

    def _get_openly(self, url: str) -> Answer:
        request = Request("GET", url, WHERE, with_token=False)
        return patiently(lambda: self._json(request), where=WHERE, pause=self.pause)

    def _json(self, request: Request) -> Answer:
        answer = judge(self.once(request), where=request.where, accepts=(200,))
        answer.json()  # a gateway's page may pass
        return answer

    def _post(self, url: str, form: Form) -> Answer:
        request = Request("POST", url, WHERE, with_token=False, form=form)
        return patiently(
            lambda: accepted(self.once(request)), where=WHERE, pause=self.pause
        )


@contextmanager
def connect(address: Address) -> Iterator[Server]:
    """Give a connection: certificates are verified, the environment's proxy is used.

    Raises:
        UsageError: The file of certificates holds none.
    """
    trust: ssl.SSLContext | bool = True
    try:
        if address.ca_file:
            trust = ssl.create_default_context(cafile=address.ca_file)
    except ssl.SSLError:
        raise UsageError(
            f"{CA_FILE} holds no certificate.",
            where="environment",
            do="name a PEM file of certificates",
        ) from None
    with httpx.Client(
        verify=trust,
        timeout=TIMEOUT,
        follow_redirects=False,
        headers={"User-Agent": "chronicle"},
    ) as client:
        yield Server(address, client)
