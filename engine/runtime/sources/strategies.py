"""Strategies by name: looked up, set up, and described."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from engine.domain.candles import Candles
from engine.domain.strategy import Parameter, Params, Strategy, StrategyCard, read_params
from engine.domain.strategy_words import strategy_refusal, strategy_word
from engine.errors import Fault, FileRefused, InvalidSetting, UnknownName
from engine.language import tr, trc
from engine.runtime.sources.own_strategies import why_not
from engine.runtime.sources.strategy_file import source_from
from engine.strategies import BUILT_IN, STRATEGIES
from engine.strategies.guard import ask
from engine.strategies.signals_file import SignalsFile

_TITLES: Final = MappingProxyType(
    {
        "ema_cross": tr("EMA cross"),
        "ema_cross_trend": tr("EMA cross with the trend"),
        "grid": trc("strategy", "Grid"),
        "rsi_reversion": tr("RSI reversion"),
        "signals_file": tr("Signals file"),
    }
)
NO_OPINION: Final[Strategy] = SignalsFile()
"""Says nothing about any candle."""


def find_strategy(name: str) -> Strategy:
    """The strategy of that name; UnknownName, or FileRefused for one whose file may not run."""
    refused = why_not(name)
    if refused:
        raise FileRefused(refused)
    if name not in STRATEGIES:
        raise UnknownName(
            tr(
                "There is no strategy {name!r}. Choose one of: {names}.",
                name=name,
                names=", ".join(sorted(STRATEGIES)),
            )
        )
    return STRATEGIES[name]


def checked_params(strategy: Strategy, given: Mapping[str, object]) -> Params:
    """Defaults overlaid with `given`, in range and making sense together; or InvalidSetting."""
    params = read_params(strategy, given)
    try:
        strategy.check(params)
    except InvalidSetting as refused:
        raise InvalidSetting(strategy_refusal(refused.words), field=refused.field) from refused
    return params


def check_signals_path(name: str, path: str) -> None:
    """A signals file is given exactly to the strategy that needs one."""
    if name == SignalsFile.name and not path:
        raise InvalidSetting(
            tr(
                "The strategy signals_file needs a signals file. Give a CSV with time,action lines."
            ),
            field="signals_path",
        )
    if name != SignalsFile.name and path:
        raise InvalidSetting(
            tr(
                "The strategy {name} does not read a signals file. Choose signals_file, "
                "or leave the file out.",
                name=name,
            ),
            field="signals_path",
        )


def with_signals(
    strategy: Strategy, path: str, candles: Candles, *, within: bool = False
) -> Strategy:
    """`strategy`, or the one that says what the file at `path` says about `candles`; `within`
    leaves out what it says about others."""
    if not path:
        return strategy
    from engine.markets.signals_csv import load_signals  # brings Arrow along

    said = load_signals(Path(path), candles, within=within)
    return SignalsFile(said.open_at, said.actions)


def rehearse(candles: Candles) -> None:
    """Ask every strategy of the program for an opinion that nobody hears, so that the libraries
    they compute with are there when somebody waits. Takes a while, once: call it in a worker."""
    for name, strategy in STRATEGIES.items():
        if name in BUILT_IN:
            with suppress(Fault):
                ask(strategy, candles, checked_params(strategy, {}))


def title_of(strategy: Strategy) -> str:
    """As a person reads it. What is stored is `strategy.title`, which depends on no language."""
    return _TITLES.get(strategy.name, strategy.title)


def card_of(strategy: Strategy) -> StrategyCard:
    """What a form needs to know. The title of a person's own names its file, too: no other does."""
    own = source_from(strategy)
    return StrategyCard(
        strategy.name,
        title_of(strategy) if own is None else f"{strategy.title} ({own.file})",
        strategy_word(strategy.summary),
        tuple(_in_words(parameter) for parameter in strategy.parameters),
        needs_signals_file=strategy.name == SignalsFile.name,
    )


def _in_words(parameter: Parameter) -> Parameter:
    return replace(
        parameter,
        label=strategy_word(parameter.label),
        unit=strategy_word(parameter.unit),
        hint=strategy_word(parameter.hint),
    )


def source_of(strategy: Strategy) -> tuple[str, str]:
    """(sha256 hex, text) of the file a strategy is written in; text is empty in a frozen program
    that ships no sources, the hash then covers the name alone. Of a person's own they are those of
    what was loaded, whatever the file holds by now."""
    own = source_from(strategy)
    if own is not None:
        return own.sha256, own.text
    module = sys.modules[type(strategy).__module__]
    try:
        text = inspect.getsource(module)
    except OSError:
        text = ""
    return hashlib.sha256((text or type(strategy).__qualname__).encode()).hexdigest(), text
