"""Charts: candles, indicators, trades and equity, drawn from columns at a bounded cost."""
