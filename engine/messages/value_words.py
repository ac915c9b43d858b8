"""What a person reads for values that are stored and compared by their English names."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from engine.language import tr, trc

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
        # notes of the program itself
        "Entries are paused: the database cannot be written. Exits go on": tr(
            "Entries are paused: the database cannot be written. Exits go on"
        ),
        "The database is written again, nothing was lost. Entries go on": tr(
            "The database is written again, nothing was lost. Entries go on"
        ),
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
        # where prices come from
        "simulated": tr("simulated"),
        "file": tr("file"),
        "archive": tr("archive"),
        # how prices come
        "fresh": tr("fresh"),
        "connecting": tr("connecting"),
        "stale": tr("stale"),
        "waiting": tr("waiting"),
        # what is heard or read of a market
        "candles": tr("candles"),
        "trades": tr("trades"),
        "quotes": tr("quotes"),
        # what a rule said
        "passed": tr("passed"),
        "refused": tr("refused"),
        "not asked": tr("not asked"),
        # rules, by their codes
        "position already open": tr("position already open"),
        "no open position": tr("no open position"),
        "conflicting signal": tr("conflicting signal"),
        "cooldown": tr("cooldown"),
        "max trades per day": tr("max trades per day"),
        "daily loss": tr("daily loss"),
        "max drawdown": tr("max drawdown"),
        "stop guard": tr("stop guard"),
        "stale feed": tr("stale feed"),
        "paused": tr("paused"),
        "max position": tr("max position"),
        "insufficient cash": tr("insufficient cash"),
        "below minimum": tr("below minimum"),
        "max spread": tr("max spread"),
        "max open positions": tr("max open positions"),
        "max exposure": tr("max exposure"),
        # why a trade ended
        "stop loss": tr("stop loss"),
        "take profit": tr("take profit"),
        "trailing stop": tr("trailing stop"),
        "signal": tr("signal"),
        "end of data": tr("end of data"),
        "manual": tr("manual"),
        "liquidation": tr("liquidation"),
        "time limit": tr("time limit"),
        "break even": tr("break even"),
        "partial target": tr("partial target"),
        "target step": tr("target step"),
        # why a session ended
        "closed and stopped": tr("closed and stopped"),
        "money overflow": tr("money overflow"),
        # levels of a position
        "stop": trc("level", "stop"),
        "target": trc("level", "target"),
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
        # how a strategy file of a person's own stands
        "not allowed": tr("not allowed"),
        "changed": tr("changed"),
        "allowed": tr("allowed"),
        "unusable": tr("unusable"),
        "gone": tr("gone"),
    }
)


def word(value: str) -> str:
    """``running`` in the person's language; what is not known here stays as it is."""
    return _WORDS.get(value, value)
