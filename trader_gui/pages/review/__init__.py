"""The review of one session: all panels at one moment of it."""

from trader_gui.pages.review.page import ReviewPage

__all__ = ["ReviewPage"]
