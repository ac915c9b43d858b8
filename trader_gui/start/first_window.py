"""One window per data folder: a second start brings the first one's window to the front."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QAbstractSocket, QLocalServer, QLocalSocket

from engine.language import tr

_SHOW: Final = b"show\n"
_SHOWN: Final = b"shown\n"
_LONGEST: Final = 90
"""Bytes of a socket's path that every system allows, with what Qt puts behind it."""
_PATIENCE_MS: Final = 5_000
"""For an answer of the first program: its loop may be busy starting."""
RAISED: Final = tr(
    "trader-gui is open on this data folder already, and its window was brought to "
    "the front. Start with --data-dir to use another folder."
)

log = logging.getLogger(__name__)


class FirstWindow(QObject):
    """`show_asked()` when somebody started the program again on the same folder.

    The folder's lock keeps two programs apart (decision 0007); this only saves the second one's
    person the words about it.
    """

    show_asked = Signal()

    def __init__(self, data_dir: Path) -> None:
        super().__init__()
        self._name = _address(data_dir)
        self._server = QLocalServer(self)
        if sys.platform == "win32":
            # Elsewhere this would let a second program take the address away from the first; there
            # nothing that this process makes is open to other users.
            self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)

    def is_elsewhere(self) -> bool:
        """Whether another program has the folder's window and has shown it. Without an answer
        this start goes on, and the folder's lock says who is in the way."""
        caller = QLocalSocket()
        if not self._reach(caller):
            return False
        caller.write(_SHOW)
        answered = caller.waitForReadyRead(_PATIENCE_MS)
        shown = answered and bytes(caller.readAll().data()).startswith(_SHOWN)
        caller.abort()
        if not shown:
            log.info("Another program has this data folder's window and does not answer")
        return shown

    def claim(self) -> bool:
        """Be the first window from now on; False if another program is."""
        if self._server.listen(self._name):
            return True
        if self._server.serverError() != QAbstractSocket.SocketError.AddressInUseError:
            log.info("A second start cannot find this window: %s", self._server.errorString())
            return True
        if self._reach(QLocalSocket()):
            return False
        QLocalServer.removeServer(self._name)  # left behind by one that was killed
        return self._server.listen(self._name)

    def close(self) -> None:
        self._server.close()

    def _reach(self, caller: QLocalSocket) -> bool:
        place = Path(self._name)
        if place.is_absolute() and place.exists() and not _is_ours(place):
            return False  # anybody may put a socket into a folder for temporary files
        caller.connectToServer(self._name)
        return caller.waitForConnected(_PATIENCE_MS)

    def _greet(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            caller.disconnected.connect(caller.deleteLater)
            caller.readyRead.connect(lambda caller=caller: self._answer(caller))

    def _answer(self, caller: QLocalSocket) -> None:
        if caller.bytesAvailable() < len(_SHOW):
            return
        if bytes(caller.read(len(_SHOW)).data()) == _SHOW:
            log.info("A second start on this data folder asked for the window")
            self.show_asked.emit()
            caller.write(_SHOWN)
            caller.flush()
        caller.disconnectFromServer()


def _address(data_dir: Path) -> str:
    """A name for the folder, short whatever its path is: systems allow about a hundred bytes."""
    folder = os.path.normcase(os.path.realpath(data_dir))
    name = f"trader-gui-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:24]}"
    if sys.platform == "win32":
        return name
    common = tempfile.gettempdir()
    place = Path(os.environ.get("XDG_RUNTIME_DIR") or common) / name
    return str(place if len(os.fsencode(place)) <= _LONGEST else Path(common) / name)


def _is_ours(place: Path) -> bool:
    if sys.platform == "win32":
        return True
    return place.stat().st_uid == os.getuid()
