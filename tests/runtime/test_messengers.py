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
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from engine.errors import AskPerson, InvalidSetting, WaitAndRetry
from engine.messages import redaction
from engine.messages.redaction import redacted
from engine.runtime import messengers as module
from engine.runtime.messengers import Messengers, failure_words, shown, why_missing
from engine.runtime.redacted_lines import Redacted
from engine.runtime.secret_file import FILE_NAME, SecretFile, hide_secret

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
    again.close()
    messengers.close()


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
    messengers.close()


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
    messengers.close()


async def test_who_does_not_answer_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_DEADLINE_S", 0.05)
    let_go = threading.Event()
    monkeypatch.setattr(module, "_notify", lambda *_: let_go.wait(5))
    SecretFile(tmp_path).keep("messengers", (f"json://127.0.0.1:1/{SECRET}",))
    messengers = Messengers(tmp_path)
    with pytest.raises(WaitAndRetry, match="did not answer in time"):
        await messengers.send("a", "b")
    let_go.set()
    messengers.close()


@pytest.mark.parametrize("address", ["", "nonsense", "foo://bar/x", f"http//{SECRET}"])
async def test_what_is_no_address_is_not_kept(tmp_path: Path, address: str) -> None:
    messengers = Messengers(tmp_path)
    with pytest.raises(InvalidSetting, match="no address that messages can be sent to"):
        await messengers.add(address)
    assert not (tmp_path / FILE_NAME).exists()
    messengers.close()


async def test_without_the_library_or_a_network_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SecretFile(tmp_path).keep("messengers", (f"json://127.0.0.1:1/{SECRET}",))
    with pytest.raises(AskPerson, match="--offline, so nothing is sent"):
        await Messengers(tmp_path, offline=True).send("a", "b")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    messengers = Messengers(tmp_path)
    for work in (messengers.add("json://x"), messengers.send("a", "b")):
        with pytest.raises(AskPerson, match="type python3 run"):
            await work
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert "this build of the program comes without" in why_missing()
    messengers.close()


async def test_a_file_that_cannot_be_used_is_told_and_kept(tmp_path: Path) -> None:
    place = tmp_path / FILE_NAME
    place.write_text("no json")
    secrets = SecretFile(tmp_path)
    assert secrets.texts("messengers") == ()
    secrets.keep("messengers", ("json://a.test/x",))
    assert (tmp_path / f"{FILE_NAME}.unreadable").read_text() == "no json"
    place.unlink()
    place.mkdir()
    messengers = Messengers(tmp_path)
    with pytest.raises(AskPerson, match="cannot be read"):
        await messengers.names()
    messengers.close()
    await asyncio.sleep(0)


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
