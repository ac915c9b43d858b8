"""Messages out of the program: to a server on this machine, and what is said when it does not take
them. The address is a secret all along."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import stat
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from engine.errors import AskPerson, InvalidSetting, WaitAndRetry
from engine.messages import redaction
from engine.messages.redaction import redacted
from engine.runtime import messengers as module
from engine.runtime.messengers import (
    Messengers,
    failure_words,
    hide_addresses,
    shown,
    why_missing,
)
from engine.runtime.redacted_lines import Redacted
from engine.runtime.secret_file import FILE_NAME, SecretFile, hide_secret
from engine.runtime.workers import in_thread

SECRET = "Qw7Zr2Tn9Lk4"


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_known", set())


class Server:
    """Takes messages with the status that is set."""

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.status = 200
        there = self

        class Taker(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                there.taken.append(json.loads(self.rfile.read(length)))
                there.paths.append(self.path)
                self.send_response(there.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Taker)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.http.server_port}/{SECRET}"

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


def kept_in(folder: Path, *addresses: str) -> None:
    SecretFile(folder).change("messengers", lambda _: addresses)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


async def test_a_message_arrives_and_its_address_is_nowhere_to_be_read(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert why_missing() == ""
    caplog.set_level(logging.DEBUG)
    messengers = Messengers(tmp_path)
    assert await messengers.send("nobody", "there") == 0
    await messengers.add(server.address)
    assert await messengers.names() == ("json://[hidden]",)
    assert await messengers.send("Order filled: btc (paper)", "Bought <b>0.5</b>.") == 1
    (taken,) = server.taken
    assert taken["title"] == "Order filled: btc (paper)"
    assert taken["message"] == "Bought <b>0.5</b>."
    assert server.paths == [f"/{SECRET}"]
    logged = [Redacted().format(record) for record in caplog.records]
    assert logged
    assert SECRET not in " ".join(logged)
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert SECRET in (tmp_path / FILE_NAME).read_text()
    again = Messengers(tmp_path)
    with pytest.raises(InvalidSetting, match="is there already"):
        await again.add(server.address)
    await again.remove(0)
    assert await again.names() == ()
    assert SECRET not in (tmp_path / FILE_NAME).read_text()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "json://[hidden] did not take the message (403). It was not sent. Check the address"),
        (429, "json://[hidden] takes no more messages for now (429)."),
        (500, "json://[hidden] has a fault of its own (500)."),
    ],
)
async def test_a_refusal_is_a_sentence_without_the_address(
    server: Server, tmp_path: Path, status: int, words: str
) -> None:
    messengers = Messengers(tmp_path)
    await messengers.add(server.address)
    server.status = status
    with pytest.raises(WaitAndRetry) as refused:
        await messengers.send("a", "b")
    assert refused.value.words.startswith(words)
    assert SECRET not in refused.value.words


async def test_nobody_there_is_told_and_the_others_get_it(server: Server, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    messengers = Messengers(tmp_path)
    await messengers.add(f"json://127.0.0.1:{port}/{SECRET}x")
    await messengers.add(server.address)
    with pytest.raises(WaitAndRetry, match="could not be reached"):
        await messengers.send("a", "b")
    assert len(server.taken) == 1


async def test_who_does_not_answer_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_DEADLINE_S", 0.05)
    let_go = threading.Event()
    monkeypatch.setattr(module, "_notify", lambda *_: let_go.wait(5))
    kept_in(tmp_path, f"json://127.0.0.1:1/{SECRET}")
    messengers = Messengers(tmp_path)
    with pytest.raises(WaitAndRetry, match="did not answer in time"):
        await messengers.send("a", "b")
    let_go.set()


async def test_a_slow_place_holds_up_no_other_and_gets_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go, quick, told = threading.Event(), threading.Semaphore(0), list[tuple[str, str]]()
    begun: list[str] = []  # what has a deadline that runs

    def notify(address: str, title: str, text: str) -> None:
        if "slow" in address:
            let_go.wait(5)
        told.append((address.split(".")[0][7:], title))
        if "quick" in address:
            quick.release()

    async def counted(name: str, work: Callable[[], object], deadline_s: float) -> object:
        begun.append(name)
        return await in_thread(name, work, deadline_s)

    monkeypatch.setattr(module, "_notify", notify)
    monkeypatch.setattr(module, "in_thread", counted)
    kept_in(tmp_path, "json://slow.test/x", "json://quick.test/x")
    messengers = Messengers(tmp_path)
    sent = []
    for title in ("first", "second"):
        sent.append(asyncio.create_task(messengers.send(title, "b")))
        assert await in_thread("quick", partial(quick.acquire, timeout=5))
    assert told == [("quick", "first"), ("quick", "second")]
    assert begun.count("message") == 3
    let_go.set()
    assert await asyncio.gather(*sent) == [2, 2]
    assert told[2:] == [("slow", "first"), ("slow", "second")]


async def test_what_apprise_says_of_one_place_is_not_said_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = threading.Barrier(2)

    class Place:
        def __init__(self, code: str) -> None:
            self.code = code

        def notify(self, **_: object) -> bool:
            meeting.wait(5)
            logging.getLogger("apprise").warning("Failed, error=%s.", self.code)
            meeting.wait(5)
            return False

    apprise = module._apprise()
    make = lambda address: Place(address[-3:])  # noqa: E731
    monkeypatch.setattr(apprise.Apprise, "instantiate", staticmethod(make))
    kept_in(tmp_path, "json://a.test/403", "json://b.test/500")
    with pytest.raises(WaitAndRetry) as refused:
        await Messengers(tmp_path).send("a", "b")
    assert [part[:5] for part in refused.value.words.split("(")[1:]] == ["403).", "500)."]


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (lambda there: there.names(), "secrets.json of the data folder did not answer in time"),
        (lambda there: there.remove(0), "secrets.json of the data folder did not answer in time"),
        (lambda there: there.send("a", "b"), "secrets.json of the data folder did not answer"),
        (lambda there: there.add("json://a.test/x"), "could not be checked in time, so it was not"),
    ],
)
async def test_a_disk_or_library_that_hangs_is_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    work: Callable[[Messengers], Coroutine[object, object, object]],
    words: str,
) -> None:
    monkeypatch.setattr(module, "_DEADLINE_S", 0.05)
    let_go = threading.Event()
    monkeypatch.setattr(SecretFile, "_read", lambda _: let_go.wait(5) and {})
    monkeypatch.setattr(module, "_is_address", lambda _: let_go.wait(5))
    with pytest.raises(WaitAndRetry, match=words):
        await work(Messengers(tmp_path))
    let_go.set()


@pytest.mark.parametrize("address", ["", "nonsense", "foo://bar/x", f"http//{SECRET}"])
async def test_what_is_no_address_is_not_kept(tmp_path: Path, address: str) -> None:
    messengers = Messengers(tmp_path)
    with pytest.raises(InvalidSetting, match="no address that messages can be sent to"):
        await messengers.add(address)
    assert not (tmp_path / FILE_NAME).exists()


async def test_without_the_library_or_a_network_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_in(tmp_path, f"json://127.0.0.1:1/{SECRET}")
    with pytest.raises(AskPerson, match="--offline, so nothing is sent"):
        await Messengers(tmp_path, offline=True).send("a", "b")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    messengers = Messengers(tmp_path)
    for work in (messengers.add("json://x"), messengers.send("a", "b")):
        with pytest.raises(AskPerson, match="type python3 run"):
            await work
    monkeypatch.setattr(module, "PACKAGED", True)
    assert "this build of the program comes without" in why_missing()


async def test_a_file_that_cannot_be_used_is_told_and_kept(tmp_path: Path) -> None:
    place = tmp_path / FILE_NAME
    place.write_text("no json")
    secrets = SecretFile(tmp_path)
    assert secrets.texts("messengers") == ()
    kept_in(tmp_path, "json://a.test/x")
    assert (tmp_path / f"{FILE_NAME}.unreadable").read_text() == "no json"
    place.unlink()
    place.mkdir()
    messengers = Messengers(tmp_path)
    with pytest.raises(AskPerson, match="cannot be read"):
        await messengers.names()
    with pytest.raises(AskPerson, match="cannot be written"):
        await messengers.remove(0)


STRANGE = (f"mailtos://user:hunter℀{SECRET}@gmail.com/inbox", f"json://a[{SECRET}/x", "\ud800://x")
"""What the library's parser raises for, with the address in its words; and what is no text."""


@pytest.mark.parametrize("address", STRANGE)
async def test_an_address_that_no_parser_takes_is_refused_and_never_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def parse(given: str) -> None:
        raise ValueError(f"netloc '{given}' contains invalid characters")

    monkeypatch.setattr(module._apprise().Apprise, "instantiate", staticmethod(parse))
    with pytest.raises(InvalidSetting, match="no address that messages can be sent to") as refused:
        await Messengers(tmp_path).add(address)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


def test_a_file_edited_by_hand_keeps_no_report_from_being_made(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(json.dumps({"messengers": STRANGE}))
    hide_addresses(tmp_path)
    netloc = STRANGE[0].split("/")[2]
    said = redacted(f"netloc '{netloc}' contains hunter℀{SECRET} and user:hunter℀{SECRET}")
    assert SECRET not in said
    assert "hunter" not in said


def test_a_key_is_hidden_whatever_is_in_it_and_a_plain_word_is_not() -> None:
    hide_secret("gotify://host.test:8080/AbC.dEf-gHi")
    hide_secret("tgram://123456789%3AAbcdefgh/1?format=text&timeout=30&from=trader&name=Stopped")
    hide_secret("jsons://u:p%40ssword@other.test/a?pass=hunter&x=abc%2F12345678&y=2026")
    said = redacted(
        "AbC.dEf-gHi 123456789:Abcdefgh 123456789 Abcdefgh p@ssword hunter abc/12345678"
    )
    assert said == " ".join(["[hidden]"] * 7)
    plain = "host.test other.test text format timeout filled from trader name Stopped 2026"
    assert redacted(plain) == plain


def test_a_file_is_set_aside_only_once_the_new_one_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / FILE_NAME
    place.write_text("no json")

    def full(_: int) -> None:
        assert sorted(path.name for path in tmp_path.iterdir()) == [FILE_NAME, f"{FILE_NAME}.new"]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        kept_in(tmp_path, "json://a.test/x")
    assert place.read_text() == "no json"
    assert not list(tmp_path.glob("*.unreadable"))


@pytest.mark.parametrize(
    "address",
    [
        f"tgram://123456789:{SECRET}/12315544",
        f"discord://{SECRET}/{SECRET}2",
        f"mailtos://user:{SECRET}@gmail.com",
        f"json://host.test:80/{SECRET}?key={SECRET}3",
        SECRET,
    ],
)
def test_no_piece_of_an_address_is_ever_told(address: str) -> None:
    hide_secret(address)
    said = redacted(f"POST {address} to gmail.com host.test failed: {SECRET} 12315544")
    assert SECRET not in said
    assert "gmail.com host.test" in said
    assert shown(address).endswith("://[hidden]")
    assert SECRET not in shown(address)


def test_what_apprise_says_becomes_a_sentence() -> None:
    said = "A Connection error occurred sending Discord notification."
    assert failure_words("d", [said]).startswith("d could not be reached.")
    assert failure_words("d", []).startswith("d did not take the message. It was not sent.")
