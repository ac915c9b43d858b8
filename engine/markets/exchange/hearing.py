"""What is heard of one symbol, what a stream needs of a client, and at which pace it looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, Protocol

import numpy as np

from engine.domain.listings import Way
from engine.domain.public_trades import PublicTrades
from engine.errors import Fault
from engine.markets.exchange.reading import NO_TRADES, Quote
from engine.markets.exchange.way_choice import AGAIN_S, FAITH_S

LOOK_EVERY_S: Final = 1.0
"""How often silence and the clock are looked at."""
SILENCE_S: Final = 15.0
"""A stream that says nothing for so long is checked by asking."""
TRIAL_S: Final = 5.0
"""One that has said nothing yet is checked so soon, and what it should have told is taken from the
answer, again and again until it speaks or is left."""
DOUBT_S: Final = 60.0
"""A market without a trade for so long may be halted or delisted: the exchange's list tells."""
POLL_EVERY_S: Final = 2.0
POST_EVERY_S: Final = 0.1
"""What is heard of a symbol meanwhile is handed over together."""
KEPT_TRADES: Final = 200
"""The client keeps so many of a symbol until they are taken; of more the oldest are lost."""
SLEPT_S: Final = 5.0
"""Wall time that passed beside the time this thread was awake: the machine slept, or its clock was
set."""
RECONNECT_EVERY_S: Final = 23 * 3600.0
"""Planned, before exchanges do it unplanned."""
LINGER_S: Final = 5.0
"""What nobody follows any more is told for so much longer: a bot that is started again at once
finds its stream, and nothing flaps."""
_FIRST_WAIT_S: Final = 0.1
_TOGETHER_MS: Final = 2_000
STEADY_S: Final = 20.0
"""A connection that lasted so long was a good one: what breaks next is a first break."""


class State(Enum):
    CONNECTING = auto()
    OPEN = auto()
    QUIET = auto()
    """Nothing came yet, and asking shows that nothing was traded either."""
    BROKEN = auto()
    """It is going to be tried again."""
    OVER = auto()
    """Somebody has to change something first."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A batch of news of one stream. `at` is the exchange's time when it was posted."""

    at: int
    trades: PublicTrades = NO_TRADES
    quote: Quote | None = None
    state: State | None = None
    """Set when it changed."""
    words: str = ""
    way: Way | None = None
    fault: Fault | None = None
    alive: bool = False
    """It was silent, and the exchange says that nothing happened."""
    planned: bool = False
    """What broke was ended on purpose."""
    missed: bool = False
    """A trade came too late or out of turn and was left out: not every trade was told."""


def fit_together(first: Heard, second: Heard) -> bool:
    """Both are nothing but trades, and the second came soon after the first: what lies too long is
    told from what is new by the time of the whole."""
    pure = all(
        len(one.trades) and one.state is None and one.quote is None for one in (first, second)
    )
    return pure and second.at - first.at <= _TOGETHER_MS


def together(first: Heard, second: Heard) -> Heard:
    """Two batches of nothing but trades as one."""
    trades = PublicTrades(
        np.concatenate((first.trades.at, second.trades.at)),
        np.concatenate((first.trades.price, second.trades.price)),
        np.concatenate((first.trades.amount, second.trades.amount)),
    )
    missed = first.missed or second.missed
    return Heard(first.at, trades=trades, alive=second.alive, missed=missed)


class Prices(Protocol):
    """What a stream needs of a `Wire`."""

    @property
    def now_at(self) -> int: ...
    def ways(self) -> tuple[Way, ...]: ...
    async def trades(self, symbol: str) -> PublicTrades: ...
    async def quote(self, symbol: str) -> Quote: ...
    async def spread(self, symbol: str) -> Quote: ...
    async def forming(self, symbol: str, timeframe_ms: int) -> list[list[Any]]: ...
    async def latest_trades(self, symbol: str, count: int) -> PublicTrades: ...
    async def latest_candles(self, symbol: str, timeframe_ms: int) -> list[list[Any]]: ...
    async def measure(self) -> int | None: ...
    async def trading(self, symbol: str) -> bool: ...
    async def disconnect(self, symbol: str, since_s: float) -> None: ...


@dataclass(slots=True)
class Pace:
    """Times that tests shorten; `chance` gives 0 to 1, for jitter."""

    now_ms: Callable[[], int]
    monotonic: Callable[[], float]
    chance: Callable[[], float]
    silence_s: float = SILENCE_S
    trial_s: float = TRIAL_S
    doubt_s: float = DOUBT_S
    first_wait_s: float = _FIRST_WAIT_S
    steady_s: float = STEADY_S
    poll_s: float = POLL_EVERY_S
    post_s: float = POST_EVERY_S
    look_s: float = LOOK_EVERY_S
    slept_s: float = SLEPT_S
    reconnect_s: float = RECONNECT_EVERY_S
    faith_s: float = FAITH_S
    again_s: float = AGAIN_S
    linger_s: float = LINGER_S
