"""A process that has imported what the program needs, and begins a life with each line it reads.

To import that and to load the kernel takes seconds of each start, to fork takes none; a life is a
process like any other, with a pid of its own to be killed by.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.runtime.kernel_cache import prepare_kernel_cache
from engine.runtime.kernel_warmth import load_kernel


def main() -> int:
    prepare_kernel_cache()
    load_kernel()
    from tests.kill.life import Life, lead, say

    asyncio.run(_rehearse())
    say(ready=True)
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            status = lead(Life(**json.loads(line)))
            sys.stdout.flush()
            os._exit(status)
        _, status = os.waitpid(pid, 0)
        os.write(1, b"\n")  # what it said last may have been cut short
        say(ended=os.waitstatus_to_exitcode(status))
    return 0


async def _rehearse() -> None:
    """Import what is imported when it is needed first; the threads of it have ended after it."""
    from engine.runtime.engine import Engine

    for module in ("engine.markets.candle_file", "engine.markets.importers.tables", "pandas"):
        import_module(module)
    with TemporaryDirectory() as folder:
        opened = await Engine.open(Path(folder))
        await opened.close()


if __name__ == "__main__":
    sys.exit(main())
