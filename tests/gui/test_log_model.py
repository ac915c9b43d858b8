"""The trigger log's ring: what comes in, what is shown, what leaves."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtTest import QAbstractItemModelTester

from engine.messages import events as ev
from engine.messages.events import EventKind, observation
from engine.messages.wording import LogGroup
from tests.gui.stories import Story, five_bots
from tests.gui.story_markets import ETH, MINUTE
from trader_gui.models.log_filter import LogFilter, read_filter
from trader_gui.models.log_model import LogModel


@pytest.fixture
def model(qapp: object) -> LogModel:
    made = LogModel()
    QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    return made


def texts(model: LogModel) -> list[str]:
    return [model.entry(row).line.text for row in range(model.rowCount())]


def test_only_what_is_new_is_read(model: LogModel) -> None:
    story = Story().enter()
    assert model.take([story.snapshot()]) == 3  # start, signal, fill; the trade repeats the fill
    assert model.take([story.snapshot()]) == 0
    story.go(3).leave()
    assert model.take([story.snapshot()]) == 2  # trigger and close; the closing fill is silent
    assert "net PnL" in texts(model)[-1]


def test_a_new_session_of_a_bot_is_read_from_its_start(model: LogModel) -> None:
    first = Story().enter()
    model.take([first.snapshot()])
    model.take([Story().snapshot()])
    assert sum(text.startswith("Session started") for text in texts(model)) == 2


def test_lines_of_bots_are_in_the_order_of_their_moments(model: LogModel) -> None:
    late, early = Story(1).go(20).check("late"), Story(2, market=ETH, first=3_000).check("early")
    model.take([late.snapshot(), early.snapshot()])
    assert texts(model)[-2:] == ["early", "late"]


def test_among_all_events_a_position_is_checked_once_in_a_quarter_of_an_hour(
    model: LogModel,
) -> None:
    story = Story().go(30)
    while story.at % (15 * MINUTE):
        story.go()
    before = model.take([story.snapshot()])
    for number in range(31):
        story.check(f"check {number}").go()
    assert model.take([story.snapshot()]) == 3
    assert texts(model)[before:] == ["check 0", "check 15", "check 30"]
    story.check("check 31")
    assert model.take([story.snapshot()]) == 0
    model.set_filter(read_filter("", [LogGroup.CHECKS]))
    assert model.rowCount() == model.counts()[LogGroup.CHECKS] == 32
    model.set_filter(read_filter("tag:pos"))
    assert model.rowCount() == 32
    model.set_filter(read_filter("check 7"))
    assert texts(model) == ["check 7", "check 17", "check 27"]
    model.set_filter(read_filter("bot:btc"))
    assert model.rowCount() == before + 3


def test_counts_are_of_all_rows_and_chips_filter(model: LogModel) -> None:
    model.take([story.snapshot() for story in five_bots()])
    counts = model.counts()
    assert counts[LogGroup.SIGNALS] == 4
    assert counts[LogGroup.CHECKS] == 1
    model.set_filter(read_filter("", [LogGroup.SIGNALS]))
    assert model.rowCount() == 4
    assert model.counts() == counts
    model.set_filter(LogFilter())
    assert model.rowCount() == len(model)


@pytest.mark.parametrize(
    ("text", "found"),
    [("tag:signal", 4), ("bot:eth tag:exec", 2), ("sym:sol", 4), ("nonsense", 0), ("net pnl", 2)],
)
def test_filters_by_words_bot_tag_and_symbol(model: LogModel, text: str, found: int) -> None:
    model.take([story.snapshot() for story in five_bots()])
    model.set_filter(read_filter(text))
    assert model.rowCount() == found


def test_new_lines_pass_the_filter_that_is_set(model: LogModel) -> None:
    story = Story()
    model.set_filter(read_filter("tag:error"))
    model.take([story.snapshot()])
    assert model.rowCount() == 0
    story.fail("Something broke.")
    assert model.take([story.snapshot()]) == 1
    assert texts(model) == ["Something broke."]


def test_a_review_that_goes_back_loses_its_last_lines(model: LogModel) -> None:
    review = Story().enter().go(5).leave().go(5).review()
    model.take([review.end()])
    whole = texts(model)
    model.take([review.at(review.from_at + 41 * 60_000)])
    assert texts(model) == whole[:3]
    model.take([review.end()])
    assert texts(model) == whole


def test_a_review_that_goes_back_beyond_the_ring_shows_what_was_before(
    model: LogModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trader_gui.models.log_model.RING", 20)
    monkeypatch.setattr("trader_gui.models.log_model.SPARE", 2)
    story = Story()
    for _ in range(100):
        story.go().refuse()
    review = story.review()
    model.take([review.end()])
    assert len(model) <= 20
    for moment in (review.to_at - 5 * MINUTE, review.from_at + 40 * MINUTE, review.from_at):
        seen = review.at(moment)
        model.take([seen])
        newest = model.entry(model.rowCount() - 1)
        assert newest.event == seen.session.log.length - 1
        assert model.rowCount() >= min(10, seen.session.log.length)


def test_the_ring_keeps_the_newest(model: LogModel, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = 6_000  # the tester asks for every row at every change: half a minute for 50,000
    monkeypatch.setattr("trader_gui.models.log_model.RING", ring)
    story = Story()
    rows = np.concatenate(
        [observation(EventKind.NOTE, story.at + index) for index in range(ring - 1_000)]
    )
    story.fold.feed(rows, [f"note {index}" for index in range(len(rows))])
    model.take([story.snapshot()])
    more = np.concatenate([observation(EventKind.NOTE, int(rows[-1, ev.AT]) + 1)] * 3_000)
    story.fold.feed(more, ["more"] * 3_000)
    story.check("the last")
    model.take([story.snapshot()])
    assert len(model) <= ring
    assert model.rowCount() == len(model)
    assert texts(model)[-1] != ""
    assert model.entry(0).line.text.startswith("note")
    assert int(model.entry(0).line.text.split()[1]) >= 2_000


def test_what_is_copied_keeps_the_brackets(model: LogModel) -> None:
    model.take([Story().fail("Feed stalled.").snapshot()])
    assert model.entry(1).copied == "07:10:00.000 [ERROR] btc-trend-1 BTC/USDT Feed stalled."
