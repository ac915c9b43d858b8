"""The Settings page: how the window looks, where data lies, what runs here."""

from trader_gui.pages.settings.page import SettingsPage

__all__ = ["SettingsPage"]
