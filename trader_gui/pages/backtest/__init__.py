"""The Backtest page: one run over a candle file."""

from trader_gui.pages.backtest.page import BacktestPage

__all__ = ["BacktestPage"]
