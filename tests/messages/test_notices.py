"""Which snapshots mean a notice, which do not, and how a burst of them becomes one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest

from engine.domain.bots import BotState
from engine.domain.listings import FeedCondition
from engine.domain.reasons import ExitReason
from engine.messages.notice_bursts import MOST_MS, WINDOW_MS, Bursts
from engine.messages.notices import (
    Notice,
    NoticeKind,
    Wanted,
    happened,
    is_between,
    stalled,
    stalls,
    together,
)
from engine.messages.snapshot import AccountSnapshot, AppSnapshot, EngineStatus, Pulse, Retry
from tests.gui.stories import Story

NOTHING = Decimal(0)
ACCOUNT = AccountSnapshot("USDT", *([NOTHING] * 6))
NOW = 1_700_000_000_000


def seen(*stories: Story, tick_at: int = NOW - 500) -> AppSnapshot:
    pulses = {story.bot_id: Pulse(tick_at=tick_at) for story in stories}
    bots = tuple(story.snapshot() for story in stories)
    return AppSnapshot(bots, ACCOUNT, 1.0, 1, EngineStatus(NOW, pulses=pulses))


def kinds(notices: tuple[Notice, ...]) -> list[NoticeKind]:
    return [notice.kind for notice in notices]


def test_a_trade_is_told_at_its_entry_and_at_its_end() -> None:
    story = Story()
    before = seen(story)
    entered = seen(story.enter())
    (entry,) = happened(before, entered)
    assert entry.kind is NoticeKind.ORDER_FILLED
    assert entry.bot == "btc-trend-1 (paper)"
    assert entry.words.startswith("Bought 0.")
    assert " @ " in entry.words
    added = seen(story.go(3).add().part())
    assert [notice.words.split()[0] for notice in happened(entered, added)] == ["Added", "Sold"]
    closed = seen(story.go(3).leave(ExitReason.TAKE_PROFIT))
    (end,) = happened(added, closed)
    assert end.kind is NoticeKind.ORDER_FILLED
    assert "net PnL +" in end.words
    assert happened(closed, seen(story.go(5).refuse().check())) == ()


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (ExitReason.STOP_LOSS, NoticeKind.STOP_HIT),
        (ExitReason.TRAILING_STOP, NoticeKind.STOP_HIT),
        (ExitReason.BREAK_EVEN, NoticeKind.STOP_HIT),
        (ExitReason.LIQUIDATION, NoticeKind.STOP_HIT),
        (ExitReason.SIGNAL, NoticeKind.ORDER_FILLED),
        (ExitReason.MANUAL, NoticeKind.ORDER_FILLED),
        (ExitReason.TIME_LIMIT, NoticeKind.ORDER_FILLED),
    ],
)
def test_a_stop_is_told_as_a_stop(reason: ExitReason, kind: NoticeKind) -> None:
    story = Story().enter()
    before = seen(story)
    assert kinds(happened(before, seen(story.go(2).leave(reason, -0.01)))) == [kind]


def test_what_was_there_at_the_start_is_history() -> None:
    stories = [Story(1).enter().leave(), Story(2).enter().leave(ExitReason.STOP_LOSS), Story(3)]
    stories[2].fail()
    app = seen(*stories)
    assert happened(app, app) == ()
    assert happened(app, seen(*stories)) == ()


def test_a_session_that_begins_is_told_from_its_first_event_on() -> None:
    before = seen(Story(1).enter().leave())
    following = Story(1).enter()
    following.session_id += 50
    assert len(happened(before, seen(following))) == 1
    new = Story(7).enter()
    assert len(happened(before, seen(Story(1).enter().leave(), new))) == 1


def test_each_error_is_told_once_with_what_becomes_of_the_bot() -> None:
    story = Story().enter()
    before = seen(story)
    failed = seen(story.fail("The exchange is away.", retry=Retry(1, NOW + 1)))
    (notice,) = happened(before, failed)
    assert notice.kind is NoticeKind.BOT_IN_ERROR
    assert notice.words == (
        "The exchange is away. Its position is open and nobody watches it. It is tried again by "
        "itself."
    )
    assert story.error is not None
    story.error = replace(story.error, retry=Retry(2, NOW + 60_000))
    assert happened(failed, seen(story)) == ()  # only the next try is another one
    story.error = replace(story.error, at=story.error.at + 1)
    assert kinds(happened(failed, seen(story))) == [NoticeKind.BOT_IN_ERROR]


def test_prices_that_stay_away_are_told_once() -> None:
    story = Story().on_exchange(FeedCondition.STALE, "Nothing was heard for 48 s")
    app = seen(story)
    now = stalled(app.bots, app.status)
    assert now == {1}
    (notice,) = stalls(frozenset(), now, app)
    assert notice.words == "No prices of BTC/USDT come. Entries are refused meanwhile."
    assert stalls(now, now, app) == ()


def test_a_short_reconnect_is_no_stall_a_long_one_is() -> None:
    story = Story().on_exchange(FeedCondition.CONNECTING, reconnects=1)
    for age, is_stalled in ((5_000, False), (99_000, False), (101_000, True)):
        app = seen(story, tick_at=NOW - age)
        assert bool(stalled(app.bots, app.status)) is is_stalled
    story.state = BotState.STOPPED
    story.feed = None
    app = seen(story, tick_at=NOW - 1_000_000)
    assert stalled(app.bots, app.status) == frozenset()


def test_only_what_is_wished_for_and_not_in_quiet_hours() -> None:
    filled, failed = (
        Notice(kind, 1, "b", "w") for kind in (NoticeKind.ORDER_FILLED, NoticeKind.BOT_IN_ERROR)
    )
    assert Wanted().lets(filled, 0)
    assert not Wanted(frozenset({NoticeKind.BOT_IN_ERROR})).lets(filled, 0)
    night = Wanted(quiet=(22 * 60, 7 * 60))
    assert [night.lets(filled, minute) for minute in (0, 419, 420, 1319, 1320)] == [
        *(False, False, True, True, False)
    ]
    assert night.lets(failed, 0)
    assert not replace(night, errors_in_quiet=False).lets(failed, 0)
    assert is_between(30, 0, 60)
    assert not any(is_between(minute, 90, 90) for minute in range(1440))


def notice(bot: str = "a", kind: NoticeKind = NoticeKind.ORDER_FILLED) -> Notice:
    return Notice(kind, 1, bot, f"{bot} did it.")


def test_one_is_told_at_once_and_a_burst_as_one_with_its_number() -> None:
    bursts = Bursts()
    (first,) = bursts.take([notice()], 0)
    assert (first.title, first.text, first.count) == ("Order filled: a", "a did it.", 1)
    for at in range(1, 8):
        assert bursts.take([notice("a" if at % 3 else "b")], at * 1_000) == []
    assert bursts.next_at == WINDOW_MS
    (rest,) = bursts.due(WINDOW_MS)
    assert rest.title == "7 orders filled"
    assert rest.text == "a ×5, b ×2. The last: a did it."
    assert bursts.next_at is None
    assert bursts.due(10**9) == []


def test_what_waits_is_told_only_if_it_may_be_then() -> None:
    refused: set[str] = set()
    bursts = Bursts(lambda notice: notice.bot not in refused)
    assert len(bursts.take([notice()], 0)) == 1
    assert bursts.take([notice("a"), notice("b")], 1_000) == []
    refused.add("b")
    (one,) = bursts.due(WINDOW_MS)
    assert (one.title, one.count) == ("Order filled: a", 1)
    assert bursts.take([notice("a"), notice("b")], WINDOW_MS + 1) == []
    refused.add("a")
    assert bursts.due(10**6) == []
    assert bursts.next_at is None
    refused.clear()
    assert bursts.due(10**7) == []  # it is not kept for later


def test_kinds_do_not_wait_for_each_other() -> None:
    bursts = Bursts()
    bursts.take([notice()], 0)
    (other,) = bursts.take([notice(), notice(kind=NoticeKind.STOP_HIT)], 10)
    assert other.title == "Stop hit: a"


def test_a_flood_is_told_less_and_less_often_and_a_calm_one_as_at_first() -> None:
    bursts, told = Bursts(), []
    for second in range(3_600):
        told += [second] * len(bursts.take([notice(), notice()], second * 1_000))
    gaps = [after - before for before, after in pairwise(told)]
    assert gaps == sorted(gaps)
    assert gaps[-1] * 1_000 == MOST_MS
    assert len(told) < 20
    later = 10_000_000
    assert len(bursts.take([notice()], later)) == 1
    assert len(bursts.take([notice()], later + 1_000)) == 0
    assert len(bursts.due(later + WINDOW_MS)) == 1


def test_many_bots_are_named_up_to_a_few() -> None:
    message = together([notice(name) for name in "abcdefgh"])
    assert message.text == "a, b, c, d, e and 3 more bots. The last: h did it."
    assert message.count == 8
