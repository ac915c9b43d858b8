"""The backtest of the period that a bot's session lived through, and where the two disagree."""
