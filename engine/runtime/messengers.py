"""Messages to Telegram, Discord, e-mail and other places, through apprise where it is installed.

Each address is a secret: it holds the keys to where it leads. Nobody but this file and the secrets'
knows one whole.
"""

from __future__ import annotations

import importlib.util
import logging
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from engine.errors import AskPerson, InvalidSetting, WaitAndRetry
from engine.messages.redaction import HIDDEN
from engine.runtime.secret_file import FILE_NAME, SecretFile, hide_secret
from engine.runtime.workers import Late, Worker

_NAME: Final = "messengers"
_DEADLINE_S: Final = 30.0
_STATUS: Final = re.compile(r"error[= ]+(\d{3})\b")
_HOW: Final = (
    "Messages need the library apprise, which is not installed. Close the program and type "
    "python3 run.py notices in its folder."
)
_HOW_FROZEN: Final = (
    "Messages need the library apprise, which this build of the program comes without. Run the "
    "program from its source to have it."
)
_UNREADABLE: Final = (
    f"{FILE_NAME} of the data folder cannot be read ({{}}), so nothing is sent. Give this user the "
    "right to read it."
)
_UNWRITABLE: Final = (
    f"{FILE_NAME} of the data folder cannot be written ({{}}), so nothing was changed. Make room, "
    "or give this user the right to write there."
)
OFFLINE: Final = "The program was started with --offline, so nothing is sent."

T = TypeVar("T")


def why_missing() -> str:
    """How to get what messages need, as a sentence; "" where it is there."""
    if importlib.util.find_spec("apprise") is not None:
        return ""
    return _HOW_FROZEN if getattr(sys, "frozen", False) else _HOW


class Messengers:
    """The addresses of one data folder. One message is sent after the other, in a thread."""

    def __init__(self, data_dir: Path, *, offline: bool = False) -> None:
        self._secrets, self._offline = SecretFile(data_dir), offline
        self._worker = Worker("messages")

    async def names(self) -> tuple[str, ...]:
        """Where messages go, without what is secret: ``tgram://[hidden]``. AskPerson if the file
        cannot be read."""
        return tuple(map(shown, await self._known()))

    async def add(self, address: str) -> None:
        """Keep an address; InvalidSetting for what is none, AskPerson if it cannot be kept."""
        why = why_missing()
        if why:
            raise AskPerson(why)
        hide_secret(address)  # before anything is done with it
        known = await self._known()
        if address in known:
            raise InvalidSetting("This address is there already.", field="address")
        if not await self._call(partial(_is_address, address)):
            raise InvalidSetting(
                "This is no address that messages can be sent to, so it was not kept. It begins "
                "with the name of the service, like tgram:// or discord://.",
                field="address",
            )
        await self._keep((*known, address))

    async def remove(self, place: int) -> None:
        """Forget the address at that place; AskPerson if that cannot be written."""
        known = await self._known()
        if 0 <= place < len(known):
            await self._keep((*known[:place], *known[place + 1 :]))

    async def send(self, title: str, text: str) -> int:
        """Send to every address; how many took it. A Fault with a sentence for each that did not,
        after all were tried."""
        known = await self._known()
        if not known:
            return 0
        if self._offline:
            raise AskPerson(OFFLINE)
        why = why_missing()
        if why:
            raise AskPerson(why)
        failed = [words for address in known if (words := await self._sent(address, title, text))]
        if failed:
            raise WaitAndRetry(" ".join(failed))
        return len(known)

    async def _sent(self, address: str, title: str, text: str) -> str:
        """Why it was not sent, as a sentence; "" if it was."""
        try:
            lines = await self._call(partial(_notify, address, title, text))
        except Late:
            return f"{shown(address)} did not answer in time. The message may have been sent."
        return "" if lines is None else failure_words(shown(address), lines)

    async def _known(self) -> tuple[str, ...]:
        try:
            return await self._call(partial(self._secrets.texts, _NAME))
        except OSError as error:
            raise AskPerson(_UNREADABLE.format(error.strerror)) from error

    async def _keep(self, addresses: tuple[str, ...]) -> None:
        try:
            await self._call(partial(self._secrets.keep, _NAME, addresses))
        except OSError as error:
            raise AskPerson(_UNWRITABLE.format(error.strerror)) from error

    async def _call(self, work: Callable[[], T]) -> T:
        return await self._worker.call(work, _DEADLINE_S)

    def close(self) -> None:
        """What is being sent is given up."""
        self._worker.give_up()


def hide_addresses(data_dir: Path) -> None:
    """What is kept there is told in no report from now on."""
    with suppress(OSError):  # who cannot read it cannot tell it either
        SecretFile(data_dir).texts(_NAME)


def shown(address: str) -> str:
    """An address as it may be seen."""
    scheme = address.partition("://")[0]
    return f"{scheme if scheme.isalnum() and scheme != address else 'address'}://{HIDDEN}"


def failure_words(name: str, lines: Sequence[str]) -> str:
    """Why `name` did not take a message, from what apprise said of it."""
    said = "\n".join(lines)
    found = _STATUS.search(said)
    status = int(found[1]) if found else None
    if status is None and re.search(r"connection error|timed? ?out|socket", said, re.I):
        return f"{name} could not be reached. The message was not sent. Check the network."
    if status == 429:
        return f"{name} takes no more messages for now (429). This one was not sent."
    if status is not None and status >= 500:
        return f"{name} has a fault of its own ({status}). The message was not sent."
    code = f" ({status})" if status is not None else ""
    return (
        f"{name} did not take the message{code}. It was not sent. Check the address: remove it and "
        "add it again."
    )


def _is_address(address: str) -> bool:
    return _apprise().Apprise.instantiate(address) is not None


def _notify(address: str, title: str, text: str) -> list[str] | None:
    """None if it was sent, else what apprise said about it."""
    apprise, said = _apprise(), _Said()
    logger = logging.getLogger("apprise")
    logger.addHandler(said)
    try:
        there = apprise.Apprise.instantiate(address)
        form = apprise.NotifyFormat.TEXT
        sent = there is not None and there.notify(body=text, title=title, body_format=form)
    finally:
        logger.removeHandler(said)
    return None if sent else said.lines


def _apprise() -> Any:
    """Imported late: it takes most of a second. Its lines name addresses and go into no log."""
    import apprise

    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    return apprise


class _Said(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
