"""A loopback exchange: Binance spot and Kraken spot on this machine, for tests and for play.

``python -m tests.exchange`` runs one; a test has one inside its own loop
(``server.LoopbackExchange``) or in a thread (``thread.in_thread``), and points ccxt at it with
``client.point_at``. What shall go wrong is told to ``exchange.faults``; they are in
`faults.py` and `socket_faults.py`.
"""
