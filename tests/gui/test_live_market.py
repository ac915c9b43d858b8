"""Setting up a bot on an exchange's live prices, as a person does it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.domain.bots import BotSettings, FeedChoice, FeedKind
from engine.domain.candles import HOUR_MS, MINUTE_MS
from engine.domain.listings import Listing
from engine.domain.settings import Direction, TradeSettings
from engine.errors import ExchangeUnavailable
from engine.messages import commands as cm
from tests.gui.fakes import FakeEngine
from tests.gui.listed import BINANCE, KRAKEN, listed, listing
from tests.gui.opened import click, cut, overlaps, press
from tests.gui.paged import Paged, paged, retype
from tests.gui.stories import Story
from tests.gui.waiting import drawn, until
from trader_gui.forms.listing_words import (
    exchange_options,
    fees_of,
    kind_word,
    steps_words,
    symbol_options,
    usual_symbol,
)
from trader_gui.forms.live_market import LiveMarketForm
from trader_gui.pages.bots.checks import market_checks
from trader_gui.pages.bots.page import BotsPage
from trader_gui.widgets.search_choice import SearchChoice

pytestmark = pytest.mark.qt_loop
GONE = ExchangeUnavailable("binance could not be reached for reading its markets.")


def pick(field: SearchChoice, typed: str) -> None:
    """Type some letters and take the first that is found."""
    retype(field, typed)
    QTest.keyClick(field.popup, Qt.Key.Key_Return)


def levels(held: Paged[BotsPage]) -> dict[str, str]:
    return {check.words: check.level for check in held.page.editor.preview.checks}


def live_of(held: Paged[BotsPage]) -> LiveMarketForm:
    return held.page.editor.market.live


async def asked(held: Paged[BotsPage]) -> LiveMarketForm:
    """A new bot on live prices, and the exchange has answered."""
    held.page.new_bot()
    press(held.page.editor.market.kind, "exchange")
    await until(lambda: live_of(held).listing is not None)
    await drawn()
    return live_of(held)


def frames(live: LiveMarketForm) -> list[str]:
    return [live.timeframe.itemText(row) for row in range(live.timeframe.count())]


# ---------------------------------------------------------------------- words and order


def test_known_exchanges_come_first() -> None:
    found = [option.key for option in exchange_options(("zonda", "kraken", "alpaca", "binance"))]
    assert found == ["binance", "kraken", "alpaca", "zonda"]


def test_spot_comes_first_and_what_is_halted_last() -> None:
    options = symbol_options(BINANCE, "USDT")
    assert [option.key for option in options] == [
        "BTC/USDT",
        "ETH/USDT",
        "AAVE/USDT",
        "USDC/USDT",
        "BTC/EUR",
        "WBTC/BTC",
        "BTC/USDT:USDT",
        "BTC/USDT:USDT-261225",
        "LUNA/USDT",
    ]
    assert options[-1].refused == "halted or delisted"
    assert usual_symbol(BINANCE, "USDT") == "BTC/USDT"
    assert usual_symbol(listed(listing("LUNA/USDT", active=False)), "USDT") == ""


def test_markets_in_words() -> None:
    assert [
        kind_word(BINANCE[s]) for s in ("BTC/USDT", "BTC/USDT:USDT", "BTC/USDT:USDT-261225")
    ] == [
        "spot",
        "perpetual",
        "future",
    ]
    assert steps_words(BINANCE["BTC/USDT"]) == (
        "Price step 0.01 USDT, order step 0.00001 BTC, smallest order 5 USDT and 0.00001 BTC"
    )
    free = replace(BINANCE["BTC/USDT"].market, min_amount=Decimal(0), min_notional=Decimal(0))
    assert steps_words(replace(BINANCE["BTC/USDT"], market=free)).endswith(", no smallest order")


@pytest.mark.parametrize(
    ("maker", "taker", "words"),
    [
        ("0.08", "0.1", "taker 0.1 %, maker 0.08 %"),
        ("0.1", "0.1", "taker 0.1 %, maker 0.1 %"),
        ("-0.01", "0.05", "taker 0.05 %, maker 0 %"),
        ("0", "0", ""),
    ],
)
def test_fees_that_are_not_told_are_not_nothing(maker: str, taker: str, words: str) -> None:
    fees = fees_of(listing("BTC/USDT", maker=maker, taker=taker))
    assert (fees.words if fees else "") == words


def found(market: Listing, **chosen: object) -> dict[str, str]:
    trade = replace(TradeSettings(direction=Direction.LONG), **chosen)  # type: ignore[arg-type]
    return {check.words: check.level for check in market_checks(market, trade, "USDT")}


def test_what_a_real_market_asks_of_a_bot() -> None:
    spot, future = BINANCE["BTC/USDT"], BINANCE["BTC/USDT:USDT"]
    assert found(spot) == {"Smallest order is 5 USDT, this bot sends 2,500.00": "ok"}
    short = "Spot can only be held long: a short would be possible on paper alone"
    assert found(spot, direction=Direction.BOTH)[short] == "warn"
    assert short not in found(future, direction=Direction.BOTH)
    small = found(spot, cash=Decimal(10))
    assert small == {
        "Smallest order is 5 USDT, this bot sends 2.50: every entry would be refused": "warn"
    }
    assert found(KRAKEN["BTC/USD"])["One USD is counted as one USDT"] == "warn"
    assert (
        found(BINANCE["WBTC/BTC"])[
            "Prices are in BTC and the paper account is in USDT: choose a symbol against USDT"
        ]
        == "error"
    )


# ---------------------------------------------------------------------- the editor


async def test_a_new_bot_on_live_prices_takes_steps_and_fees_of_the_market(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BotsPage) as held:
        live, editor = await asked(held), held.page.editor
        assert (live.exchange.value, live.symbol.value) == ("binance", "BTC/USDT")
        assert live.words.text() == f"binance, spot. {steps_words(BINANCE['BTC/USDT'])}."
        fees = editor.trade.fields()
        assert (fees["fee_pct"].value(), fees["maker_fee_pct"].value()) == (
            Decimal("0.1"),
            Decimal("0.08"),
        )
        assert editor.body.fees.words.text() == (
            "Fees of binance: taker 0.1 %, maker 0.08 %, as used here."
        )
        assert levels(held)["binance answers and lists 9 markets"] == "ok"
        pick(live.symbol, "ethusdt")
        assert editor.market.name.text == "eth-ema-cross"
        assert fees["maker_fee_pct"].value() is None
        live.timeframe.setCurrentIndex(live.timeframe.findData(HOUR_MS))
        live.timeframe.activated.emit(3)
        click(editor.foot.go)
        await until(lambda: held.engine.commands)
        command = held.engine.commands[-1]
        assert isinstance(command, cm.CreateBot)
        settings = command.settings
        assert settings.feed == FeedChoice(FeedKind.EXCHANGE, exchange="binance")
        assert (settings.symbol, settings.timeframe_ms) == ("ETH/USDT", HOUR_MS)
        await until(lambda: held.page.currentWidget() is held.page.bots)


async def test_another_exchange_brings_its_own_markets_frames_and_fees(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BotsPage) as held:
        live = await asked(held)
        assert frames(live) == ["1m", "5m", "15m", "1h", "1d"]
        pick(live.exchange, "krak")
        assert live.listing is None
        await until(lambda: live.listing is not None)
        assert live.symbol.value == "BTC/USD"  # it has no BTC/USDT
        assert frames(live) == ["5m", "15m", "1h", "1d"]  # nor a 1m candle
        assert live.chosen_timeframe_ms == 5 * MINUTE_MS
        assert held.page.editor.trade.fields()["fee_pct"].value() == Decimal("0.4")
        assert "zonda" in live.exchange.keys
        press(held.page.editor.market.kind, "simulated")
        assert held.page.editor.trade.fields()["fee_pct"].value() == TradeSettings().fee_pct
        assert held.page.editor.body.fees.isHidden()


async def test_fees_that_were_typed_stay_and_the_markets_are_offered(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BotsPage) as held:
        held.page.new_bot()
        editor = held.page.editor
        field = editor.trade.fields()["fee_pct"]
        retype(field.editor, "0.25")
        press(editor.market.kind, "exchange")
        await until(lambda: live_of(held).listing is not None)
        assert field.value() == Decimal("0.25")
        assert editor.body.fees.words.text() == "Fees of binance: taker 0.1 %, maker 0.08 %."
        editor.show_section("costs")
        await drawn()
        click(editor.body.fees.take)
        assert field.value() == Decimal("0.1")
        assert editor.body.fees.take.isHidden()
        pick(live_of(held).symbol, "usdc")
        assert editor.body.fees.words.text() == (
            "binance does not tell its fees. Enter what you would pay."
        )
        assert field.value() == Decimal("0.1")


async def test_while_the_exchange_is_asked_nothing_waits_and_it_can_be_cancelled(
    tmp_path: Path,
) -> None:
    engine = FakeEngine(tmp_path)
    engine.answers.clear()
    async with paged(engine, BotsPage) as held:
        held.page.new_bot()
        press(held.page.editor.market.kind, "exchange")
        live, foot = live_of(held), held.page.editor.foot
        await until(lambda: engine.asked_of == ["binance"])
        assert not live.bar.isVisible()  # it may answer at once
        await until(live.bar.isVisible)
        await drawn()
        assert live.words.text() == "Reading the markets of binance. No keys are needed."
        assert not foot.go.isEnabled()
        assert levels(held)["Exchange: the markets of binance are being read"] == "error"
        click(live.again)
        await until(lambda: live.again.text() == "Try again")
        assert live.words.text() == "The markets of binance were not read."
        engine.answers.set()
        click(live.again)
        await until(lambda: live.listing is not None)
        assert foot.go.isEnabled()
        assert live.again.isHidden()


async def test_an_answer_to_an_earlier_question_is_nobodys(tmp_path: Path) -> None:
    engine = FakeEngine(tmp_path)
    engine.answers.clear()
    async with paged(engine, BotsPage) as held:
        held.page.new_bot()
        press(held.page.editor.market.kind, "exchange")
        await until(lambda: engine.asked_of == ["binance"])
        live = live_of(held)
        pick(live.exchange, "kraken")
        pick(live.exchange, "binance")
        engine.answers.set()
        await until(lambda: live.listing is not None)
        await drawn()
        assert (live.exchange.value, live.symbol.value) == ("binance", "BTC/USDT")
        assert live.again.isHidden()


async def test_an_exchange_that_does_not_answer_is_told_and_asked_again(tmp_path: Path) -> None:
    engine = FakeEngine(tmp_path)
    engine.silent = GONE
    async with paged(engine, BotsPage) as held:
        held.page.new_bot()
        press(held.page.editor.market.kind, "exchange")
        live = live_of(held)
        await until(lambda: live.words.text() == GONE.words)
        await drawn()
        assert levels(held)["Exchange: the markets of binance could not be read"] == "error"
        assert live.copy.isHidden()  # there is nothing in it that the words do not say
        assert held.faults == []
        assert cut(held.page) == []
        engine.silent = None
        click(live.again)
        await until(lambda: live.listing is not None)
        assert not [words for words, level in levels(held).items() if level == "error"]


def live_bot(symbol: str = "ETH/USDT", frame_ms: int = MINUTE_MS) -> Story:
    story = Story()
    settings: BotSettings = replace(
        story.settings,
        symbol=symbol,
        timeframe_ms=frame_ms,
        feed=FeedChoice(FeedKind.EXCHANGE, exchange="binance"),
        trade=replace(story.settings.trade, fee_pct=Decimal("0.3")),
    )
    story.settings = settings
    return story.end()


async def test_a_bot_that_is_there_can_be_saved_while_its_exchange_is_away(tmp_path: Path) -> None:
    engine = FakeEngine(tmp_path, [live_bot()])
    engine.silent = GONE
    async with paged(engine, BotsPage) as held:
        held.page.edit_bot(1)
        editor = held.page.editor
        await until(lambda: live_of(held).words.text() == GONE.words)
        assert not editor.changed
        retype(editor.trade.fields()["stop_loss_pct"].editor, "2")
        click(editor.foot.keep)
        await until(lambda: engine.commands)
        command = engine.commands[-1]
        assert isinstance(command, cm.UpdateBot)
        assert command.settings.symbol == "ETH/USDT"
        assert command.settings.trade.fee_pct == Decimal("0.3")  # its own, not the market's


async def test_what_is_no_longer_listed_is_named_at_its_field(tmp_path: Path) -> None:
    engine = FakeEngine(tmp_path, [live_bot("LUNA/USDT"), live_bot("XYZ/USDT"), live_bot()])
    for number, story in enumerate(engine.stories, 1):
        story.bot_id = number
    engine.stories[2].settings = live_bot(frame_ms=3 * MINUTE_MS).settings
    async with paged(engine, BotsPage) as held:
        live = live_of(held)
        for bot_id, caption, words in (
            (1, "Symbol", "binance has halted or delisted LUNA/USDT, so it has no prices"),
            (2, "Symbol", "binance does not list XYZ/USDT"),
            (3, "Timeframe", "binance makes no 3m candles"),
        ):
            held.page.edit_bot(bot_id)
            await until(lambda: live.markets)
            assert live.fields[caption].problem == words, bot_id
            assert not held.page.editor.foot.go.isEnabled()


async def test_a_bot_on_other_prices_is_no_duplicate(tmp_path: Path) -> None:
    simulated, live = Story(1, "simulated"), live_bot("BTC/USDT")
    live.bot_id = 2
    live.settings = replace(live.settings, name="on binance")
    async with paged(FakeEngine(tmp_path, [simulated, live]), BotsPage) as held:
        form, preview = await asked(held), held.page.editor.preview
        words = "on binance already trades BTC/USDT with EMA cross"
        assert preview._duplicate_words.text() == words
        pick(form.exchange, "kraken")
        assert preview._duplicate.isHidden()
        press(held.page.editor.market.kind, "simulated")
        words = "simulated already trades BTC/USDT with EMA cross"
        assert preview._duplicate_words.text() == words


async def test_the_exchange_of_another_bot_is_offered_first(tmp_path: Path) -> None:
    other = live_bot()
    feed = FeedChoice(FeedKind.EXCHANGE, exchange="kraken")
    other.settings = replace(other.settings, feed=feed)
    async with paged(FakeEngine(tmp_path, [other]), BotsPage) as held:
        live = await asked(held)
        assert live.exchange.value == "kraken"


async def test_what_was_tested_on_the_past_of_an_exchange_goes_on_live(tmp_path: Path) -> None:
    settings = replace(live_bot().settings, feed=FeedChoice(FeedKind.ARCHIVE, exchange="binance"))
    async with paged(FakeEngine(tmp_path), BotsPage) as held:
        held.page.new_bot(settings)
        await until(lambda: live_of(held).listing is not None)
        feed = held.page.editor.settings().feed
        assert feed == FeedChoice(FeedKind.EXCHANGE, exchange="binance")
        assert held.page.editor.trade.fields()["fee_pct"].value() == Decimal("0.3")


async def test_a_symbol_that_was_typed_to_its_end_is_saved(tmp_path: Path) -> None:
    async with paged(FakeEngine(tmp_path), BotsPage) as held:
        live = await asked(held)
        retype(live.symbol, "aave/usdt")
        live.symbol.popup.hide()
        QTest.keyClick(held.page.editor, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: held.engine.commands)
        command = held.engine.commands[-1]
        assert isinstance(command, cm.CreateBot)
        assert command.settings.symbol == "AAVE/USDT"


@pytest.mark.parametrize("size", [(1536, 926), (1052, 626)])
@pytest.mark.parametrize("state", ["answered", "asking", "away"])
async def test_nothing_is_cut_or_overlaps(
    tmp_path: Path, size: tuple[int, int], state: str
) -> None:
    engine = FakeEngine(tmp_path)
    if state == "asking":
        engine.answers.clear()
    engine.silent = GONE if state == "away" else None
    async with paged(engine, BotsPage, size) as held:
        held.page.new_bot()
        press(held.page.editor.market.kind, "exchange")
        live = live_of(held)
        ends = {"answered": lambda: live.listing, "asking": lambda: live.bar.isVisible()}
        await until(ends.get(state, lambda: live.words.text() == GONE.words))
        await drawn()
        assert overlaps(held.page) == []
        assert cut(held.page) == []
