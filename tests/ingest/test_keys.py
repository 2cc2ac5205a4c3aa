"""The key: where it comes from, when it is refused, and what it never shows."""

import base64
import pickle
from pathlib import Path

import pytest

from chronicle.core.errors import KeyRefused
from chronicle.ingest import keys, seal
from tests.conftest import SECRET


@pytest.fixture(autouse=True)
def nothing_configured(tmp_path, monkeypatch):
    for name in (keys.KEY, keys.KEY_FILE, keys.PRIVATE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        SECRET.hex(),
        f" {SECRET.hex().upper()}\n",
        base64.b64encode(SECRET).decode(),
        base64.urlsafe_b64encode(SECRET).decode().rstrip("="),
    ],
    ids=["hex", "capitals and blanks", "base64", "base64 for URLs"],
)
def test_a_key_is_the_same_however_it_is_written(text, monkeypatch):
    monkeypatch.setenv(keys.KEY, text)
    assert keys.load() == keys.derived(SECRET)


@pytest.mark.parametrize(
    "text",
    [SECRET[:31].hex(), "a passphrase of more than 32 characters!", "ü" * 64],
    ids=["31 bytes", "no hex, no base64", "no ASCII"],
)
def test_what_is_no_key_is_refused_without_being_shown(text, monkeypatch):
    monkeypatch.setenv(keys.KEY, text)
    with pytest.raises(KeyRefused) as refused:
        keys.load()
    assert text not in str(refused.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_may_open_is_refused(mode, monkeypatch, tmp_path):
    path = tmp_path / "elsewhere"
    path.write_text(SECRET.hex())
    path.chmod(mode)
    monkeypatch.setenv(keys.KEY_FILE, str(path))
    with pytest.raises(KeyRefused, match="chmod 600"):
        keys.load()
    path.chmod(0o600)
    assert keys.load() == keys.derived(SECRET)


def test_without_a_key_one_is_made_and_found_again(caplog):
    made = keys.load()
    path = Path("private/key")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert str(path) in caplog.text
    assert path.read_text().strip() not in caplog.text
    assert keys.load() == made
    assert [each.name for each in path.parent.iterdir()] == ["key"]


def test_two_new_keys_differ(monkeypatch):
    first = keys.load()
    monkeypatch.setenv(keys.PRIVATE, "other")
    assert keys.load() != first


def test_the_public_key_is_for_simulated_patients_where_nothing_was_configured():
    assert keys.load(lambda: True) == keys.derived(keys.DEMO)
    assert keys.load(lambda: True).demo
    assert not Path("private").exists()
    own = keys.load(lambda: False)
    assert not own.demo
    assert keys.load(lambda: True) == own  # a key that is there is taken


def test_a_key_file_that_is_named_and_not_there_is_made(monkeypatch, tmp_path):
    monkeypatch.setenv(keys.KEY_FILE, str(tmp_path / "mine" / "key"))
    assert not keys.load(lambda: True).demo
    assert (tmp_path / "mine" / "key").exists()


def test_keys_travel_to_workers_and_show_nothing():
    own = keys.derived(SECRET)
    assert pickle.loads(pickle.dumps(own)) == own  # noqa: S301, a line ago ours
    assert repr(own) == f"Keys({own.fingerprint})" == str(own)
    # What Prefect's console would print.
    assert own.__rich_repr__() == [("fingerprint", own.fingerprint)]
    secrets = (own.pseudonym, own.shift, own.seal)
    assert len(set(secrets)) == 3
    assert not any(each.hex().startswith(own.fingerprint) for each in secrets)


@pytest.mark.parametrize("data", [b"", b"x", b"Zebulon" * 1000])
def test_what_is_sealed_opens_with_the_same_key_for_the_same_purpose(data):
    own = keys.derived(SECRET)
    sealed = seal.seal(data, own, "refused")
    assert seal.unseal(sealed, own, "refused") == data
    assert seal.seal(data, own, "refused") == sealed
    assert len(sealed) == len(data) + seal.TAG_BYTES


@pytest.mark.parametrize(
    ("key", "purpose", "change"),
    [(keys.DEMO, "refused", 0), (SECRET, "linkage", 0), (SECRET, "refused", 1)],
    ids=["another key", "another purpose", "changed"],
)
def test_what_is_sealed_opens_in_no_other_way(key, purpose, change):
    sealed = bytearray(seal.seal(b"Zebulon", keys.derived(SECRET), "refused"))
    sealed[-1] ^= change
    with pytest.raises(KeyRefused):
        seal.unseal(bytes(sealed), keys.derived(key), purpose)


def test_what_is_shorter_than_any_seal_does_not_open():
    with pytest.raises(KeyRefused):
        seal.unseal(b"short", keys.derived(SECRET), "refused")
