"""The Sessions page: the history, and the review of one session."""

from trader_gui.pages.sessions.page import SessionsPage

__all__ = ["SessionsPage"]
