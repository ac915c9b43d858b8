"""What a person reads for values that are stored and compared by their English names."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from engine.language import tr

_WORDS: Final = MappingProxyType(
    {
        # states of bots and sessions
        "stopped": tr("stopped"),
        "pending": tr("pending"),
        "running": tr("running"),
        "error": tr("error"),
        "interrupted": tr("interrupted"),
        "finished": tr("finished"),
        "failed": tr("failed"),
        "cancelled": tr("cancelled"),
        # modes
        "backtest": tr("backtest"),
        "paper": tr("paper"),
        "live": tr("live"),
        "replay": tr("replay"),
        # sides
        "both": tr("both"),
        "long": tr("long"),
        "short": tr("short"),
        # where a fault lies
        "strategy": tr("strategy"),
        "feed": tr("feed"),
        "store": tr("store"),
        "exchange": tr("exchange"),
        "advisor": tr("advisor"),
        "key": tr("key"),
        "settings": tr("settings"),
        "program": tr("program"),
        # how prices come
        "fresh": tr("fresh"),
        "connecting": tr("connecting"),
        "stale": tr("stale"),
        "waiting": tr("waiting"),
        # what a rule said
        "passed": tr("passed"),
        "refused": tr("refused"),
        "not asked": tr("not asked"),
        # groups of the log
        "Signals": tr("Signals"),
        "Blocked": tr("Blocked"),
        "Executions": tr("Executions"),
        "Stops": tr("Stops"),
        "Checks": tr("Checks"),
        "Errors": tr("Errors"),
        "Notes": tr("Notes"),
        # why two sessions differ
        "data revised": tr("data revised"),
        "clock or order of inputs": tr("clock or order of inputs"),
        "other strategy source": tr("other strategy source"),
        "other settings": tr("other settings"),
        "other program version": tr("other program version"),
        "fill or fee": tr("fill or fee"),
        "code": tr("code"),
        "only here": tr("only here"),
        "only there": tr("only there"),
        "reason": tr("reason"),
        "time": tr("time"),
        "price": tr("price"),
        "size": tr("size"),
        "same": tr("same"),
    }
)


def word(value: str) -> str:
    """``running`` in the person's language; what is not known here stays as it is."""
    return _WORDS.get(value, value)
