"""The program: one window on one event loop, ended by one event.

Heavy parts (the engine, charts, compiled code) are imported only after the window was painted.
"""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import importlib.util
import logging
import sys
import threading
import time
from collections.abc import Coroutine, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from engine import __version__
from engine.errors import DatabaseDamaged, Fault
from engine.messages.redaction import redacted
from engine.runtime.folders import default_data_dir
from engine.runtime.logs import ProgramLog, write_crash
from engine.runtime.private_files import keep_private

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance

    from trader_gui.main_window import MainWindow

_BEGAN = time.perf_counter()
_PAINT_PATIENCE_S = 2.0

log = logging.getLogger(__name__)

T = TypeVar("T")


class Closing(Protocol):
    """What decides whether a window that was closed ends the program."""

    ended: SignalInstance


class Program(Protocol):
    """What ``trader_gui.app.build`` gives back: everything that stands behind the window."""

    closing: Closing

    async def close(self) -> None:
        """Stop what runs and store what must not be lost."""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "trader-gui", description="Run, watch and review trading bots."
    )
    parser.add_argument(
        "--data-dir", type=Path, metavar="D", help="folder of all data and settings"
    )
    parser.add_argument("--offline", action="store_true", help="contact no exchange")
    parser.add_argument("--smoke", type=float, metavar="N", help="run for N seconds, then end")
    parser.add_argument(
        "--diagnose", action="store_true", help="print what a report of a fault needs, and end"
    )
    parser.add_argument("--version", action="version", version=f"trader-gui {__version__}")
    return parser.parse_args(arguments)


def data_folder(asked: Path | None) -> Path:
    """The folder asked for, else this user's own. It is made by who first writes into it."""
    if asked is not None:
        return asked.expanduser().absolute()
    return default_data_dir()


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    data_dir = data_folder(options.data_dir)
    if options.diagnose:
        from trader_gui.diagnosis import diagnosis

        print(diagnosis(data_dir))
        return 0
    faulthandler.enable()
    keep_private()
    kept = ProgramLog()
    from PySide6.QtWidgets import QApplication

    from trader_gui.loop import WindowLoop

    if sys.platform == "win32":
        import ctypes

        # Without an id of its own the window is grouped under Python's icon.
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID("trader-gui")
    app = QApplication(sys.argv[:1])
    app.setApplicationName("trader-gui")
    app.setApplicationVersion(__version__)
    app.setQuitOnLastWindowClosed(False)
    try:
        with asyncio.Runner(loop_factory=lambda: WindowLoop(app)) as runner:
            return runner.run(run(data_dir, options.smoke, options.offline, kept))
    except Exception as error:
        place = write_crash(data_dir, error)
        log.error("The program ended by a mistake of its own; see %s", place, exc_info=error)
        return 1


async def run(
    data_dir: Path,
    smoke_s: float | None,
    offline: bool = False,
    kept: ProgramLog | None = None,
) -> int:
    """Show the window, build what stands behind it, and end everything in order. While `offline`
    no exchange is contacted.

    Returns:
        The exit status: 0, or 1 when a smoke run could not build the program.
    """
    from PySide6.QtGui import QGuiApplication

    from trader_gui.ending import Ending
    from trader_gui.main_window import MainWindow
    from trader_gui.navigation import first_pages
    from trader_gui.preferences import FILE_NAME, Preferences
    from trader_gui.tasks import ErrorNets
    from trader_gui.theme.theme import theme

    app = QGuiApplication.instance()
    assert isinstance(app, QGuiApplication)
    end = Ending(app)
    ending = end.asked
    theme().apply(Preferences(data_dir / FILE_NAME).theme)
    window = MainWindow()
    window.resize(1600, 1000)
    window.close_requested.connect(end.ask)
    nets = ErrorNets(lambda name, error: _show(window, error))
    nets.install(asyncio.get_running_loop())
    painted = asyncio.Event()
    window.painted.connect(painted.set)
    window.show()
    await _soon(painted)
    log.info("Window painted %.2f s after start", time.perf_counter() - _BEGAN)
    if smoke_s is not None:
        asyncio.get_running_loop().call_later(smoke_s, ending.set)
    program, failed = None, False
    window.top_bar.setEnabled(False)  # nothing can be stopped or closed before the engine is there
    try:
        # A smoke run is there to see the program built, however long that takes.
        program = await _unless(
            ending if smoke_s is None else None,
            build(window, data_dir, offline, rescues=smoke_s is None),
        )
        window.top_bar.setEnabled(True)
        if kept is not None and program is not None:
            kept.keep_in(data_dir)  # the folder is ours now
        if program is not None:  # from now on bots may run, and it may have to be asked first
            window.close_requested.disconnect(end.ask)
            program.closing.ended.connect(end.ask)
        await ending.wait()
    except Exception as error:  # shown and logged, and the window stays to tell it
        trace = None if isinstance(error, Fault) else error  # a Fault's words say all
        log.error("The program could not start: %s", _words(error), exc_info=trace)
        for page in first_pages(_words(error), "The program could not start"):
            window.register(page)
        failed = True
        await ending.wait()
    window.hide()
    began = time.perf_counter()
    if program is not None:
        await program.close()
    log.info("Everything was stored and closed within %.2f s", time.perf_counter() - began)
    end.done()
    nets.remove()
    window.deleteLater()
    return 1 if failed and smoke_s is not None else 0


async def build(
    window: MainWindow, data_dir: Path, offline: bool = False, *, rescues: bool = True
) -> Program | None:
    """What stands behind the window, where that part of the program is installed. With `rescues`
    a person may save what can be read of a damaged database, and it is tried again."""
    if importlib.util.find_spec("trader_gui.app") is None:
        return None
    await kernel_for(window)
    # Importing takes a second or two; in a thread the painted window answers meanwhile.
    await asyncio.to_thread(import_module, "engine.runtime.engine")
    app = await asyncio.to_thread(import_module, "trader_gui.app")
    while True:
        try:
            built: Program = await app.build(window, data_dir, offline=offline)
        except DatabaseDamaged as damage:
            if not rescues:
                raise
            log.error("The database is damaged: %s", damage.words)
            rescue = await asyncio.to_thread(import_module, "trader_gui.rescue")
            await rescue.rescued(window, data_dir, damage)
        else:
            return built


async def kernel_for(window: MainWindow) -> None:
    """Bring the kernel in before what imports it; where it must be compiled, say so meanwhile.

    Cancelling ends the compiler, too.
    """
    from engine.runtime.kernel_cache import prepare_kernel_cache
    from engine.runtime.kernel_warmth import load_kernel, waiting_words
    from trader_gui.navigation import first_pages

    prepare_kernel_cache()
    words, stop = waiting_words(), threading.Event()
    if words:
        why = "Once after the program has changed"
        window.status_bar.set_cell("engine", "Engine", words, "", why, 90)
        for page in first_pages(f"{words}."):
            window.register(page)
    try:
        # Not a daemon: the program must not end in the middle of LLVM's code.
        await asyncio.to_thread(partial(load_kernel, beside=True, stop=stop))
    except asyncio.CancelledError:
        stop.set()
        raise


async def _soon(event: asyncio.Event) -> None:
    """Wait for ``event``, but not forever: a window that starts hidden is never painted."""
    try:
        await asyncio.wait_for(event.wait(), _PAINT_PATIENCE_S)
    except TimeoutError:
        log.info("The window is not visible yet")


async def _unless(event: asyncio.Event | None, work: Coroutine[Any, Any, T]) -> T | None:
    """What `work` comes to; None if `event` is set before, the work is cancelled then."""
    task = asyncio.ensure_future(work)
    if event is not None:
        waiting = asyncio.ensure_future(event.wait())
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return None
    return await task


def _show(window: object, error: BaseException) -> None:
    from trader_gui.main_window import MainWindow

    assert isinstance(window, MainWindow)
    window.toasts.show(_words(error), "error")


def _words(error: BaseException) -> str:
    return redacted(str(error)) or type(error).__name__


if __name__ == "__main__":
    if getattr(sys, "frozen", False):
        from multiprocessing import freeze_support

        freeze_support()  # the process of the sockets is started from the same file
    sys.exit(main())
