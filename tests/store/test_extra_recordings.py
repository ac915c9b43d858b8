"""What a session saw of other markets: kept bit for bit, in pieces as it came."""

from __future__ import annotations

import numpy as np
import pytest

from engine.domain.extra_feeds import Followed
from engine.errors import RecordDamaged
from engine.store.chunks import RUNNING_CHUNKS, followed_chain, scattered
from engine.store.database import Store
from engine.store.repositories import extra_recordings
from tests.store.samples import add_session, some_followed


def columns(one: Followed) -> tuple[bytes, ...]:
    candles = one.candles
    prices = (candles.open, candles.high, candles.low, candles.close, candles.volume)
    return tuple(each.tobytes() for each in (one.known_at, candles.open_at, *prices))


@pytest.mark.parametrize("pieces", [[30], [0, 1, 11, 11, 30]])
async def test_it_comes_back_bit_for_bit(store: Store, pieces: list[int]) -> None:
    whole = some_followed()
    whole.candles.close[4] = -0.0
    whole.candles.open[5:9] = [1e-300, 5e-324, 1.7976931348623157e308, 0.1 + 0.2]
    other = Followed("BTC/USDT", whole.candles, whole.known_at)
    async with store.action("add") as db:
        add_session(db, 1)
        add_session(db, 2)
    stored: dict[tuple[str, int], int] = {}
    for upto in pieces:
        known = [one.part(0, upto) for one in (whole, other)]
        async with store.action("more") as db:
            extra_recordings.append(db, 1, known, stored)
        stored = {one.market: len(one) for one in known}
    found = await extra_recordings.load(store, 1)
    assert [one.symbol for one in found] == ["BTC/USDT", "ETH/USDT"]
    assert [columns(one) for one in found] == [columns(other), columns(whole)]
    assert found[0].candles.timeframe_ms == whole.candles.timeframe_ms
    assert await extra_recordings.load(store, 2) == ()


async def test_many_candles_are_kept_in_chunks(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extra_recordings, "CHUNK_ROWS", 7)
    whole = some_followed()
    async with store.action("add") as db:
        add_session(db, 1)
        extra_recordings.append(db, 1, [whole])
    (found,) = await extra_recordings.load(store, 1)
    assert columns(found) == columns(whole)
    assert np.array_equal(found.known_at, whole.known_at)


async def test_one_market_with_a_hole_is_told_by_its_name(store: Store) -> None:
    whole = some_followed()
    async with store.action("add") as db:
        add_session(db, 1)
        extra_recordings.append(db, 1, [whole.part(0, 20)])
        extra_recordings.append(db, 1, [whole], {whole.market: 21})
    with pytest.raises(RecordDamaged, match="session 1 saw of ETH/USDT 1h has a gap"):
        await extra_recordings.load(store, 1)


async def test_each_market_is_put_together_when_it_pays(store: Store) -> None:
    """As a recording is: a running session's when there are many chunks."""
    whole = some_followed(RUNNING_CHUNKS)
    other = Followed("BTC/USDT", whole.candles, whole.known_at)
    async with store.action("add") as db:
        add_session(db, 1)
        extra_recordings.append(db, 1, [other])
        for upto in range(1, RUNNING_CHUNKS):
            extra_recordings.append(db, 1, [whole.part(0, upto)], {whole.market: upto - 1})
    assert await scattered(store) == ()
    async with store.action("one more") as db:
        extra_recordings.append(db, 1, [whole], {whole.market: RUNNING_CHUNKS - 1})
    assert await scattered(store) == (followed_chain(1, *whole.market),)
