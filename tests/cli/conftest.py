"""The console says so when it must compile first; here it never does."""

from __future__ import annotations

import pytest

from engine.runtime.kernel_warmth import PORTFOLIO, SWEEP, load_loop


@pytest.fixture(scope="session", autouse=True)
def _kernel() -> None:
    for loop in (PORTFOLIO, SWEEP):
        load_loop(loop)
