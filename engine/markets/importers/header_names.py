"""What programs and exchanges call the columns of candles and trades, in the languages of their
exports. All names as `plain` writes them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final


def plain(name: str) -> str:
    """``<Open Time>`` -> ``open_time``; without case, marks of other writing stay."""
    text = unicodedata.normalize("NFKC", name).strip().strip("<>[]()\"'.").casefold()
    return "_".join(text.replace("-", " ").replace("_", " ").replace(".", " ").split())


def _names(*words: str) -> tuple[str, ...]:
    return tuple(plain(name) for text in words for name in text.split("|"))


TIME: Final = _names(
    "open_time|opentime|timestamp|datetime|date_time|time|unix|unix_timestamp|timestamp_ms|date|ts",
    "t|time_utc|gmt_time|local_time|start_time|start|trade_time|created_at|transact_time",
    "zeit|datum|zeitstempel|uhrzeit|tiempo|fecha|hora|fecha_hora|temps|heure|время|дата|час|czas",
    "data|tempo|dátum|čas|zaman|tarih|tijd|时间|日期|開始時間|時間|日時|日付|시간|날짜|thời_gian",
)
CANDLES: Final[Mapping[str, Sequence[str]]] = {
    "time": TIME,
    "open": _names(
        "open|o|open_price|price_open|opening_price|eröffnung|eröffnungskurs|eröffn|offen|erster",
        "apertura|abertura|ouverture|открытие|откр|открыт|otwarcie|开盘|开盘价|開盤|始値|시가|mở_cửa",
        "açılış",  # noqa: RUF001
    ),
    "high": _names(
        "high|h|max|high_price|price_high|hoch|höchst|höchstkurs|tageshoch|máximo|máx|máxima|alto",
        "massimo|haut|plus_haut|максимум|макс|максимальный|hoog|najwyższy|maksimum|yüksek|最高|最高价",
        "高値|고가|cao",
    ),
    "low": _names(
        "low|l|min|low_price|price_low|tief|tiefst|tiefstkurs|tagestief|mínimo|mín|mínima|bajo",
        "minimo|bas|plus_bas|минимум|мин|минимальный|laag|najniższy|minimum|düşük|最低|最低价|安値|저가",
        "thấp",
    ),
    "close": _names(
        "close|c|close_price|price_close|closing_price|last|schluss|schlusskurs|schließen|zuletzt",
        "letzter|cierre|último|fechamento|chiusura|ultimo|clôture|fermeture|dernier|закрытие|закр",
        "slotkoers|sluiten|zamknięcie|收盘|收盘价|收盤|終値|종가|đóng_cửa|price|цена",
        "kapanış",  # noqa: RUF001
    ),
    "volume": _names(
        "volume|vol|v|base_volume|volume_base|amount|volumen|umsatz|volumes|объем|объём|volumina",
        "wolumen|hacim|成交量|交易量|出来高|거래량|khối_lượng",
    ),
}
TRADES: Final[Mapping[str, Sequence[str]]] = {
    "time": TIME,
    "price": _names("price|px|p|rate|trade_price|preis|kurs|precio|preço|prix|цена|价格|価格|가격"),
    "amount": _names(
        "amount|qty|quantity|size|volume|vol|q|v|base_qty|base_volume|menge|cantidad|quantità",
        "количество|数量|수량",
    ),
    "id": _names("id|trade_id|tradeid|agg_trade_id|a|tid|trdmatchid"),
}
SYMBOL: Final = _names("symbol|pair|ticker|instrument|market|instrument_id|symbol_id|currency_pair")
CLOSING_TIMES: Final = _names("close_time|closetime|end_time|end")


def find(names: Sequence[str], header: Sequence[str]) -> int | None:
    """The place of the first of `names` that a header (of plain names) has."""
    return next((header.index(known) for known in names if known in header), None)
