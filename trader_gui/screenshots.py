"""Every page of the real program as pictures: ``python -m trader_gui.screenshots OUT``.

The simulated market runs in a temporary data folder, fast until there are trades, then at its
own pace; a file of candles generated here is back-tested. Nothing of the user's data is touched.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from trader_gui.app import Program
    from trader_gui.main_window import MainWindow

SIZES: Final = ((1600, 1000), (1100, 700))
LOOKS: Final = ("dark", "light")
WANTED_TRADES: Final = 30
PATIENCE_S: Final = 90.0
_START_AT: Final = 1_709_251_200_000


class Camera:
    """Takes the window in both looks and sizes."""

    def __init__(self, window: MainWindow, out: Path) -> None:
        self._window, self._out = window, out
        self.taken: list[Path] = []

    async def take(self, name: str) -> None:
        """`name` as OUT/name-look-width.png, once for each look and size."""
        from trader_gui.theme.theme import theme

        for look in LOOKS:
            theme().apply(look)
            await asyncio.sleep(2.3)  # until the loop's lag of dressing has been forgotten
            for width, height in SIZES:
                self._window.resize(width, height)
                await asyncio.sleep(0.35)
                path = self._out / f"{name}-{look}-{width}.png"
                if not self._window.grab().save(str(path)):
                    raise OSError(f"The picture {path} could not be written.")
                self.taken.append(path)


async def until(so: Callable[[], bool], what: str) -> None:
    """Wait until `so()`; raises TimeoutError that names `what` was waited for."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while not so():
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"{what} did not come within {PATIENCE_S:.0f} s.")
        await asyncio.sleep(0.05)


async def photograph(out: Path, data_dir: Path) -> list[Path]:
    """Run the program and take every page; returns the pictures' paths."""
    from trader_gui.app import build
    from trader_gui.main_window import MainWindow
    from trader_gui.theme.theme import theme

    theme().apply(LOOKS[0])
    window = MainWindow()
    window.resize(*SIZES[0])
    window.show()
    camera = Camera(window, out)
    program = await build(window, data_dir)
    try:
        await camera.take("first-run")
        await _trade(program)
        await camera.take("monitor")
        await _history(program, camera, data_dir)
        await _forms(program, camera)
    finally:
        await program.close()
        window.hide()
        window.deleteLater()
    return camera.taken


async def _trade(program: Program) -> None:
    from engine.messages.commands import SetSpeed

    bridge = program.bridge
    program.start_simulation()
    await until(lambda: len(bridge.snapshot.bots) > 0, "The first bot")
    bridge.send(SetSpeed(600))
    await until(
        lambda: (
            sum(len(bot.session.trades) for bot in bridge.snapshot.bots) >= WANTED_TRADES
            and any(bot.session.position for bot in bridge.snapshot.bots)
        ),
        "Trades",
    )
    bridge.send(SetSpeed(1))
    await asyncio.sleep(1.5)
    held = [bot.bot_id for bot in bridge.snapshot.bots if bot.session.position]
    program.watch_bot((held or [bridge.snapshot.bots[0].bot_id])[0])


async def _history(program: Program, camera: Camera, data_dir: Path) -> None:
    from engine.domain.bots import FeedChoice, FeedKind
    from engine.messages.commands import RunBacktest

    path = data_dir / "candles.csv"
    write_candles(path)
    answers: list[object] = []
    feed = FeedChoice(FeedKind.FILE, str(path))
    program.bridge.send(
        RunBacktest(feed, "BTC/USDT", None, "ema_cross"), answers.append, program.show_fault
    )
    await until(lambda: bool(answers), "The backtest")
    program.window.show_page("sessions")
    await camera.take("sessions")
    session = answers[0]
    assert isinstance(session, int)
    program.open_review(session)
    await asyncio.sleep(1.0)
    await camera.take("review")
    program.open_backtest(path)
    await asyncio.sleep(1.0)
    await camera.take("backtest")


async def _forms(program: Program, camera: Camera) -> None:
    program.window.show_page("bots")
    await camera.take("bots")
    program.edit_bot(program.bridge.snapshot.bots[0].bot_id)
    await camera.take("bot-editor")
    program.window.show_page("settings")
    await camera.take("settings")


def write_candles(path: Path, count: int = 20_000) -> None:
    """A seeded walk of 1m candles as CSV, with the columns that exchanges export."""
    chance = np.random.default_rng(11)
    trend = 0.00025 * np.sin(np.arange(count) / 700)
    close = 62_000 * np.exp(np.cumsum(trend + chance.normal(0, 0.0008, count)))
    opened = np.concatenate([[62_000.0], close[:-1]])
    away = 62_000 * np.abs(chance.normal(0, 0.0004, (2, count)))
    high, low = np.maximum(opened, close) + away[0], np.minimum(opened, close) - away[1]
    volume = chance.gamma(2, 6, count)
    lines = ["time,open,high,low,close,volume"]
    for index in range(count):
        figures = (opened[index], high[index], low[index], close[index])
        prices = ",".join(f"{figure:.1f}" for figure in figures)
        lines.append(f"{_START_AT + 60_000 * index},{prices},{volume[index]:.3f}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        "python -m trader_gui.screenshots", description="Grab every page of the program as PNG."
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the pictures")
    out: Path = parser.parse_args(arguments).out
    out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from trader_gui.loop import WindowLoop

    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        asyncio.Runner(loop_factory=lambda: WindowLoop(app)) as runner,
    ):
        for path in runner.run(photograph(out, Path(folder))):
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
