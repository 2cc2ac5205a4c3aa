"""A user's own model over HTTP: the one file of this stage that knows httpx.

What goes out is a note, so it goes to the address that the user set and nowhere else:
no redirect is followed, and for this machine no proxy is asked. Of what comes back
nothing is shown, not even a reason: a service may quote the note.
"""

import logging
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import orjson

from chronicle.core.certificate import is_untrusted
from chronicle.core.errors import ReaderBroken, ReaderRefused
from chronicle.ingest.model.address import CA_FILE, HOWTO, URL, Address, unfit
from chronicle.ingest.model.claims import Nonsense

ATTEMPTS = 5
FIRST_SECONDS = 1.0  # doubled each time
LONGEST_SECONDS = 60.0  # to be told "later than that" ends the run
TIMEOUT = httpx.Timeout(300.0, connect=20.0)  # a small machine thinks for minutes
ANSWER_SECONDS = 900.0  # of an answer that comes drop by drop
MOST_BYTES = 1_000_000
PASSING = (408, 425, 429)
WHERE = f"the model behind {URL}"


class Passing(Exception):  # noqa: N818, it names what happened
    """Something that may pass: wait, and ask again."""

    def __init__(self, what: str, wait_seconds: float | None = None) -> None:
        super().__init__(what)
        self.wait_seconds = wait_seconds


class Server:
    """A connection to a model."""

    def __init__(self, address: Address, client: httpx.Client) -> None:
        self._url = f"{address.url}/chat/completions"
        self._client = client

    def ask(
        self, request: Callable[[int], bytes], check: Callable[[str], object]
    ) -> str:
        """Return what a model says, patiently.

        Args:
            request: The body, by how often nonsense was answered.
            check: Raises `Nonsense` where an answer is none.

        Raises:
            ReaderBroken: No answer comes for now.
            ReaderRefused: None will come, or each is nonsense.
        """
        nonsense = failures = 0
        while True:
            try:
                answer = _content(self._once(request(nonsense)))
                check(answer)
                return answer
            except Nonsense:
                nonsense += 1
                if nonsense >= ATTEMPTS:
                    raise _refused(
                        f"{ATTEMPTS} answers to one note are not the JSON asked for"
                    ) from None
            except Passing as trouble:
                failures += 1
                _wait(trouble, failures)

    def _once(self, body: bytes) -> bytes:
        until = time.monotonic() + ANSWER_SECONDS
        try:
            with self._client.stream("POST", self._url, content=body) as response:
                _judge(response)
                found = bytearray()
                for chunk in response.iter_bytes():
                    found += chunk
                    if len(found) > MOST_BYTES:
                        raise Nonsense
                    if time.monotonic() > until:
                        raise Passing("an answer had no end")
                return bytes(found)
        except httpx.TimeoutException:
            raise Passing("no answer came in time") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL):
            raise unfit(URL, "is no web address") from None
        except httpx.DecodingError:
            raise Nonsense from None
        except httpx.RequestError as fault:
            if is_untrusted(fault):
                raise _refused(
                    f"its certificate is signed by nobody whom {CA_FILE} or the "
                    "system trusts"
                ) from None
            raise Passing("the connection broke, or there was none") from None


@contextmanager
def connect(address: Address) -> Iterator[Server]:
    """Give a connection; certificates are verified.

    Raises:
        UsageError: The file of certificates holds none.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses
    trust: ssl.SSLContext | bool = True
    try:
        if address.ca_file:
            trust = ssl.create_default_context(cafile=address.ca_file)
    except ssl.SSLError:
        raise unfit(CA_FILE, "holds no certificate") from None
    headers = {"Content-Type": "application/json", "User-Agent": "chronicle"}
    if address.token:
        headers["Authorization"] = f"Bearer {address.token}"
    with httpx.Client(
        verify=trust,
        timeout=TIMEOUT,
        headers=headers,
        follow_redirects=False,
        trust_env=not address.is_here,
    ) as client:
        yield Server(address, client)


def _judge(response: httpx.Response) -> None:
    status = response.status_code
    if status in PASSING or status >= 500:
        after = response.headers.get("retry-after", "")
        seconds = float(after[:9]) if after.isdecimal() and after.isascii() else None
        raise Passing(f"it answers HTTP {status}", seconds)
    if status != 200:
        raise _refused(f"it answers HTTP {status}")


def _content(body: bytes) -> str:
    try:
        content = orjson.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError):
        raise Nonsense from None
    if not isinstance(content, str):
        raise Nonsense
    return content


def _wait(trouble: Passing, failures: int) -> None:
    seconds = trouble.wait_seconds
    if seconds is None:
        seconds = FIRST_SECONDS * 2 ** (failures - 1)
    if failures >= ATTEMPTS or seconds > LONGEST_SECONDS:
        raise ReaderBroken(
            f"{trouble}, {failures} times for one note.",
            where=WHERE,
            do="run again later: what it answered is kept; or set `ingest.model: null`",
        ) from None
    time.sleep(seconds)


def _refused(what: str) -> ReaderRefused:
    return ReaderRefused(
        f"{what}.", where=WHERE, do=f"see {HOWTO}; or set `ingest.model: null`"
    )
