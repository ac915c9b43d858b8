"""Portfolio backtests: several bots on one balance, in time order."""
