"""The house rules of every test: no warning in the log, nothing left running behind.

A test that means to provoke a WARNING says so with ``@pytest.mark.expects_warnings`` (or looks at
the records itself through the ``expected_warnings`` fixture). An async test that needs the
window's own event loop carries ``@pytest.mark.qt_loop``; all others get asyncio's plain loop.
"""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_API"] = "pyside6"

import asyncio
import gc
import logging
import signal
import sys
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from typing import Any, ClassVar

import pytest
from PySide6 import QtCore

from engine.runtime.kernel_cache import prepare_kernel_cache

if threading.current_thread() is threading.main_thread():
    # Started in the background of a script, this process ignores Ctrl+C and would hand that on to
    # every program a test starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)

prepare_kernel_cache()  # before any test imports numba: it would not notice an edited callee


class _KnownTimer(QtCore.QTimer):
    """Remembered while it is there: to look for timers among all objects takes a tenth of a
    second, and is done after each test."""

    there: ClassVar[weakref.WeakSet[_KnownTimer]] = weakref.WeakSet()

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.there.add(self)


QtCore.QTimer = _KnownTimer  # type: ignore[misc]  # before any module takes its name


class _Collected(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    if item.get_closest_marker("qt_loop") is None:
        return {"plain": asyncio.new_event_loop}

    def window_loop() -> asyncio.AbstractEventLoop:
        from PySide6.QtWidgets import QApplication

        from trader_gui.event_loop.loop import WindowLoop

        app = QApplication.instance() or QApplication([])
        assert isinstance(app, QApplication)
        return WindowLoop(app)

    return {"qt": window_loop}


@pytest.fixture(scope="session", autouse=True)
def _made_once() -> Iterator[None]:
    from tests.made_once import remember

    with pytest.MonkeyPatch.context() as patch:
        remember(patch)
        yield


@pytest.fixture
def expected_warnings(request: pytest.FixtureRequest) -> list[logging.LogRecord]:
    """The records of WARNING and above so far; asking for them takes the blame off the test."""
    records: list[logging.LogRecord] = request.getfixturevalue("_no_warnings_logged")
    request.node.add_marker(pytest.mark.expects_warnings)
    return records


@pytest.fixture(autouse=True)
def _no_warnings_logged(request: pytest.FixtureRequest) -> Iterator[list[logging.LogRecord]]:
    collected = _Collected()
    root = logging.getLogger()
    root.addHandler(collected)
    yield collected.records
    root.removeHandler(collected)
    if collected.records and request.node.get_closest_marker("expects_warnings") is None:
        lines = [f"{r.levelname} {r.name}: {r.getMessage()}" for r in collected.records]
        pytest.fail("The test logged warnings:\n" + "\n".join(lines), pytrace=False)


@pytest.fixture(autouse=True)
def _no_threads_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [t for t in threading.enumerate() if t not in before and not t.daemon]
    for thread in left:
        thread.join(2)  # one that is on its way out is not left over
    names = [thread.name for thread in left if thread.is_alive()]
    if names:
        pytest.fail(f"The test left threads running: {names}", pytrace=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("asyncio") is not None:
            item.fixturenames.append("_no_tasks_left")  # type: ignore[attr-defined]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    # All that the modules make when they are imported stays to the end: not to look through it
    # while they are, nor again with each collection afterwards, saves a good part of the time.
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.fixture
async def _no_tasks_left() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:  # those that are on their way out are not left over
        _, left = await asyncio.wait(left, timeout=2)
    if left:
        names = sorted(task.get_name() for task in left)
        pytest.fail(f"The test left tasks running: {names}", pytrace=False)


@pytest.fixture(autouse=True)
def _no_widgets_or_timers_left(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or not widgets.QApplication.instance():
        return
    _close_by_qtbot(request)
    shown = [one for one in widgets.QApplication.topLevelWidgets() if one.isVisible()]
    timers = _active_timers()
    left = [type(one).__name__ for one in shown]
    left += [f"QTimer of {timer.parent()!r}" for timer in timers]
    if left:
        for one in shown:  # the tests that come after it have not left them
            one.hide()
        for timer in timers:
            timer.stop()
        pytest.fail(f"The test left behind: {left}", pytrace=False)


def _close_by_qtbot(request: pytest.FixtureRequest) -> None:
    """pytest-qt closes its widgets after all fixtures; here they are looked for before that."""
    from pytestqt.qtbot import _close_widgets

    _close_widgets(request.node)
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete.value)


def _active_timers() -> list[_KnownTimer]:
    import shiboken6

    return [one for one in _KnownTimer.there if shiboken6.isValid(one) and one.isActive()]
