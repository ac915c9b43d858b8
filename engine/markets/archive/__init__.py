"""Candles kept: one parquet file for each month of a series, written whole or not at all."""
