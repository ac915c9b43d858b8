"""Messages to Telegram, Discord, e-mail and other places, through apprise where it is installed.

Each address is a secret: it holds the keys to where it leads. Nobody but this file and the secrets'
knows one whole.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import re
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from weakref import WeakValueDictionary

from engine.core.ahead_of_time import PACKAGED
from engine.errors import AskPerson, InvalidSetting, WaitAndRetry
from engine.language import tr
from engine.messages.redaction import HIDDEN
from engine.runtime.secret_file import FILE_NAME, SecretFile, hide_secret
from engine.runtime.workers import Late, in_thread

_NAME: Final = "messengers"
_DEADLINE_S: Final = 30.0
_STATUS: Final = re.compile(r"error[= ]+(\d{3})\b")
_HOW: Final = tr(
    "Messages need the library apprise, which is not installed. Close the program and "
    "type python3 run.py notices in its folder."
)
_HOW_PACKAGED: Final = tr(
    "Messages need the library apprise, which this build of the program comes "
    "without. Run the program from its source to have it."
)
_LATE: Final = tr(
    "{file_name} of the data folder did not answer in time, so this was given up; "
    "what was asked for may still be done. Look after the disk, then look here "
    "again.",
    file_name=FILE_NAME,
)
_NO_ADDRESS: Final = tr(
    "This is no address that messages can be sent to, so it was not kept. It begins "
    "with the name of the service, like tgram:// or discord://."
)
OFFLINE: Final = tr("The program was started with --offline, so nothing is sent.")

T = TypeVar("T")


def why_missing() -> str:
    """How to get what messages need, as a sentence; "" where it is there."""
    if importlib.util.find_spec("apprise") is not None:
        return ""
    return _HOW_PACKAGED if PACKAGED else _HOW


class Messengers:
    """The addresses of one data folder. Each has a thread of its own for each message, and one
    message after the other, so a slow one holds up no other."""

    def __init__(self, data_dir: Path, *, offline: bool = False) -> None:
        self._secrets, self._offline = SecretFile(data_dir), offline
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def names(self) -> tuple[str, ...]:
        """Where messages go, without what is secret: ``tgram://[hidden]``. AskPerson if the file
        cannot be read, WaitAndRetry if it does not answer, here and below."""
        return tuple(map(shown, await self._known()))

    async def add(self, address: str) -> None:
        """Keep an address; InvalidSetting for what is none, AskPerson if it cannot be kept."""
        why = why_missing()
        if why:
            raise AskPerson(why)
        hide_secret(address)  # before anything is done with it
        try:
            known = await in_thread("address", partial(_is_address, address), _DEADLINE_S)
        except Late:
            raise WaitAndRetry(
                tr("The address could not be checked in time, so it was not kept. Try it again.")
            ) from None
        if not known:
            raise InvalidSetting(_NO_ADDRESS, field="address")
        await self._change(partial(_with, address))

    async def remove(self, place: int) -> None:
        """Forget the address at that place; AskPerson if that cannot be written."""
        await self._change(lambda known: tuple(x for at, x in enumerate(known) if at != place))

    async def send(self, title: str, text: str) -> int:
        """Send to every address at once; how many took it. A Fault with a sentence for each that
        did not, after all were tried."""
        known = await self._known()
        if not known:
            return 0
        if self._offline:
            raise AskPerson(OFFLINE)
        why = why_missing()
        if why:
            raise AskPerson(why)
        said = await asyncio.gather(*(self._sent(address, title, text) for address in known))
        failed = [words for words in said if words]
        if failed:
            raise WaitAndRetry(" ".join(failed))
        return len(known)

    async def _sent(self, address: str, title: str, text: str) -> str:
        """Why it was not sent, as a sentence; "" if it was."""
        turn = self._turns.setdefault(address, asyncio.Lock())
        name = shown(address)
        async with turn:  # the deadline is that of the sending, not of the waiting before it
            try:
                lines = await in_thread(
                    "message", partial(_notify, address, title, text), _DEADLINE_S
                )
            except Late:
                return tr(
                    "{name} did not answer in time. The message may have been sent.", name=name
                )
        return "" if lines is None else failure_words(name, lines)

    async def _known(self) -> tuple[str, ...]:
        return await _of_file(partial(self._secrets.texts, _NAME), _unreadable)

    async def _change(self, into: Callable[[tuple[str, ...]], tuple[str, ...]]) -> None:
        await _of_file(partial(self._secrets.change, _NAME, into), _unwritable)


async def _of_file(work: Callable[[], T], words: Callable[[object], str]) -> T:
    """What `work` gives; `words` say why where it cannot."""
    try:
        return await in_thread("secrets", work, _DEADLINE_S)
    except OSError as error:
        raise AskPerson(words(error.strerror)) from error
    except Late:
        raise WaitAndRetry(_LATE) from None


def _unreadable(why: object) -> str:
    return tr(
        "{file_name} of the data folder cannot be read ({why}), so nothing is sent. Give "
        "this user the right to read it.",
        file_name=FILE_NAME,
        why=why,
    )


def _unwritable(why: object) -> str:
    return tr(
        "{file_name} of the data folder cannot be written ({why}), so nothing was "
        "changed. Make room, or give this user the right to write there.",
        file_name=FILE_NAME,
        why=why,
    )


def _with(address: str, known: tuple[str, ...]) -> tuple[str, ...]:
    if address in known:
        raise InvalidSetting(tr("This address is there already."), field="address")
    return (*known, address)


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
        return tr(
            "{name} could not be reached. The message was not sent. Check the network.", name=name
        )
    if status == 429:
        return tr("{name} takes no more messages for now (429). This one was not sent.", name=name)
    if status is not None and status >= 500:
        return tr(
            "{name} has a fault of its own ({status}). The message was not sent.",
            name=name,
            status=status,
        )
    return tr(
        "{name} did not take the message{status}. It was not sent. Check the address: "
        "remove it and add it again.",
        name=name,
        status="" if status is None else f" ({status})",
    )


def _is_address(address: str) -> bool:
    apprise = _apprise()
    try:
        return apprise.Apprise.instantiate(address) is not None
    except ValueError:  # from a parser, which tells what it was given
        return False


def _notify(address: str, title: str, text: str) -> list[str] | None:
    """None if it was sent, else what apprise said about it."""
    apprise, _said.lines = _apprise(), []
    try:
        there = apprise.Apprise.instantiate(address)
        form = apprise.NotifyFormat.TEXT
        sent = there is not None and there.notify(body=text, title=title, body_format=form)
    except ValueError:  # from a parser, which tells what it was given
        sent = False
    return None if sent else _said.lines


def _apprise() -> Any:
    """Imported late: it takes most of a second. Its lines name addresses and go into no log."""
    import apprise

    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    logger.addHandler(_LISTENER)  # is there once only
    return apprise


class _Said(threading.local):
    """What apprise said in this thread: several send side by side."""

    def __init__(self) -> None:
        self.lines: list[str] = []


class _Listener(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _said.lines.append(record.getMessage())


_said: Final = _Said()
_LISTENER: Final = _Listener(logging.WARNING)
