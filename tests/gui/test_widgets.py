"""The small widgets, used as a person uses them: mouse, keys, screen reader."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QEnterEvent, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.painted import counted
from tests.gui.waiting import comes_true, shown
from trader_gui.pages.sessions.series_chips import SeriesChips
from trader_gui.panels.rows import KeyRow
from trader_gui.theme.theme import theme
from trader_gui.theme.tokens import color
from trader_gui.widgets.elided_label import ElidedLabel
from trader_gui.widgets.empty_state import EmptyState
from trader_gui.widgets.field import LabelledField
from trader_gui.widgets.gauge import Gauge, GaugeReading
from trader_gui.widgets.hold_button import HoldButton
from trader_gui.widgets.icon_button import IconButton
from trader_gui.widgets.pills import ModeBadge, paint_tag, tag_size
from trader_gui.widgets.progress_strip import ProgressStrip
from trader_gui.widgets.segmented import Segment, SegmentedControl
from trader_gui.widgets.state_glyph import STATES, StateGlyph
from trader_gui.widgets.toast import ToastStack

LEFT = Qt.MouseButton.LeftButton


def tones(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def test_segments_are_chosen_by_click_and_arrow_keys(qtbot: QtBot) -> None:
    control = SegmentedControl("Timeframe", [("1m", "1m"), ("5m", "5m"), ("1h", "1h")])
    shown(qtbot, control)
    told: list[str] = []
    control.chosen.connect(told.append)
    control.set_value("5m")
    assert (control.value, told) == ("5m", [])
    button = next(b for b in control.findChildren(QWidget) if b.accessibleName().endswith("1h"))
    QTest.mouseClick(button, LEFT)
    QTest.keyClick(button, Qt.Key.Key_Right)
    assert told == ["1h", "1m"]
    assert control.value == "1m"
    with pytest.raises(ValueError, match="2h"):
        control.set_value("2h")


def test_a_segment_says_something_as_wide_without_a_layout(qtbot: QtBot) -> None:
    control = SegmentedControl("Funnel", [("cursor", "To 10:30"), ("whole", "Whole")])
    shown(qtbot, control)
    QCoreApplication.processEvents()
    before, wide = control.grab().toImage(), control.sizeHint().width()
    with counted() as counter:
        control.rename("cursor", "To 11:31")
        QCoreApplication.processEvents()
        assert counter.laid_out == []
        assert control.findChildren(Segment)[0] in counter.painted
        assert control.findChildren(Segment)[0].text() == "To 11:31"
        assert control.grab().toImage() != before
        control.rename("cursor", "To the very end")
        assert control.sizeHint().width() > wide
        control.rename("cursor", "To 10:30")
        assert control.sizeHint().width() == wide
    assert control.grab().toImage() == before


@pytest.mark.parametrize("key", [None, Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_holding_acts_and_letting_go_early_does_not(qtbot: QtBot, key: Qt.Key | None) -> None:
    button = HoldButton("Panic close", "warning-circle-fill", hold_ms=120)
    shown(qtbot, button)
    button.setFocus()
    held: list[bool] = []
    button.held.connect(lambda: held.append(True))

    def press() -> None:
        QTest.mousePress(button, LEFT) if key is None else QTest.keyPress(button, key)

    def release() -> None:
        QTest.mouseRelease(button, LEFT) if key is None else QTest.keyRelease(button, key)

    press()
    comes_true(qtbot, lambda: button.progress > 0.1)
    release()
    assert button.progress == 0
    qtbot.wait(200)
    assert held == []
    press()
    comes_true(qtbot, lambda: held == [True])
    release()
    assert button.progress == 0


def test_a_hold_ends_when_the_mouse_leaves_or_the_button_goes(qtbot: QtBot) -> None:
    button = HoldButton("Panic close", hold_ms=10_000)
    shown(qtbot, button)
    QTest.mousePress(button, LEFT)
    comes_true(qtbot, lambda: button.progress > 0)
    QTest.mouseMove(button, QPoint(-50, -50))
    comes_true(qtbot, lambda: button.progress == 0)
    button.begin()
    comes_true(qtbot, lambda: button.progress > 0)
    button.setEnabled(False)
    assert button.progress == 0
    button.begin()
    assert button.progress == 0


def test_the_hold_fills_from_the_left(qtbot: QtBot) -> None:
    button = HoldButton("", hold_ms=10_000)
    shown(qtbot, button, 200, 28)
    button.begin()
    button._fill.setCurrentTime(5_000)
    image = button.grab().toImage()
    assert image.pixelColor(40, 14) != image.pixelColor(160, 14)
    button.cancel()


def test_every_state_has_a_shape_of_its_own(qtbot: QtBot) -> None:
    pictures = []
    for state in STATES:
        glyph = StateGlyph(state, pixels=32)
        shown(qtbot, glyph, 32, 32)
        grey = glyph.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        ground = grey.pixelColor(0, 0).value()
        pictures.append(
            frozenset(
                (x, y)
                for x in range(32)
                for y in range(32)
                if abs(grey.pixelColor(x, y).value() - ground) > 30
            )
        )
        assert glyph.accessibleName() == state
    assert len(set(pictures)) == len(STATES)


def test_live_is_filled_and_paper_is_not(qtbot: QtBot) -> None:
    live, paper = ModeBadge("live"), ModeBadge("paper")
    for badge in (live, paper):
        shown(qtbot, badge)
    assert color(theme().tokens.live).name() in tones(live.grab().toImage())
    assert color(theme().tokens.blue).name() not in {
        paper.grab().toImage().pixelColor(3, y).name() for y in range(paper.height())
    }
    assert live.accessibleName() == "Mode LIVE"


def test_an_error_is_filled_and_an_unknown_tag_is_not(qtbot: QtBot) -> None:
    danger = color(theme().tokens.danger_fill).name()
    for tag, filled in (("ERROR", True), ("SOMETHING-NEW", False)):
        picture = QImage(tag_size(), QImage.Format.Format_RGB32)
        picture.fill(0)
        painter = QPainter(picture)
        paint_tag(painter, QRectF(picture.rect()), tag)
        painter.end()
        assert (danger in tones(picture)) is filled
        assert len(tones(picture)) > 2  # the word is there


def test_the_gauge_keeps_its_sides_for_a_short() -> None:
    long = GaugeReading(entry=100, price=105, stop=90, target=110)
    assert (long.share(90), long.share(100), long.share(110)) == (0, 0.5, 1)
    short = GaugeReading(entry=100, price=95, stop=110, target=90, short=True)
    assert (short.share(110), short.share(100), short.share(90)) == (0, 0.5, 1)
    assert long.distance_pct(90) == pytest.approx(-14.2857, abs=1e-3)
    assert short.distance_pct(110) == pytest.approx(-15.7895, abs=1e-3)
    assert short.distance_pct(90) == pytest.approx(5.2632, abs=1e-3)


@pytest.mark.parametrize("short", [False, True])
def test_a_trail_past_the_entry_locks_in_and_leaves_the_entry_off_the_track(
    qtbot: QtBot, short: bool
) -> None:
    sign = -1 if short else 1
    entry, price, trail, target = (100 + sign * away for away in (0, 4, 2, 8))
    reading = GaugeReading(entry, price, target=target, trail=trail, short=short)
    assert reading.ends() == (trail, target)
    assert not reading.on_track(entry)
    assert reading.figures()[0][0] == "To trail"
    assert reading.figures()[0][1].startswith("−")
    assert reading.figures()[1] == ("Locked in", "+2.00 %", "up")
    assert "locked in +2.00 %" in reading.sentence()
    gauge = Gauge()
    shown(qtbot, gauge, 240, gauge.sizeHint().height())
    gauge.set_reading(reading)
    image = gauge.grab().toImage()
    assert color(theme().tokens.entry).name() not in tones(image)
    assert color(theme().tokens.down).name() not in tones(image)


def test_a_stop_below_the_entry_is_at_risk() -> None:
    reading = GaugeReading(entry=100, price=105, stop=90, target=110)
    assert reading.on_track(100)
    assert [row[:2] for row in reading.figures()] == [
        ("To SL", "−14.29 %"),
        ("At risk", "−10.00 %"),
        ("To TP", "+4.76 %"),
    ]
    assert GaugeReading(entry=100, price=105, target=110).figures()[1][1] == "–"


def test_the_gauge_works_with_missing_levels(qtbot: QtBot) -> None:
    only_target = GaugeReading(entry=100, price=104, target=110)
    assert only_target.ends() == (90, 110)
    assert GaugeReading(entry=100, price=104, trail=98).ends() == (98, 102)
    assert GaugeReading(entry=100, price=104).ends() is None
    assert only_target.share(500) == 1
    gauge = Gauge()
    shown(qtbot, gauge, 240, gauge.sizeHint().height())
    passed = GaugeReading(entry=100, price=104, trail=102)
    assert passed.ends() == (100, 108)  # never the wrong way round
    for reading in (
        passed,
        only_target,
        GaugeReading(100, 104),
        GaugeReading(100, 100, 100, 100),
        None,
    ):
        gauge.set_reading(reading)
        gauge.grab()
    assert gauge.accessibleDescription() == "No open position"


def test_a_field_is_checked_while_typing_and_on_leaving(qtbot: QtBot) -> None:
    def below_20(text: str) -> str:
        return "" if text and float(text) < 20 else "Must be below 20"

    field = LabelledField("Stop loss", "%", "0.1 to 20", below_20)
    shown(qtbot, field)
    told: list[bool] = []
    field.validity_changed.connect(told.append)
    QTest.keyClicks(field.editor, "28")
    assert field.problem == ""  # not while the person still types
    comes_true(qtbot, lambda: field.problem == "Must be below 20")
    assert field.editor.property("state") == "error"
    assert field.editor.accessibleDescription() == "Must be below 20"
    field.editor.selectAll()
    QTest.keyClicks(field.editor, "8")
    field.editor.clearFocus()
    assert (field.problem, field.text, told) == ("", "8", [False, True])


def test_icon_buttons_and_empty_states_say_what_they_are(qtbot: QtBot) -> None:
    button = IconButton("gear-six", "Settings")
    shown(qtbot, button)
    assert (button.toolTip(), button.accessibleName()) == ("Settings", "Settings")
    empty = EmptyState("No bots yet.", "A bot trades one symbol with one strategy.", "New bot")
    shown(qtbot, empty, 600, 400)
    asked: list[bool] = []
    empty.asked.connect(lambda: asked.append(True))
    QTest.mouseClick(empty.findChild(QPushButton), LEFT)
    assert asked == [True]
    for line in empty.findChildren(QLabel):
        assert line.fontMetrics().horizontalAdvance(line.text()) <= line.width()


def test_text_from_outside_is_never_markup(qtbot: QtBot) -> None:
    line = ElidedLabel("<b>Update</b> at <a href='x'>here</a>\nnow")
    shown(qtbot, line, 60, 20)
    assert line.textFormat() is Qt.TextFormat.PlainText
    assert line.text() == "<b>Update</b> at <a href='x'>here</a> now"
    assert line.shown().endswith("…")
    assert "&lt;b&gt;" in line.toolTip()
    line.resize(900, 20)
    assert line.toolTip() == ""


def test_toasts_are_at_most_three_and_errors_stay(qtbot: QtBot) -> None:
    host = shown(qtbot, QWidget(), 800, 600)
    QTest.mouseMove(host, QPoint(1, 1))  # under the mouse a toast would stay
    stack = ToastStack(host, bottom_inset=26)
    error = stack.show("Feed stalled", "error")
    for n in range(4):
        stack.show(f"note {n}", shown_ms=60)
    assert stack.texts == ["Feed stalled", "note 2", "note 3"]
    assert error.geometry().right() < 800
    assert max(toast.geometry().bottom() for toast in stack._shown) <= 600 - 26
    comes_true(qtbot, lambda: stack.texts == ["Feed stalled"])
    done: list[bool] = []
    offer = stack.show("6 bots stopped", offers=[("Start again", lambda: done.append(True))])
    QTest.mouseClick(
        next(b for b in offer.findChildren(QPushButton) if b.text() == "Start again"), LEFT
    )
    assert (done, stack.texts) == ([True], ["Feed stalled"])
    QTest.mouseClick(error.findChild(IconButton), LEFT)
    assert stack.texts == []


def test_a_toast_waits_while_the_mouse_is_over_it(qtbot: QtBot) -> None:
    host = shown(qtbot, QWidget(), 800, 600)
    stack = ToastStack(host)
    toast = stack.show("note", shown_ms=80)
    toast._time.stop()  # as entering does
    qtbot.wait(120)
    assert stack.texts == ["note"]
    QTest.mouseMove(host, QPoint(1, 1))
    toast._time.start()
    comes_true(qtbot, lambda: stack.texts == [])


def test_an_offer_leaves_last_and_ends_hovered_or_not(qtbot: QtBot) -> None:
    host = shown(qtbot, QWidget(), 800, 600)
    stack = ToastStack(host)
    offer = stack.show("S-0001 was deleted", offers=[("Undo", lambda: None)], shown_ms=400)
    stack.show("note")
    for n in range(3):
        stack.show(f"fault {n}", "error")
    assert stack.texts == ["S-0001 was deleted", "fault 1", "fault 2"]
    at = QPointF(5, 5)
    QApplication.sendEvent(offer, QEnterEvent(at, at, at))
    assert not offer._time.isActive()
    comes_true(qtbot, lambda: stack.texts == ["fault 1", "fault 2"])


def test_progress_tells_how_far_and_asks_once_to_cancel(qtbot: QtBot) -> None:
    strip = ProgressStrip()
    qtbot.addWidget(strip)
    asked: list[bool] = []
    strip.cancel_asked.connect(lambda: asked.append(True))
    strip.start("Backtest")
    strip.advance(31_000, 44_640, 12_000)
    texts = [line.text() for line in strip.findChildren(QLabel)]
    assert "31,000 of 44,640, 12 s left" in texts
    cancel = strip.findChild(QPushButton)
    assert cancel is not None
    QTest.mouseClick(cancel, LEFT)
    QTest.mouseClick(cancel, LEFT)
    assert asked == [True]
    strip.finish()
    assert not strip.isVisible()


def test_a_value_stays_whole_and_what_stands_behind_it_goes_first(qtbot: QtBot) -> None:
    row = KeyRow("Size")
    row.show_value("0.02822346 BTC", second="2,413.15 USDT")
    shown(qtbot, row, 400, 24)
    assert row.second.isVisible()
    assert row.toolTip() == ""
    row.resize(190, 24)
    assert not row.second.isVisible()
    assert row.toolTip() == "2,413.15 USDT"
    comes_true(qtbot, lambda: row.value.shown() == "0.02822346 BTC")
    row.resize(400, 24)
    assert row.second.isVisible()


def test_a_figure_is_drawn_whole_or_not_at_all(qtbot: QtBot) -> None:
    price = ElidedLabel("@ 63,580.86")
    shown(qtbot, price, price.sizeHint().width() + 2, 20)
    price.set_whole(True)
    assert (price.shown(), price.toolTip()) == ("@ 63,580.86", "")
    price.resize(price.width() - 12, 20)
    assert price.shown() == ""
    assert "63,580.86" in price.toolTip()
    price.set_whole(False)
    assert price.shown().startswith("@ 63")


def test_a_label_asks_for_the_room_around_its_text(qtbot: QtBot) -> None:
    bare, framed = ElidedLabel("Click a month"), ElidedLabel("Click a month")
    framed.setContentsMargins(14, 1, 14, 6)
    for one in (bare, framed):
        qtbot.addWidget(one)
    assert framed.sizeHint().height() == bare.sizeHint().height() + 7
    assert framed.sizeHint().width() == bare.sizeHint().width() + 28


def test_chips_share_their_row_and_short_names_leave_room_to_long_ones(qtbot: QtBot) -> None:
    chips = SeriesChips()
    qtbot.addWidget(chips)
    chips.show()
    names = ("Grid", "RSI reversion 14/30/70/50", "EMA cross with a trend 20/50")
    chips.show_series(list(enumerate(names)))
    chips.resize(10_000, 30)
    short, *long = (chip.wanted for chip in chips.chips)
    assert [chip.width() for chip in chips.chips] == [short, *long]
    gaps = 3 * chips._row.spacing()
    chips.resize(short + min(long) + min(long) - 20 + gaps, 30)
    assert [chip.width() for chip in chips.chips] == [short, min(long) - 10, min(long) - 10]
