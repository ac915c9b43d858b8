"""The console says so when it must compile first; here it never does."""

from __future__ import annotations

import pytest

from engine.runtime.kernel_warmth import load_kernel


@pytest.fixture(scope="session", autouse=True)
def _kernel() -> None:
    load_kernel()
