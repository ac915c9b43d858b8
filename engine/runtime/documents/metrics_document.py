"""Figures for programs: money as exact text, ratios as numbers, times in UTC ms, and null where a
figure is not defined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal

from engine.core.metrics import Report, group_values, values
from engine.domain.money import Scale, plain
from engine.runtime.documents.exact_text import exact_texts
from engine.runtime.documents.settings_document import Document


def metrics_document(report: Report, scale: Scale) -> Document:
    """The object under ``metrics``: every figure by its name, then groups of trades by what they
    have in common, then how complete the history is."""
    document = _written(values(report, scale))
    quality = {field.name: document.pop(field.name) for field in fields(report.quality)}
    groups = {
        field.name: {
            name: _written(group_values(group, scale))
            for name, group in getattr(report.breakdowns, field.name).items()
        }
        for field in fields(report.breakdowns)
    }
    return document | groups | {"quality": quality}


def excursion_documents(report: Report, scale: Scale) -> list[Document]:
    """What each trade's object gains, in order of entry: the highest and lowest open result."""
    seen, money = report.excursions, scale.product_unit
    columns = (
        exact_texts(seen.mfe, money),
        exact_texts(seen.mae, money),
        seen.mfe_pct.tolist(),
        seen.mae_pct.tolist(),
    )
    return [
        {"mfe": mfe, "mae": mae, "mfe_pct": mfe_pct, "mae_pct": mae_pct}
        for mfe, mae, mfe_pct, mae_pct in zip(*columns, strict=True)
    ]


def _written(found: Mapping[str, Decimal | int | float | None]) -> Document:
    return {
        name: plain(value) if isinstance(value, Decimal) else value for name, value in found.items()
    }
