"""An unchanged ccxt client, told that the exchange lives on this machine."""

from __future__ import annotations

from typing import Any

from tests.exchange.accounts import KEY, SECRET

ONLY_SPOT: dict[str, dict[str, Any]] = {
    "binance": {
        "fetchMarkets": {"types": ["spot"]},
        "fetchCurrencies": False,
        "fetchMargins": False,
    },
    "kraken": {},
}


def point_at(exchange: Any, url: str) -> Any:
    """Send everything that a ccxt object asks for to `url` (``http://127.0.0.1:4711``).

    The exchange's own host stays in the path, as ``/api.binance.com/api/v3/time``: ccxt looks at it
    to tell spot from futures, and to choose which of its tables of error codes is right.
    """
    exchange.urls["api"] = _pointed(exchange.urls["api"], url, exchange.hostname or "")
    tables = getattr(exchange, "get_exceptions_by_url", None)
    if tables is not None:
        exchange.get_exceptions_by_url = lambda asked, kind: tables(
            asked.replace(f"{url}/", "https://", 1), kind
        )
    return exchange


def _pointed(urls: Any, url: str, hostname: str) -> Any:
    if isinstance(urls, dict):
        return {name: _pointed(inner, url, hostname) for name, inner in urls.items()}
    scheme, _, rest = urls.replace("{hostname}", hostname).partition("://")
    return f"{url.replace('http', 'ws', 1) if scheme == 'wss' else url}/{rest}"


def client(name: str, url: str, *, key: str = KEY, secret: str = SECRET, **settings: Any) -> Any:
    """A ccxt.pro object that can do everything here; close it."""
    import ccxt.pro

    kind = getattr(ccxt.pro, name)
    options = {**ONLY_SPOT[name], **settings.pop("options", {})}
    exchange = kind({"apiKey": key, "secret": secret, "options": options, **settings})
    return point_at(exchange, url)


def quick(name: str, url: str, **settings: Any) -> Any:
    """A client that neither spares this exchange nor lingers when it closes."""
    exchange = client(name, url, enableRateLimit=False, **settings)
    exchange.timeout_on_exit = 5  # ms; for sockets with TLS, which these are not
    return exchange


def point_at_here(exchange: Any, url: str) -> None:
    """As `point_at`, for a client that neither spares this exchange nor lingers when it closes."""
    exchange.enableRateLimit = False
    exchange.timeout_on_exit = 5  # ms; for sockets with TLS, which these are not
    point_at(exchange, url)
