"""Live prices and the past of real exchanges, through ccxt."""
