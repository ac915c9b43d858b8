"""Help: the guide of ``docs/guide`` as a page of the window."""

from trader_gui.pages.help.page import HelpPage

__all__ = ["HelpPage"]
