"""What must be compiled for a verb is told on stderr; the answer on stdout stays clean."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cli import waiting
from engine.cli.main import main
from engine.runtime.kernel_warmth import PORTFOLIO, SWEEP, Loop
from tests.runtime.support import write_candles


@pytest.mark.parametrize(
    ("words", "loop"),
    [
        (["sweep", "--candles", "none.csv", "--symbol", "A/B", "--strategy", "ema_cross"], SWEEP),
        (["portfolio", "--bots", "none.toml"], PORTFOLIO),
    ],
)
def test_a_verb_tells_what_it_compiles_beside_itself(
    words: list[str],
    loop: Loop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def cold(asked: Loop, told: Callable[[str], None], *, beside: bool) -> None:
        assert asked is loop
        assert beside
        told("Preparing it, about 9 s")

    monkeypatch.setattr(waiting, "load_loop", cold)
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0] == "trader-engine: Preparing it, about 9 s"
    assert "none." in err.splitlines()[1]


def test_a_backtest_takes_no_loop_along(tmp_path: Path) -> None:
    """Fifty modules and a tenth of a second that a run which never waits has no use for."""
    candles = write_candles(tmp_path / "c.csv", 200)
    look = (
        "import sys; from engine.cli.main import main\n"
        f"status = main(['backtest', '--candles', {str(candles)!r}, '--symbol', 'BTC/USDT',"
        " '--strategy', 'ema_cross', '--no-store', '--json'])\n"
        "print(sorted({'asyncio', 'sqlalchemy', 'pandas', 'ccxt'} & set(sys.modules)))\n"
        "sys.exit(status)\n"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
