"""A loopback exchange: Binance spot and Kraken spot on this machine, for tests and for play.

``python -m tests.exchange`` runs one; a test has one inside its own loop
(``async with LoopbackExchange() as exchange``) or in a thread (``with in_thread() as thread``).
"""
