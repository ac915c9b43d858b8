"""What must be compiled for a verb is told on stderr; the answer on stdout stays clean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cli import waiting
from engine.cli.main import main
from engine.runtime.kernel_warmth import PORTFOLIO, SWEEP, Loop


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
