"""One market: its trades, the candles they make, and its order book."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from tests.exchange.clock import DAY_MS, MINUTE_MS, ExchangeClock
from tests.exchange.pair import Pair
from tests.exchange.prices import LISTED_BEFORE_MS, Trade, Walk


@dataclass(slots=True)
class Candle:
    """Sums over the trades of one interval; costs are price steps times amount steps."""

    open_at: int
    open: int
    high: int
    low: int
    close: int
    first_id: int
    amount: int = 0
    cost: int = 0
    trades: int = 0
    bought_amount: int = 0
    bought_cost: int = 0

    def add(self, trade: Trade) -> None:
        if not self.trades:
            self.open = self.high = self.low = trade.price
            self.first_id = trade.id
        self.high = max(self.high, trade.price)
        self.low = min(self.low, trade.price)
        self.close = trade.price
        self.amount += trade.amount
        self.cost += trade.price * trade.amount
        self.trades += 1
        if not trade.buyer_maker:
            self.bought_amount += trade.amount
            self.bought_cost += trade.price * trade.amount

    def extend(self, later: Candle) -> None:
        """Take in the candle that follows within a longer interval."""
        if later.trades:
            if not self.trades:
                self.open, self.high, self.low = later.open, later.high, later.low
                self.first_id = later.first_id
            self.high = max(self.high, later.high)
            self.low = min(self.low, later.low)
            self.close = later.close
        self.amount += later.amount
        self.cost += later.cost
        self.trades += later.trades
        self.bought_amount += later.bought_amount
        self.bought_cost += later.bought_cost


Level = tuple[int, int]
"""Price and amount, in steps."""

Side = dict[int, int]
"""Amount by price, in steps."""


def changes(before: Side, now: Side) -> list[Level]:
    """What must be told of one side of a book: 0 is waiting where a level is gone."""
    gone = [(price, 0) for price in before if price not in now]
    return gone + [level for level in now.items() if before.get(level[0]) != level[1]]


class Market:
    """Trades come from a script (`trade`), from a generated walk, or from both in turn."""

    def __init__(
        self,
        pair: Pair,
        clock: ExchangeClock,
        past: Walk | None = None,
        live: Walk | None = None,
        kept: int = 20_000,
    ) -> None:
        """`past` is what had traded before, `live` what trades by itself as the clock goes on.
        `kept` trades can be asked for again; candles are kept for ever."""
        self.pair = pair
        self.clock = clock
        self.opened_at = clock.true_ms // MINUTE_MS * MINUTE_MS
        self.listed_at = self.opened_at - (LISTED_BEFORE_MS if past else 0)
        self.trading = True
        self.trades: deque[Trade] = deque(maxlen=kept)
        self.on_trade: list[Callable[[Market, Trade], None]] = []
        self.on_quote: list[Callable[[Market], None]] = []
        self._past = past
        self._live = live
        self._next_chunk = self.opened_at // live.chunk_ms if live else 0
        self._due: deque[Trade] = deque()
        self._minutes: list[Candle] = []
        self._past_minutes: dict[int, Candle] = {}
        start = pair.price_steps((pair.start // pair.price_step) * pair.price_step)
        self.last = past.chunk(self.opened_at // MINUTE_MS - 1)[-1].price if past else start
        self.next_id = past.next_id(self.opened_at) if past else 1
        self.bid, self.ask = self.last, self.last + 1
        self.spread = 1
        self.book_id = self.next_id
        self._day_before: Candle | None = None

    # ------------------------------------------------------------ what happens

    def trade(
        self,
        price: Decimal | str | int,
        amount: Decimal | str | int = "0.01",
        *,
        at: int | None = None,
        buyer_maker: bool = False,
    ) -> Trade:
        """Exactly this trade comes now; the generated ones end here."""
        self._live = None
        steps = self.pair.price_steps(price), self.pair.amount_steps(amount)
        trade = Trade(self.next_id, self.clock.true_ms if at is None else at, *steps, buyer_maker)
        self._play(trade)
        return trade

    def quote(self, bid: Decimal | str | int, ask: Decimal | str | int) -> None:
        """The best prices without a trade; the distance stays until the next quote."""
        self.bid, self.ask = self.pair.price_steps(bid), self.pair.price_steps(ask)
        self.spread = self.ask - self.bid
        self.book_id += 1
        for listener in self.on_quote:
            listener(self)

    def run_to(self, at: int) -> None:
        """Let the generated trades happen that are due before `at`."""
        while self._live is not None:
            if self._due and self._due[0].at < at:
                self._play(self._due.popleft()._replace(id=self.next_id))
            elif not self._due and self._next_chunk * self._live.chunk_ms < at:
                self._due.extend(self._live.chunk(self._next_chunk))
                self._next_chunk += 1
            else:
                return

    def delist(self) -> None:
        """No more trades, and a ticker full of zeros, as a delisted market shows it."""
        self.trading = False
        self._live = None

    def _play(self, trade: Trade) -> None:
        if trade.at < self.opened_at:
            raise ValueError("The market opened after that.")
        self.next_id = trade.id + 1
        self._fill_minutes(trade.at)
        self._minutes[(trade.at - self.opened_at) // MINUTE_MS].add(trade)
        self.trades.append(trade)
        self.last = trade.price
        if trade.buyer_maker:
            self.bid, self.ask = trade.price, trade.price + self.spread
        else:
            self.bid, self.ask = max(1, trade.price - self.spread), trade.price
        self.book_id += 1
        for listener in self.on_trade:
            listener(self, trade)

    # ------------------------------------------------------------ what can be asked

    def candles(
        self, interval_ms: int, from_at: int | None, to_at: int | None, limit: int
    ) -> list[Candle]:
        """At most `limit`: the first that open at `from_at` or later, else the newest; those that
        open at `to_at` or earlier. The last one may still be forming."""
        now = self.clock.true_ms
        newest = min(now if to_at is None else to_at, now) // interval_ms * interval_ms
        oldest = -(-self.listed_at // interval_ms) * interval_ms
        if from_at is None:
            first = newest - (limit - 1) * interval_ms
        else:
            first = -(-from_at // interval_ms) * interval_ms
        first = max(first, oldest if self._past else self.opened_at // interval_ms * interval_ms)
        newest = min(newest, first + (limit - 1) * interval_ms)
        self._fill_minutes(now)
        return [self._candle(at, interval_ms) for at in range(first, newest + 1, interval_ms)]

    def trades_from(self, from_at: int, limit: int) -> list[Trade]:
        """The first that came at `from_at` or later, past ones too."""
        found: list[Trade] = []
        if self._past is not None and from_at < self.opened_at:
            index = max(from_at, self.listed_at) // MINUTE_MS
            while len(found) < limit and index * MINUTE_MS < self.opened_at:
                found += [trade for trade in self._past.chunk(index) if trade.at >= from_at]
                index += 1
        found += [trade for trade in self.trades if trade.at >= from_at]
        return found[:limit]

    def newest_trades(self, limit: int) -> list[Trade]:
        found = list(self.trades)[-limit:]
        index = self.opened_at // MINUTE_MS
        while self._past is not None and len(found) < limit:
            index -= 1
            found = self._past.chunk(index) + found
        return found[-limit:]

    def bids(self, count: int) -> list[Level]:
        return [(self.bid - n, self._waiting(n)) for n in range(count) if self.bid - n > 0]

    def asks(self, count: int) -> list[Level]:
        return [(self.ask + n, self._waiting(n)) for n in range(count)]

    def book(self, levels: int) -> tuple[int, Side, Side]:
        """(the number of this state, bids, asks)"""
        return self.book_id, dict(self.bids(levels)), dict(self.asks(levels))

    def day(self) -> Candle:
        """The last day and what came since the exchange opened here, as one candle."""
        if self._day_before is None:
            before = self.opened_at - DAY_MS
            if self._past is None:
                self._day_before = self._empty(before, self.last)
            else:  # every tenth minute tells enough, and is ten times as fast
                self._day_before = self._minute(before)
                for at in range(before, self.opened_at, 10 * MINUTE_MS):
                    self._day_before.extend(self._minute(at))
            self._day_through = 0
        self._fill_minutes(self.clock.true_ms)
        whole = len(self._minutes) - 1
        for minute in self._minutes[self._day_through : whole]:
            self._day_before.extend(minute)
        self._day_through = whole
        day = replace(self._day_before)
        day.extend(self._minutes[-1])
        return day

    # ------------------------------------------------------------ inside

    @staticmethod
    def _waiting(level: int) -> int:
        return 40_000 + 10_000 * level

    def _empty(self, open_at: int, price: int) -> Candle:
        return Candle(open_at, price, price, price, price, self.next_id)

    def _fill_minutes(self, at: int) -> None:
        """There is a candle for every minute, also without a trade."""
        for index in range(len(self._minutes), (at - self.opened_at) // MINUTE_MS + 1):
            self._minutes.append(self._empty(self.opened_at + index * MINUTE_MS, self.last))

    def _minute(self, at: int) -> Candle:
        if at >= self.opened_at:
            return replace(self._minutes[(at - self.opened_at) // MINUTE_MS])
        known = self._past_minutes.get(at)
        if known is None:
            assert self._past is not None
            known = self._made_of(at, self._past.chunk(at // MINUTE_MS))
            if len(self._past_minutes) > 100_000:
                self._past_minutes.clear()
            self._past_minutes[at] = known
        return replace(known)

    def _made_of(self, open_at: int, trades: Iterable[Trade]) -> Candle:
        candle = self._empty(open_at, 0)
        for trade in trades:
            candle.add(trade)
        return candle

    def _candle(self, open_at: int, interval_ms: int) -> Candle:
        """Of an interval with at least one minute that is known."""
        now = self.clock.true_ms
        first = open_at if self._past else max(open_at, self.opened_at)
        candle = self._minute(first)
        candle.open_at = open_at
        last = min(open_at + interval_ms - MINUTE_MS, now // MINUTE_MS * MINUTE_MS)
        for at in range(first + MINUTE_MS, last + 1, MINUTE_MS):
            candle.extend(self._minute(at))
        return candle
