"""The pictures of the guide: ``python -m trader_gui.pictures.guide_pictures docs/guide/images``.

Parts of the real window, dark, in their own size and in few colours. As with
``trader_gui.pictures.screenshots`` the simulated market runs in a temporary folder, and nobody is
contacted.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trader_gui.pictures.pictured_live import until
from trader_gui.pictures.sample_candles import write_candles
from trader_gui.pictures.screenshots import trade
from trader_gui.pictures.taken import take

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from trader_gui.app import Program

SIZE: Final = (1100, 700)
"""Of the window: smaller than usual, so that its letters can be read where it is shown."""
TALL: Final = (1100, 1000)
WIDE: Final = (1600, 752)


class PartCamera:
    """Takes a widget as OUT/name.png."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self.taken: list[Path] = []

    async def take(self, name: str, part: QWidget) -> None:
        from trader_gui.pictures.few_colours import with_few_colours

        await asyncio.sleep(0.6)
        path = self._out / f"{name}.png"
        if not with_few_colours(part.grab().toImage()).save(str(path)):
            raise OSError(f"The picture {path} could not be written.")
        self.taken.append(path)


async def photograph(out: Path, data_dir: Path) -> list[Path]:
    """Run the program and take its parts; returns the pictures' paths."""
    from trader_gui.app import build
    from trader_gui.frame.main_window import MainWindow
    from trader_gui.options import Options
    from trader_gui.theme.theme import theme

    theme().apply("dark")
    window, camera = MainWindow(), PartCamera(out)
    window.resize(*SIZE)
    window.show()
    program = await build(window, Options(data_dir, offline=True))
    try:
        await camera.take("first-run", window)
        await trade(program)
        await camera.take("monitor", window)
        await _inspector(program, camera)
        await _new_bot(program, camera)
        await _backtest(program, camera, data_dir)
    finally:
        await program.close()
        window.hide()
        window.deleteLater()
    return camera.taken


async def _inspector(program: Program, camera: PartCamera) -> None:
    from trader_gui.pages.monitor import MonitorPage

    page = program.window.page("monitor")
    assert isinstance(page, MonitorPage)
    program.window.resize(*WIDE)
    await camera.take("inspector", page.inspector)


async def _new_bot(program: Program, camera: PartCamera) -> None:
    from trader_gui.pages.bots.page import BotsPage

    program.window.resize(*TALL)
    program.new_bot()
    page = program.window.page("bots")
    assert isinstance(page, BotsPage)
    await camera.take("bot-editor", page.editor)


async def _backtest(program: Program, camera: PartCamera, data_dir: Path) -> None:
    """A backtest on the page; the review of one; the judgement of one that hangs on paths."""
    from trader_gui.pages.backtest.page import BacktestPage
    from trader_gui.pictures.pictured import body_of, into_a_trade

    path = data_dir / "candles.csv"
    write_candles(path)
    program.open_backtest(path)
    page = program.window.page("backtest")
    assert isinstance(page, BacktestPage)
    page.form.strategy.set_strategy("ema_cross", {})
    page.form.settle()
    await until(lambda: not page.form.problems(), "The file")
    page.run()
    await until(lambda: bool(page.result.about.text()), "The backtest")
    await asyncio.sleep(2.5)  # until it is in the list, and the loop's lag has been forgotten
    await camera.take("backtest", page)
    program.window.resize(*SIZE)
    program.open_review(await _session(program, path, "0.8", "1.6"))
    await asyncio.sleep(1.5)
    into_a_trade(program)
    await camera.take("review", program.window.page("sessions"))
    program.open_review(await _session(program, path, "0.04", "0.05"))
    await until(lambda: body_of(program).trust.band.isVisible(), "The band")
    await camera.take("trust", body_of(program).trust)


async def _session(program: Program, path: Path, stop: str, target: str) -> int:
    """Number of a backtest with these exits."""
    from engine.domain.bots import FeedChoice, FeedKind
    from engine.domain.settings import TradeSettings
    from engine.messages.commands import RunBacktest

    exits = TradeSettings(stop_loss_pct=Decimal(stop), take_profit_pct=Decimal(target))
    feed = FeedChoice(FeedKind.FILE, str(path))
    wish = RunBacktest(feed, "BTC/USDT", None, "ema_cross", {}, exits)
    number = await program.engine.execute(wish)
    assert isinstance(number, int)
    return number


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        "python -m trader_gui.pictures.guide_pictures",
        description="Take the guide's pictures as PNG.",
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the pictures")
    out: Path = parser.parse_args(arguments).out
    out.mkdir(parents=True, exist_ok=True)
    take(lambda folder: photograph(out, folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
