"""Notices in the window: switched by kind, kept back in quiet hours, shown by the desktop or as
toasts, sent elsewhere; and the forms where all of that is chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtWidgets import QSystemTrayIcon

from engine.domain.listings import FeedCondition
from engine.domain.reasons import ExitReason
from engine.errors import InvalidSetting, WaitAndRetry
from engine.messages.notice_bursts import WINDOW_MS
from engine.messages.notices import Message, NoticeKind
from engine.runtime.messengers import Messengers
from tests.gui.fakes import FakeEngine
from tests.gui.opened import Opened, changed, click, opened, opened_over
from tests.gui.paged import paged, retype
from tests.gui.stopwatch import Stopwatch
from tests.gui.stories import Story
from tests.gui.waiting import drawn, until
from trader_gui.frame.tray import Tray, icon_with
from trader_gui.pages.settings.messengers import MessengersForm
from trader_gui.pages.settings.notices import NoticesForm
from trader_gui.pages.settings.page import SettingsPage
from trader_gui.settings.preferences import FILE_NAME, Preferences
from trader_gui.settings.setting_kinds import minute_of
from trader_gui.telling.notices import AT_ONCE, DesktopPlug, MessengerPlug, NoticeDesk, local_minute
from trader_gui.theme.theme import Appearance, theme

pytestmark = pytest.mark.qt_loop
Told = list[tuple[str, str]]


class Kept:
    """A plug that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def deliver(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def titles(self) -> list[str]:
        return [message.title for message in self.messages]


class Desk:
    """A desk over the program's bridge, at a time of the day."""

    def __init__(self, held: Opened, minute: int = 720) -> None:
        self.minute, self.plug, self.preferences = minute, Kept(), held.program.preferences
        self.desk = NoticeDesk(
            held.program.bridge, self.preferences, (self.plug,), held.window, lambda _: self.minute
        )


async def test_stalls_among_many_bots_are_all_found_some_in_each_beat(tmp_path: Path) -> None:
    stories = [Story(number) for number in range(1, AT_ONCE + 21)]
    async with opened(tmp_path, stories) as held:
        desk = Desk(held)
        silent = stories[3], stories[AT_ONCE + 10]
        for story in silent:
            story.on_exchange(FeedCondition.STALE, "Nothing was heard for 48 s")
        await changed(held)
        found = []
        for _ in range(3):
            desk.desk._beat(held.program.bridge.snapshot.status)
            found.append(desk.desk._stalled)
        first, both = {silent[0].bot_id}, {story.bot_id for story in silent}
        assert found == [first, both, both]


async def test_what_happens_is_told_and_what_happened_is_not(tmp_path: Path) -> None:
    story = Story().enter()
    async with opened(tmp_path, [story]) as held:
        desk = Desk(held)
        await changed(held)
        assert desk.plug.messages == []
        story.go(2).leave(ExitReason.STOP_LOSS, -0.012)
        await changed(held)
        assert desk.plug.titles == ["Stop hit: btc-trend-1 (paper)"]
        story.fail("The disk is full.")
        await changed(held)
        assert desk.plug.messages[1].text == "The disk is full."
        desk.desk.close()


async def test_a_stalled_feed_is_told_once_by_the_pulse(tmp_path: Path) -> None:
    story = Story().on_exchange()
    async with opened(tmp_path, [story]) as held:
        desk = Desk(held)
        story.on_exchange(FeedCondition.STALE, "Nothing was heard for 48 s")
        await changed(held)
        for _ in range(2):
            held.program.bridge.beat._tally.timeout.emit()
        assert desk.plug.titles == ["Prices stalled: btc-trend-1 (paper)"]
        desk.desk.close()


async def test_kinds_are_switched_and_quiet_hours_kept(tmp_path: Path) -> None:
    story = Story()
    async with opened(tmp_path, [story]) as held:
        desk = Desk(held)
        desk.preferences.notify_filled = False
        story.enter()
        await changed(held)
        assert desk.plug.titles == []
        desk.preferences.notify_filled = desk.preferences.quiet_hours = True
        desk.minute = minute_of("23:10")
        story.go().add()
        await changed(held)
        assert desk.plug.titles == []
        story.fail()
        await changed(held)
        assert desk.plug.titles == ["Bot in error: btc-trend-1 (paper)"]
        desk.desk.close()


async def test_a_burst_is_one_message_once_its_time_has_come(tmp_path: Path) -> None:
    story, watch = Story(), Stopwatch()
    async with opened(tmp_path, [story]) as held:
        desk = Desk(held)
        desk.desk._since = watch  # type: ignore[assignment]
        story.enter()
        await changed(held)
        for _ in range(3):
            story.go().add()
            await changed(held)
        assert desk.plug.titles == ["Order filled: btc-trend-1 (paper)"]
        assert desk.desk._due.isActive()
        assert desk.desk._due.interval() == WINDOW_MS
        watch.ms = WINDOW_MS
        desk.desk._due.timeout.emit()
        assert desk.plug.titles[1:] == ["3 orders filled"]
        desk.desk.close()


@pytest.mark.parametrize("off", ["kind", "quiet"])
async def test_what_waits_is_not_told_into_quiet_hours_or_once_switched_off(
    tmp_path: Path, off: str
) -> None:
    story, watch = Story(), Stopwatch()
    async with opened(tmp_path, [story]) as held:
        desk = Desk(held)
        desk.desk._since = watch  # type: ignore[assignment]
        desk.preferences.quiet_hours = True
        story.enter()
        await changed(held)
        story.go().add()
        await changed(held)
        if off == "kind":
            desk.preferences.notify_filled = False
        else:
            desk.minute = minute_of("23:10")
        watch.ms = WINDOW_MS
        desk.desk._due.timeout.emit()
        assert desk.plug.titles == ["Order filled: btc-trend-1 (paper)"]
        desk.desk.close()


async def test_a_desk_that_is_closed_tells_nothing(tmp_path: Path) -> None:
    story = Story()
    async with opened(tmp_path, [story]) as held:
        desk = Desk(held)
        for _ in range(2):
            desk.desk.close()
        story.enter()
        await changed(held)
        held.program.bridge.beat._tally.timeout.emit()
        assert desk.plug.messages == []


async def test_the_desktop_shows_it_unless_the_window_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: Told = []
    monkeypatch.setattr(Tray, "available", property(lambda self: True))
    monkeypatch.setattr(
        QSystemTrayIcon, "showMessage", lambda self, title, words, *_: told.append((title, words))
    )
    message = Message(NoticeKind.BOT_IN_ERROR, "Bot in error: a", "apiKey=Qw7Zr2Tn9Lk4 is wrong.")
    async with opened(tmp_path) as held:
        plug = DesktopPlug(held.window, held.program.closing.tray, held.program.preferences)
        plug.deliver(message)
        assert told == []
        held.program.preferences.notify_in_front = True
        plug.deliver(message)
        assert told == [("Bot in error: a", "apiKey=[hidden] is wrong.")]
        monkeypatch.setattr(Tray, "available", property(lambda self: False))
        plug.deliver(message)
        assert held.window.toasts.texts == ["Bot in error: a. apiKey=[hidden] is wrong."]
        plug.deliver(Message(NoticeKind.ORDER_FILLED, "Order filled: a", "Bought."))
        assert len(held.window.toasts.texts) == 1


async def test_the_icon_says_how_bots_are(tmp_path: Path) -> None:
    stories = [Story(1).enter(), Story(2)]
    async with opened(tmp_path, stories) as held:
        tray = held.program.closing.tray
        await changed(held)
        stories[1].go()
        await changed(held)
        assert tray.state.text() == "2 bots run, 1 position is open"
        assert not tray.state.isEnabled()
        assert tray.stop_all.isEnabled()
        plain, running = icon_with(""), icon_with("up")
        assert plain.pixmap(64).toImage() != running.pixmap(64).toImage()
        assert tray.icon.icon().pixmap(64).toImage() == running.pixmap(64).toImage()
        stories[1].fail()
        await changed(held)
        assert tray.state.text().startswith("2 bots run")  # it is told with the next beat
        held.program.bridge.beat._tally.timeout.emit()
        assert tray.state.text() == "1 bot runs, 1 is in error, 1 position is open"
        failed = tray.icon.icon().pixmap(64).toImage()
        assert failed == icon_with("down").pixmap(64).toImage()
        theme().apply(Appearance.LIGHT)
        relit = tray.icon.icon().pixmap(64).toImage()
        assert failed != relit == icon_with("down").pixmap(64).toImage()
        stories[0].end()
        await changed(held)
        held.program.bridge.beat._tally.timeout.emit()
        assert not tray.stop_all.isEnabled()


class Answering(Messengers):
    """Messengers in memory: what is sent fails with what is set."""

    def __init__(self, folder: Path, *addresses: str) -> None:
        super().__init__(folder)
        self.kept, self.sent = list(addresses), list[tuple[str, str]]()
        self.fault: Exception | None = None

    async def names(self) -> tuple[str, ...]:
        return tuple(self.kept)

    async def add(self, address: str) -> None:
        if self.fault is not None:
            raise self.fault
        self.kept.append(f"{address.partition('://')[0]}://[hidden]")

    async def remove(self, place: int) -> None:
        del self.kept[place]

    async def send(self, title: str, text: str) -> int:
        if self.fault is not None:
            raise self.fault
        self.sent.append((title, text))
        return len(self.kept)


async def test_what_cannot_be_sent_is_told_once_until_something_could(tmp_path: Path) -> None:
    engine = FakeEngine(tmp_path)
    messengers, said = Answering(tmp_path, "a://[hidden]"), list[str]()
    message = Message(NoticeKind.STOP_HIT, "Stop hit: a", "apiKey=Qw7Zr2Tn9Lk4")

    async def deliver(plug: MessengerPlug, fault: Exception | None) -> None:
        messengers.fault = fault
        plug.deliver(message)
        await drawn()

    async with paged(engine, lambda bridge: MessengersForm(bridge, messengers)) as held:
        plug = MessengerPlug(held.bridge, messengers, said.append)
        away = WaitAndRetry("It could not be reached.")
        for fault in (None, away, away, None, away):
            await deliver(plug, fault)
    assert messengers.sent == [("Stop hit: a", "apiKey=[hidden]")] * 2
    assert said == [away.words, away.words]


async def test_an_address_is_added_tested_and_removed(tmp_path: Path) -> None:
    messengers = Answering(tmp_path)
    make = lambda bridge: MessengersForm(bridge, messengers)  # noqa: E731
    async with paged(FakeEngine(tmp_path), make) as held:
        form: MessengersForm = held.page
        await drawn()
        assert not form.test.isEnabled()
        assert not form.add.isEnabled()
        messengers.fault = InvalidSetting("No address.", field="address")
        retype(form.address.editor, "nonsense")
        click(form.add)
        await until(lambda: form.address.problem == "No address.")
        messengers.fault = None
        retype(form.address.editor, "tgram://123456789:abcdef/1")
        assert form.address.editor.displayText() == "●" * 26
        click(form.add)
        await until(lambda: len(form.rows) == 1)
        assert form.address.text == ""
        click(form.test)
        await until(lambda: form.words.text().startswith("Sent to 1 place."))
        assert messengers.sent == [("Test message", "trader-gui can reach you here.")]
        messengers.fault = WaitAndRetry("tgram://[hidden] could not be reached.")
        click(form.test)
        await until(lambda: form.words.text() == "tgram://[hidden] could not be reached.")
        assert form.test.isEnabled()
        remove = form.rows[0].findChildren(type(form.add))
        click(remove[0])
        await until(lambda: form.rows == [])
        assert not form.test.isEnabled()


async def test_without_the_library_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "It is not installed. Type this."
    monkeypatch.setattr("trader_gui.pages.settings.messengers.why_missing", lambda: words)
    make = lambda bridge: MessengersForm(bridge, Answering(tmp_path, "a://[hidden]"))  # noqa: E731
    async with paged(FakeEngine(tmp_path), make) as held:
        await until(lambda: len(held.page.rows) == 1)
        assert held.page.words.text() == words
        assert not held.page.address.isEnabled()
        assert not held.page.test.isEnabled()


def chosen(form: NoticesForm) -> Sequence[bool]:
    return [box.isChecked() for box in form.boxes.values()]


async def test_what_is_chosen_on_the_page_is_kept_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as held:
        held.window.show_page("settings")
        page = held.window.page("settings")
        assert isinstance(page, SettingsPage)
        form = page.notices
        assert chosen(form) == [True, True, True, True, False, False, True]
        assert not form.begin.isEnabled()
        page.show_section("notices")
        await drawn()
        click(form.boxes["notices.order_filled"])
        form.quiet.click()
        assert form.begin.isEnabled()
        retype(form.begin.editor, "21:4")
        form.begin.check_now()
        assert form.begin.problem == "A time of the day like 22:30."
        retype(form.begin.editor, "21:45")
        page.awake.click()
        kept = Preferences(tmp_path / FILE_NAME)
        assert not kept.notify_filled
        assert (kept.quiet_hours, kept.quiet_from) == (True, 21 * 60 + 45)
        assert kept.keep_awake


async def test_nothing_is_told_once_the_program_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = list[str]()

    async def sending() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            order.append("tasks end")

    async with opened_over(FakeEngine(tmp_path, [])) as held:
        desk = held.program.background.notices
        close = desk.close
        monkeypatch.setattr(desk, "close", lambda: (order.append("silent"), close()))
        held.program.tasks.start("sending", sending)
        await drawn()
    assert order == ["silent", "tasks end"]


def test_the_minute_is_that_of_this_computers_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    if not hasattr(time, "tzset"):
        pytest.skip("This system's zone is not set by the environment")
    at = 1_773_309_723_000  # 10:02:03 UTC
    for zone, minute in (("UTC", 602), ("Asia/Kolkata", 602 + 330), ("America/New_York", 362)):
        with monkeypatch.context() as there:
            there.setenv("TZ", zone)
            time.tzset()
            assert local_minute(at) == minute
    time.tzset()
