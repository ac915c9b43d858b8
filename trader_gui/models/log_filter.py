"""What the filter line of the log means: ``bot:trend tag:error sym:btc`` and words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.messages.wording import LogGroup, LogLine


@dataclass(frozen=True, slots=True)
class LogFilter:
    """All parts must fit; within `bots`, `tags` and `symbols` one is enough. Lower case."""

    groups: frozenset[LogGroup] = frozenset()
    """Empty: all."""
    words: tuple[str, ...] = ()
    bots: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()

    def takes_source(self, bot: str, symbol: str) -> bool:
        return _contains(bot, self.bots) and _contains(symbol, self.symbols)

    def takes_line(self, line: LogLine, bot: str, symbol: str) -> bool:
        if not _contains(line.tag, self.tags):
            return False
        text = f"{line.tag} {bot} {symbol} {line.text}".lower()
        return all(word in text for word in self.words)


def read_filter(text: str, groups: Iterable[LogGroup] = ()) -> LogFilter:
    """The filter that a person typed; a key without a value yet filters nothing."""
    parts: dict[str, list[str]] = {"bot": [], "tag": [], "sym": [], "": []}
    for word in text.lower().split():
        key, colon, value = word.partition(":")
        if colon and key in parts and key:
            if value:
                parts[key].append(value)
        else:
            parts[""].append(word)
    return LogFilter(
        frozenset(groups),
        tuple(parts[""]),
        tuple(parts["bot"]),
        tuple(parts["tag"]),
        tuple(parts["sym"]),
    )


def _contains(text: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or any(word in text.lower() for word in wanted)
