"""The file beside the database: what it took stands there whole, whatever the disk did."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.domain.rows import NO_ROWS
from engine.messages.events import EVENT_WIDTH
from engine.store.unwritten import Unwritten, UnwrittenFile


def batch(first_event: int) -> Unwritten:
    events = np.full((4, EVENT_WIDTH), 10**12 + first_event, np.int64)
    state, hashed = np.arange(8, dtype=np.int64), bytes(32)
    return Unwritten(1, 1, first_event, 0, NO_ROWS, events, [""] * 4, state, hashed)


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on a file's size there")
def test_half_a_line_that_a_full_disk_took_does_not_hide_what_comes_after_it(
    tmp_path: Path,
) -> None:
    import resource

    file = UnwrittenFile(tmp_path, 1)
    file.append(batch(0))
    size, limits = file.path.stat().st_size, resource.getrlimit(resource.RLIMIT_FSIZE)
    signalled = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 200, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            file.append(batch(4))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, signalled)
    assert file.path.stat().st_size == size
    file.append(batch(4))
    found, whole = file.batches()
    assert whole
    assert [one.first_event for one in found] == [0, 4]
    assert np.array_equal(found[1].events, batch(4).events)
