"""The program: one window on one event loop, ended by one event.

Heavy parts (the engine, charts, compiled code) are imported only after the window was painted.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import sys
import threading
import time
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from engine import __version__
from engine.errors import DatabaseDamaged, Fault, FolderInUse
from engine.language import tr
from engine.messages.redaction import redacted
from engine.runtime.crashes import FatalFile, crash_text, write_crash
from engine.runtime.logs import ProgramLog
from engine.runtime.private_files import keep_private
from engine.runtime.starts import READY_AFTER_S, Starts
from trader_gui.options import Options, parse

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance
    from PySide6.QtWidgets import QApplication

    from trader_gui.frame.main_window import MainWindow
    from trader_gui.start.first_window import FirstWindow

_BEGAN = time.perf_counter()
_PAINT_PATIENCE_S = 2.0
_LOCK_TRIES, _LOCK_PAUSE_S = 12, 0.3

log = logging.getLogger(__name__)

T = TypeVar("T")


class Closing(Protocol):
    """What decides whether a window that was closed ends the program."""

    ended: SignalInstance


class Program(Protocol):
    """What ``trader_gui.app.build`` gives back: everything that stands behind the window."""

    closing: Closing

    async def close(self) -> str:
        """Stop what runs and store what must not be lost. What could not be stored, in words."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    if options.diagnose:
        from trader_gui.telling.diagnosis import diagnosis

        print(diagnosis(options.data_dir))
        return 0
    keep_private()
    kept = ProgramLog(options.log_level)
    fatal = FatalFile(options.data_dir)  # before Qt and all that is compiled
    from PySide6.QtWidgets import QApplication

    if sys.platform == "win32":
        import ctypes

        # Without an id of its own the window is grouped under Python's icon.
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID("trader-gui")
    from trader_gui.settings import languages

    languages.choose(options.preferences)
    app = QApplication(sys.argv[:1])
    languages.teach_qt(app)
    app.setApplicationName("trader-gui")
    app.setApplicationVersion(__version__)
    app.setQuitOnLastWindowClosed(False)
    from trader_gui.start.first_window import RAISED, FirstWindow

    first = FirstWindow(options.data_dir)
    try:
        if first.is_elsewhere():
            print(RAISED, file=sys.stderr)
            return 0
        starts = Starts(options.data_dir) if first.claim() else None
        return _run(app, options, kept, starts, first)
    finally:
        first.close()
        fatal.close()


def _run(
    app: QApplication,
    options: Options,
    kept: ProgramLog,
    starts: Starts | None,
    first: FirstWindow,
) -> int:
    from trader_gui.event_loop.loop import WindowLoop

    try:
        with asyncio.Runner(loop_factory=lambda: WindowLoop(app)) as runner:
            return runner.run(run(options, kept, starts, first))
    except Exception as error:
        place = write_crash(options.data_dir, error)
        log.error("The program ended by a mistake of its own; see %s", place, exc_info=error)
        return 1


async def run(
    options: Options,
    kept: ProgramLog | None = None,
    starts: Starts | None = None,
    first: FirstWindow | None = None,
) -> int:
    """Show the window, build what stands behind it, and end everything in order. How far it comes
    is told to `starts`; `first` hears of a second start.

    Returns:
        The exit status: 0, or 1 when a smoke run could not build the program.
    """
    from PySide6.QtGui import QGuiApplication

    from trader_gui.event_loop.tasks import ErrorNets
    from trader_gui.frame.main_window import MainWindow
    from trader_gui.settings.preferences import Preferences
    from trader_gui.start.ending import Ending
    from trader_gui.theme.theme import theme

    app = QGuiApplication.instance()
    assert isinstance(app, QGuiApplication)
    end = Ending(app)
    ending = end.asked
    theme().apply(Preferences(options.preferences).theme)
    window = MainWindow()
    window.resize(1600, 1000)
    window.close_requested.connect(end.ask)
    if first is not None:
        first.show_asked.connect(window.bring_forward)
    nets = ErrorNets(lambda name, error: _show(window, error))
    nets.install(asyncio.get_running_loop())
    painted = asyncio.Event()
    window.painted.connect(painted.set)
    window.show()
    await _soon(painted)
    log.info("Window painted %.2f s after start", time.perf_counter() - _BEGAN)
    if options.smoke_s is not None:
        asyncio.get_running_loop().call_later(options.smoke_s, ending.set)
    program, failed = None, False
    window.top_bar.setEnabled(False)  # nothing can be stopped or closed before the engine is there
    try:
        try:
            options = await _unless(ending, safe_if_wished(window, options, starts)) or options
            # A smoke run is there to see the program built, however long that takes.
            waited = ending if options.smoke_s is None else None
            program = await _unless(waited, build(window, options))
            window.top_bar.setEnabled(True)
            if program is not None:
                if kept is not None:
                    kept.keep_in(options.data_dir)  # the folder is ours now
                # From now on bots may run, and it may have to be asked first.
                window.close_requested.disconnect(end.ask)
                program.closing.ended.connect(end.ask)
                log.info("Window filled %.2f s after start", time.perf_counter() - _BEGAN)
        except Exception as error:  # shown and logged, and the window stays to tell it
            trace = None if isinstance(error, Fault) else error  # a Fault's words say all
            log.error("The program could not start: %s", _words(error), exc_info=trace)
            failed = True
            _show_failure(window, options, starts, error)
        if program is not None and starts is not None and not failed:
            await _settled(window, options, starts)
        await ending.wait()
    finally:  # bots may run, whatever failed: they are stopped and stored
        if first is not None:
            first.close()  # who starts the program now wants a window that stays
        window.hide()
        began = time.perf_counter()
        unstored = "" if program is None else await program.close()
        _log_end(time.perf_counter() - began, unstored)
    if starts is not None:
        starts.ended(built=program is not None)
    end.done()
    nets.remove()
    window.deleteLater()
    return 1 if failed and options.smoke_s is not None else 0


def _log_end(took_s: float, unstored: str) -> None:
    if unstored:
        log.warning("Closed within %.2f s, but not everything was stored: %s", took_s, unstored)
    else:
        log.info("Everything was stored and closed within %.2f s", took_s)


async def safe_if_wished(window: MainWindow, options: Options, starts: Starts | None) -> Options:
    """`options`, in safe mode where a person wants that after starts that never got ready."""
    if starts is None or not starts.safe_mode_is_due or options.safe or options.smoke_s is not None:
        return options
    from trader_gui.start.safe_mode import wants_safe_mode

    log.info("The last %d starts did not get ready: safe mode is offered", starts.unready)
    return replace(options, safe=await wants_safe_mode(window, starts.unready))


async def _settled(window: MainWindow, options: Options, starts: Starts) -> None:
    """The window is filled: what ended the last run is told, and the start counts as ready once
    it has lived on for a while."""
    asyncio.get_running_loop().call_later(READY_AFTER_S, starts.ready)
    if starts.crash is not None and options.smoke_s is None:
        from trader_gui.telling.fault_report import show_crash

        try:
            await show_crash(window, options.data_dir, starts.crash)
        except Exception as error:  # shown and logged: the program runs, its bots may trade
            log.exception("The last crash could not be told")
            _show(window, error)
        starts.told()


def _show_failure(
    window: MainWindow, options: Options, starts: Starts | None, error: Exception
) -> None:
    """Words on every page; for a mistake of the program a report over them."""
    from trader_gui.frame.navigation import first_pages

    for page in first_pages(_words(error), tr("The program could not start")):
        window.register(page)
    if isinstance(error, Fault):
        return
    if starts is not None:
        starts.broke()
    if options.smoke_s is None:
        from trader_gui.telling.fault_report import report_text, show_report

        report = report_text(options.data_dir, crash_text(error))
        words = tr(
            "A mistake of the program kept it from starting ({error}).", error=type(error).__name__
        )
        show_report(window, tr("The program could not start"), words, report)


async def build(window: MainWindow, options: Options) -> Program | None:
    """What stands behind the window, where that part of the program is installed. A person may
    save what can be read of a damaged database, and it is tried again; a smoke run has none."""
    if importlib.util.find_spec("trader_gui.app") is None:
        return None
    await kernel_for(window)
    # Importing takes a second or two; in a thread the painted window answers meanwhile.
    await asyncio.to_thread(import_module, "engine.runtime.engine")
    app = await asyncio.to_thread(import_module, "trader_gui.app")
    patience = _LOCK_TRIES
    while True:
        try:
            built: Program = await app.build(window, options)
        except FolderInUse:
            if not patience:
                raise
            patience -= 1  # one that was just closed may still be storing
            await asyncio.sleep(_LOCK_PAUSE_S)
        except DatabaseDamaged as damage:
            if options.smoke_s is not None:
                raise
            log.error("The database is damaged: %s", damage.words)
            rescue = await asyncio.to_thread(import_module, "trader_gui.start.rescue")
            await rescue.rescued(window, options.data_dir, damage)
        else:
            return built


async def kernel_for(window: MainWindow) -> None:
    """Bring the kernel in before what imports it; where it must be compiled, say so meanwhile.

    Cancelling ends the compiler, too.
    """
    from engine.runtime.kernel_cache import prepare_kernel_cache
    from engine.runtime.kernel_warmth import load_kernel, waiting_words
    from trader_gui.frame.navigation import first_pages

    prepare_kernel_cache()
    words, stop = waiting_words(), threading.Event()
    if words:
        why = tr("Once after the program has changed")
        window.status_bar.set_cell("engine", tr("Engine"), words, "", why, 90)
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
    from trader_gui.frame.main_window import MainWindow

    assert isinstance(window, MainWindow)
    window.toasts.show(_words(error), "error")


def _words(error: BaseException) -> str:
    return redacted(str(error)) or type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
