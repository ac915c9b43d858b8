"""The tables among the fields of `TradeSettings`, and their rows in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from engine.domain.candles import MINUTE_MS
from engine.domain.setting_checks import check_adds, check_partials, check_target_steps
from engine.errors import InvalidSetting
from engine.language import tr
from trader_gui import format as fmt
from trader_gui.forms.table_spec import Rows, TableSpec
from trader_gui.forms.trade_tips import TRADE_TIPS


def _say_steps(rows: Rows) -> str:
    """``5 % at once, 2 % after 1 h, 0.5 % after 4 h``."""
    return ", ".join(_step_words(int(minutes), _exact(pct)) for minutes, pct in rows)


def _step_words(minutes: int, pct: str) -> str:
    if not minutes:
        return tr("{pct} % at once", pct=pct)
    return tr("{pct} % after {length}", pct=pct, length=fmt.duration(minutes * MINUTE_MS))


def _say_partials(rows: Rows) -> str:
    """``50 % of it at 2 %, 40 % of it at 4 %, 10 % stays``."""
    words = [
        tr("{share} % of it at {profit} %", share=_exact(share), profit=_exact(pct))
        for pct, share in rows
    ]
    left = 100 - sum((share for _, share in rows), Decimal(0))
    if rows and left > 0:
        words.append(tr("{share} % stays", share=_exact(left)))
    return ", ".join(words)


def _say_adds(rows: Rows) -> str:
    """``1 × at −2 %, 1 × at −4 %: 3 × in all``."""
    adds = ", ".join(
        tr("{times} × at {move} %", times=_exact(times), move=fmt.MINUS + _exact(pct))
        for pct, times in rows
    )
    whole = 1 + sum((times for _, times in rows), Decimal(0))
    return tr("{adds}: {times} × in all", adds=adds, times=_exact(whole)) if rows else ""


def _exact(number: Decimal) -> str:
    return fmt.exact(number.normalize())


def _example(*rows: tuple[int, int]) -> Rows:
    return tuple((Decimal(first), Decimal(second)) for first, second in rows)


def _check_steps(rows: Rows, most: int) -> None:
    if any(minutes % 1 for minutes, _ in rows):
        raise InvalidSetting(tr("The minutes must be whole numbers"), field="target_steps")
    check_target_steps([(int(minutes), pct) for minutes, pct in rows], most)


_TABLES: Final = (
    TableSpec(
        "target_steps",
        tr("Target by age"),
        tr("The target comes closer as time goes by"),
        _example((0, 5), (60, 2)),
        tr("minutes:percent"),
        _say_steps,
        _check_steps,
    ),
    TableSpec(
        "partial_targets",
        tr("Partial targets"),
        tr("Close a share at each profit"),
        _example((2, 50), (4, 50)),
        tr("profit:share"),
        _say_partials,
        check_partials,
    ),
    TableSpec(
        "adds",
        tr("Adding to a position"),
        tr("Buy more at a better price, in times of the first order"),
        _example((2, 1), (4, 1)),
        tr("loss:times"),
        _say_adds,
        check_adds,
    ),
)
TABLE_SPECS: Final[Mapping[str, TableSpec]] = MappingProxyType(
    {spec.key: replace(spec, tip=TRADE_TIPS[spec.key]) for spec in _TABLES}
)
