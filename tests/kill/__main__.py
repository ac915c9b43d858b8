"""Kill the program at drawn moments until something does not hold.

    python -m tests.kill [--kills 20] [--seed 1]

Ten kills a data folder, each folder with the next seed. The first that fails ends it: its seed, the
kill, and what does not hold in words.
"""

from __future__ import annotations

import argparse
import sys
import time

from engine.runtime.kernel_cache import prepare_kernel_cache


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kill")
    parser.add_argument("--kills", type=int, default=20, help="how many, ten to a data folder")
    parser.add_argument("--seed", type=int, default=1, help="of the first folder")
    asked = parser.parse_args()
    prepare_kernel_cache()
    from tests.kill.killing import A_FOLDER, Program, kill
    from tests.simulation.ledger import BrokenError

    with Program() as program:
        for first in range(0, asked.kills, A_FOLDER):
            seed, began = asked.seed + first // A_FOLDER, time.perf_counter()
            try:
                counts = kill(program, seed, min(A_FOLDER, asked.kills - first))
            except BrokenError as broken:
                print(f"seed {seed} FAILED: {broken}", flush=True)
                return 1
            happened = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
            print(f"seed {seed}  {time.perf_counter() - began:.1f} s  {happened}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
