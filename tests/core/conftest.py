"""The compiled kernel is kept under the hash of its sources before anything imports numba."""

from __future__ import annotations

from engine.runtime.kernel_cache import prepare_kernel_cache

prepare_kernel_cache()
