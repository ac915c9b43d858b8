"""The arguments of `trader-engine backtest`."""

from __future__ import annotations

import argparse
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from engine.cli.arguments import Verb, add_json
from engine.cli.candle_arguments import add_candle_options, add_strategy_options
from engine.cli.trade_arguments import add_trade_options, trade_settings


def _add_options(verb: argparse.ArgumentParser) -> None:
    add_candle_options(verb, stored="session")
    add_strategy_options(verb)
    add_trade_options(verb)
    add_json(verb)


def _carry_out(arguments: argparse.Namespace) -> str:
    trade_settings(arguments)  # a wrong setting is told before the kernel is waited for
    with _no_collecting():
        from engine.cli.waiting import load_kept_kernel_telling, load_kernel_telling

        if arguments.own_process:
            load_kept_kernel_telling()
        else:
            load_kernel_telling()
        from engine.cli.backtest import backtest

        return backtest(arguments)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Modules are read, an answer is built and printed: looking for garbage in them over and over
    finds none."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


BACKTEST: Final = Verb("backtest", "run a strategy over recorded candles", _add_options, _carry_out)
