"""What a session is made from: candle files, simulated markets, strategies."""
