"""Keys and types of what Binance spot and Kraken spot send, as their documentation has it."""

from __future__ import annotations

from tests.exchange.shapes import Shape

TEXT, NUMBER, FLAG, NULL = "text", "number", "bool", "null"


def of(texts: str = "", numbers: str = "", flags: str = "", **nested: Shape) -> dict[str, Shape]:
    """An object: names of its keys by type, and what is nested."""
    kinds = ((texts, TEXT), (numbers, NUMBER), (flags, FLAG))
    return {name: kind for names, kind in kinds for name in names.split()} | nested


def kraken(result: Shape) -> dict[str, Shape]:
    return {"error": [], "result": result}


def channel(data: Shape) -> dict[str, Shape]:
    return of("channel type", data=[data])


ORDER = of(
    "symbol clientOrderId price origQty executedQty origQuoteOrderQty cummulativeQuoteQty status "
    "timeInForce type side selfTradePreventionMode",
    "orderId orderListId",
)
ORDER_ROW = ORDER | of("stopPrice icebergQty", "time updateTime workingTime", "isWorking")
FILL = of("price qty commission commissionAsset", "tradeId")
RULES = of(
    "filterType minPrice maxPrice tickSize minQty maxQty stepSize minNotional maxNotional",
    "avgPriceMins",
    "applyMinToMarket applyMaxToMarket",
)
SYMBOL = of(
    "symbol status baseAsset quoteAsset defaultSelfTradePreventionMode",
    "baseAssetPrecision quotePrecision quoteAssetPrecision baseCommissionPrecision "
    "quoteCommissionPrecision",
    "icebergAllowed ocoAllowed otoAllowed opoAllowed quoteOrderQtyMarketAllowed allowTrailingStop "
    "cancelReplaceAllowed amendAllowed pegInstructionsAllowed isSpotTradingAllowed "
    "isMarginTradingAllowed",
    orderTypes=[TEXT],
    filters=[RULES],
    permissions=[],
    permissionSets=[[TEXT]],
    allowedSelfTradePreventionModes=[TEXT],
)
TICKER = of(
    "symbol priceChange priceChangePercent weightedAvgPrice prevClosePrice lastPrice lastQty "
    "bidPrice bidQty askPrice askQty openPrice highPrice lowPrice volume quoteVolume",
    "openTime closeTime firstId lastId count",
)
REPORT = of("e s c S o f q p P F C x X r l z L n N Z Y Q V", "E g i T t I O W", "w m M")
KRAKEN_ORDER = of(
    "status vol vol_exec cost fee price stopprice limitprice misc oflags",
    "userref opentm starttm expiretm",
    refid=NULL,
    descr=of("pair type ordertype price price2 leverage order close"),
)
STAMPS = of("method time_in time_out", "req_id")
KRAKEN_BOOK = of(
    "symbol timestamp",
    "checksum",
    bids=[of(numbers="price qty")],
    asks=[of(numbers="price qty")],
)

EXPECTED: dict[str, Shape] = {
    "binance ping": {},
    "binance time": of(numbers="serverTime"),
    "binance exchangeInfo": of(
        "timezone",
        "serverTime",
        rateLimits=[of("rateLimitType interval", "intervalNum limit")],
        exchangeFilters=[],
        symbols=[SYMBOL],
        sors=[],
    ),
    "binance klines": [
        (NUMBER, *[TEXT] * 5, NUMBER, TEXT, NUMBER, *[TEXT] * 3),
    ],
    "binance trades": [of("price qty quoteQty", "id time", "isBuyerMaker isBestMatch")],
    "binance aggTrades": [of("p q", "a f l T", "m M")],
    "binance depth": of(numbers="lastUpdateId", bids=[[TEXT]], asks=[[TEXT]]),
    "binance ticker/24hr": TICKER,
    "binance ticker/bookTicker": of("symbol bidPrice bidQty askPrice askQty"),
    "binance ticker/price": of("symbol price"),
    "binance account": of(
        "accountType",
        "makerCommission takerCommission buyerCommission sellerCommission updateTime uid",
        "canTrade canWithdraw canDeposit brokered requireSelfTradePrevention preventSor",
        commissionRates=of("maker taker buyer seller"),
        balances=[of("asset free locked")],
        permissions=[TEXT],
    ),
    "binance order": ORDER_ROW,
    "binance openOrders": [ORDER_ROW],
    "binance allOrders": [ORDER_ROW],
    "binance order placed": ORDER | of(numbers="transactTime workingTime", fills=[FILL]),
    "binance order cancelled": ORDER | of("origClientOrderId", "transactTime"),
    "binance myTrades": [
        of(
            "symbol price qty quoteQty commission commissionAsset",
            "id orderId orderListId time",
            "isBuyer isMaker isBestMatch",
        )
    ],
    "binance apiRestrictions": of(
        numbers="createTime",
        flags="ipRestrict enableReading enableWithdrawals enableInternalTransfer enableMargin "
        "enableFutures permitsUniversalTransfer enableVanillaOptions enableSpotAndMarginTrading",
    ),
    "binance trade stream": of("e s p q", "E t T", "m M"),
    "binance aggTrade stream": of("e s p q", "E a f l T", "m M"),
    "binance bookTicker stream": of("s b B a A", "u"),
    "binance kline stream": of("e s", "E", k=of("s i o c h l v q V Q B", "t T f L n", "x")),
    "binance 24hrTicker stream": of("e s p P w x c Q b B a A o h l v q", "E O C F L n"),
    "binance 24hrMiniTicker stream": of("e s c o h l v q", "E"),
    "binance depthUpdate stream": of("e s", "E U u", b=[[TEXT]], a=[[TEXT]]),
    "binance executionReport NEW": REPORT,
    "binance executionReport TRADE": REPORT,
    "binance executionReport CANCELED": REPORT,
    "binance outboundAccountPosition": of("e", "E u", B=[of("a f l")]),
    "kraken Time": kraken(of("rfc1123", "unixtime")),
    "kraken SystemStatus": kraken(of("status timestamp")),
    "kraken AssetPairs": kraken(
        {
            "XBTUSDT": of(
                "altname wsname aclass_base base aclass_quote quote lot fee_volume_currency "
                "ordermin costmin tick_size status",
                "cost_decimals pair_decimals lot_decimals lot_multiplier margin_call margin_stop "
                "long_position_limit short_position_limit",
                leverage_buy=[],
                leverage_sell=[],
                fees=[[NUMBER]],
                fees_maker=[[NUMBER]],
            )
        }
    ),
    "kraken OHLC": kraken({"XBTUSDT": [(NUMBER, *[TEXT] * 6, NUMBER)], "last": NUMBER}),
    "kraken Trades": kraken(
        {"XBTUSDT": [(TEXT, TEXT, NUMBER, TEXT, TEXT, TEXT, NUMBER)], "last": TEXT}
    ),
    "kraken Ticker": kraken(
        {"XBTUSDT": of("o", t=[NUMBER]) | {name: [TEXT] for name in "abcvplh"}}
    ),
    "kraken Depth": kraken(
        {"XBTUSDT": {"asks": [(TEXT, TEXT, NUMBER)], "bids": [(TEXT, TEXT, NUMBER)]}}
    ),
    "kraken BalanceEx": kraken({"USDT": of("balance hold_trade")}),
    "kraken OpenOrders": kraken({"open": {"*": KRAKEN_ORDER}}),
    "kraken ClosedOrders": kraken(
        {
            "closed": {"*": KRAKEN_ORDER | of("cl_ord_id reason", "closetm", trades=[TEXT])},
            "count": NUMBER,
        }
    ),
    "kraken AddOrder": kraken(
        {
            "descr": of("pair type ordertype price price2 leverage order"),
            "txid": [TEXT],
        }
    ),
    "kraken CancelOrder": kraken(of(numbers="count")),
    "kraken TradesHistory": kraken(
        {
            "trades": {
                "*": of(
                    "ordertxid postxid pair type ordertype price cost fee vol margin misc",
                    "time trade_id",
                    "maker",
                    ledgers=[TEXT],
                )
            },
            "count": NUMBER,
        }
    ),
    "kraken GetWebSocketsToken": kraken(of("token", "expires")),
    "kraken pong": STAMPS,
    "kraken subscribe": STAMPS | of(flags="success", result=of("channel symbol", flags="snapshot")),
    "kraken book snapshot": channel(KRAKEN_BOOK),
    "kraken book update": channel(KRAKEN_BOOK),
    "kraken ticker update": channel(
        of(
            "symbol timestamp",
            "bid bid_qty ask ask_qty last volume vwap low high change change_pct",
        )
    ),
    "kraken trade update": channel(of("symbol side ord_type timestamp", "price qty trade_id")),
    "kraken ohlc update": channel(
        of(
            "symbol interval_begin timestamp",
            "open high low close trades volume vwap interval",
        )
    ),
}
