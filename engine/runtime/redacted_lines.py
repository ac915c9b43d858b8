"""Lines of a log without secrets."""

from __future__ import annotations

import logging

from engine.messages.redaction import redacted


class Redacted(logging.Formatter):
    """The whole line, message, arguments and traceback, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def redact_last_resort() -> None:
    """A console program keeps no log: what Python prints of its warnings goes through here."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(Redacted())
