"""Why a stored session decided as it did: held against its own events."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from engine.domain.bots import Mode
from engine.domain.columns import IntMatrix
from engine.domain.reasons import Action, ExitReason, Refusal
from engine.domain.settings import TradeSettings
from engine.messages import commands as cm
from engine.messages import events as ev
from engine.messages.events import EventKind
from engine.messages.why import Chain, Verdict, Why
from engine.messages.wording import Wording
from engine.runtime.engine import Engine
from engine.runtime.history.archive import market_of
from engine.store.database import Store
from engine.store.opening import FILE_NAME
from tests.golden.unpacking import GOLDEN, unpack
from tests.runtime.support import (
    BEGINS_AT,
    MINUTE,
    StillClock,
    backtest_of,
    file_bot,
    write_candles,
)


@asynccontextmanager
async def golden(folder: Path, change: str = "") -> AsyncIterator[tuple[Engine, dict[str, int]]]:
    """An engine over the kept sessions, of which SQL has changed something; ids by story."""
    stories = {story: ids[0] for story, ids in unpack(GOLDEN[-1], folder).items()}
    if change:
        await (await Store.open(folder)).close()
        with closing(sqlite3.connect(folder / FILE_NAME)) as database, database:
            database.execute(change)
    engine = await Engine.open(folder, clock=StillClock())
    try:
        yield engine, stories
    finally:
        await engine.close()


def refused(chain: Chain) -> list[int]:
    return [rule.rule for rule in chain.rules if rule.verdict is Verdict.REFUSED]


def names(chain: Chain) -> list[str]:
    return [link.name for link in chain.links]


def chains_of(why: Why, count: int) -> dict[int, Chain]:
    """All of them by the event that decided."""
    found = (why.chain(event, count) for event in range(count))
    return {chain.event: chain for chain in found if chain is not None}


@pytest.mark.parametrize("story", ["backtest", "future", "bars", "ticks"])
async def test_every_decision_goes_the_way_that_is_recorded(tmp_path: Path, story: str) -> None:
    async with golden(tmp_path) as (engine, stories):
        log = (await engine.review(stories[story])).log
        chains = chains_of(await engine.why(stories[story]), len(log))
        kinds = log.table[:, ev.KIND]
        assert {chain.remark for chain in chains.values()} == {""}
        assert set(np.flatnonzero(kinds == EventKind.SIGNAL).tolist()) <= set(chains)
        fills = [link for chain in chains.values() for link in chain.links if link.name == "Fill"]
        entries = np.count_nonzero(kinds == EventKind.TRADE_OPENED)
        by_signal = (kinds == EventKind.TRADE_CLOSED) & (log.table[:, ev.CODE] == ExitReason.SIGNAL)
        assert len(fills) == entries + np.count_nonzero(by_signal)
        for event, chain in chains.items():
            row = log.table[event]
            stops = refused(chain)
            if row[ev.KIND] == EventKind.REFUSAL:
                assert stops == [row[ev.CODE]]
                assert chain.stopped
                assert not chain.links
            verdicts = [rule.verdict for rule in chain.rules]
            if stops:
                asked = verdicts.index(Verdict.REFUSED)
                assert set(verdicts[:asked]) <= {Verdict.PASSED}
                assert set(verdicts[asked + 1 :]) <= {Verdict.NOT_ASKED}
            if names(chain)[-1:] == ["Fill"]:
                assert {rule.verdict for rule in chain.rules} == {Verdict.PASSED}


async def test_an_entry_tells_rules_size_order_and_fill(tmp_path: Path) -> None:
    async with golden(tmp_path) as (engine, stories):
        log = (await engine.review(stories["backtest"])).log
        why = await engine.why(stories["backtest"])
        opened = int(np.flatnonzero(log.table[:, ev.KIND] == EventKind.TRADE_OPENED)[0])
        chain = why.chain(opened, len(log))
        assert chain is not None
        assert log.table[chain.event, ev.KIND] == EventKind.SIGNAL
        assert chain.trade == log.table[opened, ev.NO]
        assert names(chain) == ["Size", "Order", "Fill"]
        assert "EMA fast" in chain.signal
        rules = [rule.rule for rule in chain.rules]
        assert rules == sorted(rules)
        assert {Refusal.COOLDOWN, Refusal.DAILY_LOSS, Refusal.BELOW_MINIMUM} <= set(rules)
        cooldown = next(rule for rule in chain.rules if rule.rule == Refusal.COOLDOWN)
        assert (cooldown.limit, cooldown.found) == ("5 m", "no exit yet")
        waiting = why.chain(chain.event, chain.event + 1)
        assert waiting is not None
        assert names(waiting) == ["Waits"]
        late = [rule.verdict for rule in waiting.rules if rule.rule >= Refusal.MAX_POSITION]
        assert set(late) == {Verdict.NOT_ASKED}
        last = why.chain(None, opened + 1)
        assert last is not None
        assert last.event == chain.event
        assert why.chain(None, 1) is None


async def test_bots_of_a_portfolio_tell_what_is_recorded(tmp_path: Path) -> None:
    async with golden(tmp_path) as (engine, stories):
        review = await engine.review(stories["portfolio"])
        log, settings = review.log, review.record.settings
        wording = Wording(market_of(settings), settings.trade)
        why = await engine.why(stories["portfolio"])
        chains = chains_of(why, len(log))
        assert all("share their money" in chain.remark for chain in chains.values())
        account = [
            chain for chain in chains.values() if Refusal.MAX_OPEN_POSITIONS in refused(chain)
        ]
        assert account
        assert {(rule.limit, rule.found) for chain in account for rule in chain.rules} == {
            ("1", "1")
        }
        filled = [chain for chain in chains.values() if names(chain)[-1:] == ["Fill"]]
        entered = [chain for chain in filled if chain.action.enters]
        assert entered
        for chain in entered:
            slots, room = chain.rules
            assert slots.rule == Refusal.MAX_OPEN_POSITIONS
            assert (slots.verdict, slots.limit, slots.found) == (Verdict.PASSED, "1", "0")
            assert (room.rule, room.verdict) == (Refusal.MAX_EXPOSURE, Verdict.PASSED)
            opened = log.table[log.table[:, ev.NO] == chain.trade][0]
            assert room.found == wording.money(int(opened[ev.COLLATERAL]))
            of_trade = log.table[:, ev.TRADE] == chain.trade
            intent = log.table[of_trade & (log.table[:, ev.KIND] == EventKind.INTENT)][0]
            # Nobody else held anything: its cash was the equity.
            assert room.limit == wording.money(int(intent[ev.CASH]) * 265 // 1_000)


async def test_an_entry_of_a_portfolio_tells_how_many_of_the_others_held(tmp_path: Path) -> None:
    """Held against the trades of all its bots: who opened or closed at that very moment may have
    been counted or not."""
    bots = []
    for seed in (5, 6, 7, 8):
        path = write_candles(tmp_path / f"{seed}.csv", 400, seed)
        bots.append(cm.PortfolioBot(f"bot-{seed}", backtest_of(file_bot(path))))
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        wish = cm.RunPortfolio(tuple(bots), Decimal(10_000), max_open_positions=3)
        ids = await engine.execute(wish)
        assert isinstance(ids, tuple)
        logs = {one: (await engine.review(one)).log.table for one in ids}
        found = set()
        for one in ids:
            why = await engine.why(one)
            for event in np.flatnonzero(logs[one][:, ev.KIND] == EventKind.TRADE_OPENED).tolist():
                chain = why.chain(event, len(logs[one]))
                assert chain is not None
                (slots,) = chain.rules
                at = int(logs[one][event, ev.ROW_AT])
                others = [held_at(logs[other], at) for other in ids if other != one]
                least, most = (sum(bounds) for bounds in zip(*others, strict=True))
                assert least <= int(slots.found) <= min(most, 2)
                found.add(slots.found)
        assert found == {"0", "1", "2"}
    finally:
        await engine.close()


def held_at(log: IntMatrix, at: int) -> tuple[bool, bool]:
    """Whether a bot held something for sure, and whether it may have, at a row's time."""
    before = log[log[:, ev.ROW_AT] < at]
    here = log[log[:, ev.ROW_AT] == at]
    stood = bool(len(before) and before[-1, ev.POSITION])
    return stood and not np.any(here[:, ev.POSITION] == 0), stood or bool(
        np.any(here[:, ev.POSITION])
    )


async def test_a_paper_session_answers_as_a_backtest_does(tmp_path: Path) -> None:
    async with golden(tmp_path) as (engine, stories):
        review = await engine.review(stories["ticks"])
        assert review.record.mode is Mode.PAPER
        why = await engine.why(stories["ticks"])
        assert why.trouble == ""
        signal = int(np.flatnonzero(review.log.table[:, ev.KIND] == EventKind.SIGNAL)[0])
        at = int(review.log.table[signal, ev.AT])
        saw = why.saw(at)
        assert saw is not None
        assert saw.close_at == at
        assert Action(int(review.log.table[signal, ev.ACTION])) in saw.asked
        assert saw.reason == review.log.note(signal)


async def test_what_it_saw_is_what_the_chart_draws(tmp_path: Path) -> None:
    async with golden(tmp_path) as (engine, stories):
        review = await engine.review(stories["backtest"])
        why = await engine.why(stories["backtest"])
        candles = review.candles.candles(len(review.candles))
        for bar in (0, 1, 60, len(candles) - 1):
            close_at = int(candles.open_at[bar]) + candles.timeframe_ms
            for cursor in (close_at, close_at + MINUTE - 1):
                saw = why.saw(cursor)
                assert saw is not None
                assert saw.close_at == close_at
                for column in saw.columns:
                    drawn = review.candles.indicators(len(candles))[column.name]
                    for value, place in ((column.value, bar), (column.before, bar - 1)):
                        known = place >= 0 and np.isfinite(drawn[place])
                        assert value == (float(drawn[place]) if known else None)
        assert why.saw(int(candles.open_at[0])) is None


async def test_another_text_of_the_strategy_is_a_sentence_not_numbers(tmp_path: Path) -> None:
    async with golden(tmp_path, "UPDATE sessions SET strategy_hash = 'ab' WHERE id = 1") as (
        engine,
        stories,
    ):
        why = await engine.why(stories["backtest"])
        assert why.trouble.startswith("The text of the strategy ema_cross is another")
        assert why.saw(BEGINS_AT + 10**9) is None
        review = await engine.review(stories["backtest"])
        assert "the indicators drawn are those it has now" in review.missing
        log = review.log
        chains = chains_of(why, len(log))  # its own signals are recorded
        assert {chain.remark for chain in chains.values()} == {""}


async def test_a_signals_file_that_is_gone_leaves_the_chain(tmp_path: Path) -> None:
    path, signals = write_candles(tmp_path / "candles.csv", 40), tmp_path / "signals.csv"
    asked = {0: "buy", 10: "sell", 12: "buy"}
    lines = [f"{BEGINS_AT + bar * MINUTE},{action}" for bar, action in asked.items()]
    signals.write_text("\n".join(["time,action", *lines]))
    trade = TradeSettings(cooldown_min=30, fee_pct=TradeSettings().fee_pct)
    bot = file_bot(path, strategy="signals_file", signals_path=str(signals), trade=trade)
    engine = await Engine.open(tmp_path / "data", clock=StillClock())
    try:
        session_id = await engine.execute(backtest_of(bot))
        assert isinstance(session_id, int)
        assert (await engine.why(session_id)).trouble == ""
        signals.write_text("\n".join(["time,action", *lines[1:]]))
        changed = await engine.why(session_id)
        assert "does not give the signals that are recorded" in changed.trouble
        signals.unlink()
        why = await engine.why(session_id)
        assert "signals.csv" in why.trouble
        chains = chains_of(why, len((await engine.review(session_id)).log))
        assert [refused(chain) for chain in chains.values()] == [[], [], [Refusal.COOLDOWN]]
        last = list(chains.values())[-1]
        found = next(rule for rule in last.rules if rule.rule == Refusal.COOLDOWN)
        assert (found.limit, found.found) == ("30 m", "2 m")
    finally:
        await engine.close()
