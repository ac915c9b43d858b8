"""Break each rule of the kernel once, on purpose, and see that the tests notice.

    python -m tests.core.mutations [WORD ...]

Not part of the test run (a minute or ten: the kernel is compiled again for each). Every mutant
is made in a copy; the exit status is the number that no test noticed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

Mutant = tuple[str, str, str, str]

MUTANTS: tuple[Mutant, ...] = (
    ("slippage for the trader", "matching", "shifted(price, slippage_ppm, codes.UP)", "shifted(price, slippage_ppm, codes.DOWN)"),
    ("slippage forgotten on sells", "matching", "shifted(price, -slippage_ppm, codes.DOWN)", "shifted(price, 0, codes.DOWN)"),
    ("fee rounded down at entry", "ledger", "fee = muldiv(amount * fill, settings[setting.FEE_PPM], codes.PPM, codes.UP)", "fee = muldiv(amount * fill, settings[setting.FEE_PPM], codes.PPM, codes.DOWN)"),
    ("fee may exceed the money", "ledger", "fee = min(muldiv(notional, settings[setting.FEE_PPM], codes.PPM, codes.UP), cash + back)", "fee = muldiv(notional, settings[setting.FEE_PPM], codes.PPM, codes.UP)"),
    ("short pays beyond its set-aside", "ledger", "fill == 0 or fill > 2 * entry", "fill == 0"),
    ("long's stop rounds up", "matching", "stop = shifted(entry, -side * distance, down)", "stop = shifted(entry, -side * distance, up)"),
    ("long's target rounds down", "matching", "shifted(entry, side * target, up)", "shifted(entry, side * target, down)"),
    ("stop strictly beyond", "matching", "side * (adverse - guard) <= 0", "side * (adverse - guard) < 0"),
    ("target strictly beyond", "matching", "side * (favourable - target) >= 0", "side * (favourable - target) > 0"),
    ("gap beyond the stop fills at the stop", "matching", "price = guard if reason == codes.EXIT_LIQUIDATION else open_", "price = guard"),
    ("gap beyond the target fills at the open", "matching", "return codes.EXIT_TAKE_PROFIT, target, open_, target", "return codes.EXIT_TAKE_PROFIT, target, open_, open_"),
    ("liquidation slips", "ledger", "reason != codes.EXIT_TAKE_PROFIT and reason != codes.EXIT_LIQUIDATION", "reason != codes.EXIT_TAKE_PROFIT"),
    ("no liquidation", "matching", "if side < 0 and (guard == 0 or guard >= 2 * state[slot.ENTRY]):", "if False:"),
    ("reason is always stop_loss", "matching", "codes.EXIT_TRAILING_STOP if state[slot.TRAILING] != 0 else codes.EXIT_STOP_LOSS", "codes.EXIT_STOP_LOSS"),
    ("trailing loosens", "matching", "side * (asked - stop) > 0", "side * (asked - stop) != 0"),
    ("activation reached is enough", "matching", "side * (best - reach) <= 0", "side * (best - reach) < 0"),
    ("raised before the exits", "kernel", "    reason, level, touched, price = exit_in_row(state, open_, high, low)\n", "    raise_stop(state, settings, high, low)\n    reason, level, touched, price = exit_in_row(state, open_, high, low)\n"),
    ("enter before leave", "kernel", "    leave: int = state[slot.PENDING_LEAVE]\n", "    if state[slot.PENDING_ENTER] != 0 and state[slot.POSITION] == 0:\n        open_position(state, settings, events, at, open_)\n    leave: int = state[slot.PENDING_LEAVE]\n    if state[slot.HAS_EXITED] == 0 and state[slot.ENTRY_AT] == at:\n        return\n"),
    ("no exits in the entry bar", "kernel", "if state[slot.POSITION] == 0 or state[slot.ENDED] != 0:", "if state[slot.POSITION] == 0 or state[slot.ENDED] != 0 or state[slot.ENTRY_AT] == at:"),
    ("rows without a price fill", "kernel", "if min(open_, low) <= 0:", "if open_ < 0:"),
    ("enters judged before leaves", "codes", "JUDGED_IN_ORDER: Final = (SELL, COVER, BUY, SHORT)\nSIDE_OF: Final = (LONG_SIDE, SHORT_SIDE, LONG_SIDE, SHORT_SIDE)", "JUDGED_IN_ORDER: Final = (COVER, SELL, BUY, SHORT)\nSIDE_OF: Final = (SHORT_SIDE, LONG_SIDE, LONG_SIDE, SHORT_SIDE)"),
    ("position_already_open not asked", "rules", "if effective_side(state) != 0:", "if False:"),
    ("no_open_position not asked", "rules", "elif effective_side(state) != side:", "elif False:"),
    ("conflicting_signal not asked", "rules", "if leave_too != 0 or signal & codes.BOTH_ENTER == codes.BOTH_ENTER:", "if False:"),
    ("both entries at once allowed", "rules", "leave_too != 0 or signal & codes.BOTH_ENTER == codes.BOTH_ENTER", "leave_too != 0"),
    ("cooldown one step longer", "rules", "elapsed < cooldown", "elapsed <= cooldown"),
    ("flip ignores cooldown", "rules", "        if state[slot.PENDING_LEAVE] != 0:\n            return codes.COOLDOWN, cooldown, 0\n", ""),
    ("one trade more per day", "rules", "state[slot.DAY_ENTRIES] >= most", "state[slot.DAY_ENTRIES] > most"),
    ("day of the entry ignored", "rules", "state[slot.DAY] == at // codes.DAY_MS and", ""),
    ("paused not asked", "rules", "if state[slot.PAUSED] != 0:", "if False:"),
    ("ceiling not asked", "ledger", "if by_percent * fill > allowed:", "if False:"),
    ("insufficient cash not told", "ledger", "if by_cash < least and by_cash < by_percent:", "if False:"),
    ("minimum not asked", "ledger", "    if amount < least:\n        code = codes.BELOW_MINIMUM\n", ""),
    ("minimum amount not rounded to the step", "ledger", "least = (least + step - 1) // step * step", "least = least"),
    ("order step ignored", "ledger", "by_percent = share // fill // step * step", "by_percent = share // fill"),
    ("limit not checked", "ledger", "notional < 0 or back < 0 or cash + back >= codes.MONEY_LIMIT", "notional < 0 or back < 0"),
    ("limit one too far", "ledger", "cash + back >= codes.MONEY_LIMIT", "cash + back > codes.MONEY_LIMIT"),
    ("moved stop told twice", "kernel", "        state[slot.REPORTED_STOP] = state[slot.STOP]\n    if signal", "    if signal"),
    ("refusal runs never told", "journal", "if state[slot.RUN_COUNT] > 1:", "if state[slot.RUN_COUNT] > 1_000_000:"),
    ("refusals not counted", "journal", "    state[slot.REFUSALS + code] += 1\n", ""),
    ("close and stop goes on", "kernel", "if state[slot.STOP_AFTER_CLOSE] != 0 and state[slot.ENDED] == 0:", "if False:"),
    ("moment of the close is the open", "kernel", "closed_at: int = at + settings[setting.TIMEFRAME_MS]", "closed_at: int = at"),
    ("a waking price is missed", "kernel", "min(open_, low) > low_wake", "low >= low_wake"),
    ("events may not fit", "kernel", "room = len(events) - slot.MAX_EVENTS_PER_ROW", "room = len(events)"),
    ("wide division loses a bit", "muldiv", "remainder = (remainder << _ONE) | (quotient >> _TOP_BIT)", "remainder = remainder << _ONE"),
)  # fmt: skip


def noticed(mutant: Mutant, root: Path) -> str:
    """The first test that failed, or "" if none did."""
    _, module, old, new = mutant
    with tempfile.TemporaryDirectory() as folder:
        house = Path(folder)
        for package in ("engine", "tests/core"):
            shutil.copytree(
                root / package, house / package, ignore=shutil.ignore_patterns("__pycache__")
            )
        shutil.copy(root / "pyproject.toml", house)
        path = house / "engine/core" / f"{module}.py"
        source = path.read_text("utf-8")
        if source.count(old) != 1:
            raise SystemExit(f"{mutant[0]}: {old!r} is in {module}.py {source.count(old)} times")
        path.write_text(source.replace(old, new), "utf-8")
        tests = ["rules", "against_reference"] if module != "muldiv" else ["muldiv"]
        files = [
            name for word in tests for name in map(str, house.glob(f"tests/core/test_*{word}.py"))
        ]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *files],
            env=os.environ | {"XDG_CACHE_HOME": folder, "PYTHONPATH": folder},
            cwd=house,
            capture_output=True,
            text=True,
            check=False,
        )
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].partition("::")[2].partition(" ")[0] or failed[0] if failed else ""


def main() -> int:
    root = Path(__file__).parents[2]
    words = sys.argv[1:]
    missed = 0
    for mutant in MUTANTS:
        if words and not any(word in mutant[0] for word in words):
            continue
        by = noticed(mutant, root)
        missed += not by
        print(f"{'noticed' if by else 'MISSED '}  {mutant[0]:42}  {by}", flush=True)
    return missed


if __name__ == "__main__":
    raise SystemExit(main())
