"""What the console says while a person waits."""

from __future__ import annotations

import sys

from engine.runtime.kernel_warmth import load_kernel


def load_kernel_telling() -> None:
    """Bring the kernel in before what needs it is imported; if it must be compiled, say so."""
    load_kernel(lambda words: print(f"trader-engine: {words}", file=sys.stderr, flush=True))
