"""The restart check: what ran when the program ended, and what becomes of it."""

from trader_gui.pages.restart.page import RestartPage

__all__ = ["RestartPage"]
