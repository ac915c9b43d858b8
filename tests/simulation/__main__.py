"""Play seeded days until one breaks an invariant.

    python -m tests.simulation [--days 10] [--seed 1]

Each day prints its seed, its hash and what happened. The first that fails ends it: its seed and the
invariant in words. A seed that found a mistake belongs into seeds.txt.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time

from engine.runtime.kernel_cache import prepare_kernel_cache


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--days", type=int, default=10, help="how many, each with the next seed")
    parser.add_argument("--seed", type=int, default=1, help="of the first day")
    asked = parser.parse_args()
    logging.getLogger().addHandler(logging.NullHandler())  # what it logs is part of the game
    prepare_kernel_cache()
    from tests.simulation.day import play, words_of

    for seed in range(asked.seed, asked.seed + asked.days):
        began = time.perf_counter()
        try:
            course = play(seed)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what was looked for
            print(f"seed {seed} FAILED: {words_of(error)}", flush=True)
            return 1
        happened = ", ".join(f"{count} {what}" for what, count in sorted(course.counts.items()))
        took_s = time.perf_counter() - began
        print(f"seed {seed}  {course.hash[:16]}  {took_s:.1f} s  {happened}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
