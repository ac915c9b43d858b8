"""The Bots page: all bots with their account, and the editor of one."""

from trader_gui.pages.bots.page import BotsPage

__all__ = ["BotsPage"]
