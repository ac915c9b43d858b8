"""Every page of the real program as pictures: ``python -m trader_gui.pictures.screenshots OUT``, or
some of them: ``--only bots settings``.

The simulated market runs in a temporary data folder, fast until there are trades, then at its
own pace; a file of candles generated here is back-tested. Live prices come from the loopback
exchange of the tests, on this machine; where the tests are not there, those pages are left out.
Nothing of the user's data is touched, and nobody is contacted.
``python -m trader_gui.pictures.screenshots --readme docs/images`` takes the few that the
documentation shows: ``monitor-dark.png``, ``monitor-light.png``, ``review-dark.png``,
``first-run-dark.png``.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trader_gui.pictures.pictured_live import live_pages, loopback_exchange, redirect_to, until
from trader_gui.pictures.pictured_start import crash_report, safe_mode_offer, settings_pages
from trader_gui.pictures.sample_candles import START_AT, write_candles
from trader_gui.pictures.taken import take

if TYPE_CHECKING:
    from engine.domain.strategy import ParamValue
    from engine.messages.commands import RunBacktest
    from trader_gui.app import Program
    from trader_gui.frame.main_window import MainWindow
    from trader_gui.pages.backtest.page import BacktestPage

SIZES: Final = ((1600, 1000), (1100, 700))
LOOKS: Final = ("dark", "light")
PAGES: Final = (
    "first-run",
    "monitor",
    "sessions",
    "compare",
    "review",
    "why",
    "proof",
    "same-period",
    "backtest",
    "archive",
    "sweep",
    "earlier-sweeps",
    "import",
    "kept",
    "download",
    "bots",
    "bot-editor",
    "live-editor",
    "live-monitor",
    "settings",
    "help",
    "settings-notices",
    "safe-mode",
    "crash",
)
WANTED_TRADES: Final = 30
README: Final = {"first-run": ("dark",), "monitor": ("dark", "light"), "review": ("dark",)}
"""Pictures that the documentation shows, and in which look."""


class Camera:
    """Takes the window in both looks and sizes, or what the `readme` shows, in the large size;
    with `only`, no other pages than those."""

    def __init__(
        self, window: MainWindow, out: Path, readme: bool = False, only: Collection[str] = PAGES
    ) -> None:
        self._window, self._out, self.readme, self._only = window, out, readme, only
        self.taken: list[Path] = []

    async def take(self, name: str) -> None:
        """`name` as OUT/name-look-width.png (name-look.png for the readme), one for each."""
        from trader_gui.theme.theme import theme

        if name not in self._only:
            return
        for look in README.get(name, ()) if self.readme else LOOKS:
            theme().apply(look)
            await asyncio.sleep(2.3)  # until the loop's lag of dressing has been forgotten
            for width, height in SIZES[:1] if self.readme else SIZES:
                self._window.resize(width, height)
                await asyncio.sleep(0.35)
                end = "" if self.readme else f"-{width}"
                path = self._out / f"{name}-{look}{end}.png"
                picture = self._window.grab().toImage()
                if self.readme:
                    from trader_gui.pictures.few_colours import with_few_colours

                    picture = with_few_colours(picture)
                if not picture.save(str(path)):
                    raise OSError(f"The picture {path} could not be written.")
                self.taken.append(path)


async def photograph(
    out: Path, data_dir: Path, readme: bool = False, only: Collection[str] = PAGES
) -> list[Path]:
    """Run the program and take the pages `only`, or those of the readme; returns the pictures'
    paths."""
    from engine.runtime.clock import WallClock
    from engine.runtime.sources.exchanges import Exchanges
    from trader_gui.app import build
    from trader_gui.frame.main_window import MainWindow
    from trader_gui.options import Options
    from trader_gui.theme.theme import theme

    theme().apply(LOOKS[0])
    window = MainWindow()
    window.resize(*SIZES[0])
    window.show()
    camera = Camera(window, out, readme, only)
    with loopback_exchange() as here:
        if not readme:
            await safe_mode_offer(window, camera.take)
        exchanges = None if here is None else Exchanges(WallClock(), redirect=redirect_to(here))
        program = await build(window, Options(data_dir, offline=True), exchanges)
        try:
            await camera.take("first-run")
            await trade(program)
            await camera.take("monitor")
            await _history(program, camera, data_dir)
            if not readme:
                await _archive(program, camera, data_dir)
                await _forms(program, camera)
            if not readme and here is not None:
                await live_pages(program, camera.take)
        finally:
            await program.close()
            window.hide()
            window.deleteLater()
    return camera.taken


async def trade(program: Program) -> None:
    from engine.messages.commands import SetSpeed
    from trader_gui.pictures.pictured import worth_seeing

    bridge = program.bridge
    program.start_simulation()
    await until(lambda: len(bridge.snapshot.bots) > 0, "The first bot")
    bridge.send(SetSpeed(600))
    await until(
        lambda: (
            sum(len(bot.session.trades) for bot in bridge.snapshot.bots) >= WANTED_TRADES
            and any(worth_seeing(bot) for bot in bridge.snapshot.bots)
        ),
        "Trades",
    )
    bridge.send(SetSpeed(1))
    await asyncio.sleep(1.5)
    best = max(bridge.snapshot.bots, key=lambda bot: (worth_seeing(bot), bot.open_pnl))
    program.watch_bot(best.bot_id)
    await asyncio.sleep(4.0)  # what the fast run left in the queue is stored


async def _history(program: Program, camera: Camera, data_dir: Path) -> None:
    from engine.domain.bots import FeedChoice, FeedKind
    from engine.domain.settings import TradeSettings
    from engine.messages.commands import RunBacktest

    path = data_dir / "candles.csv"
    write_candles(path)
    answers: list[object] = []
    feed = FeedChoice(FeedKind.FILE, str(path))
    exits = TradeSettings(stop_loss_pct=Decimal("0.8"), take_profit_pct=Decimal("1.6"))
    wish = RunBacktest(feed, "BTC/USDT", None, "ema_cross", {}, exits)
    program.bridge.send(wish, answers.append, program.show_fault)
    await until(lambda: bool(answers), "The backtest")
    program.window.show_page("sessions")
    await camera.take("sessions")
    if not camera.readme:
        await _compare(program, camera, wish)
    session = answers[0]
    assert isinstance(session, int)
    program.open_review(session)
    await asyncio.sleep(1.0)
    from trader_gui.pictures.pictured import into_a_trade

    into_a_trade(program)
    await asyncio.sleep(0.5)
    await camera.take("review")
    await _why(program, camera)
    await _proof(program, camera)
    await _same_period(program, camera)
    program.open_backtest(path)
    await asyncio.sleep(1.0)
    await camera.take("backtest")


async def _compare(program: Program, camera: Camera, wish: RunBacktest) -> None:
    """Four strategies on the same candles beside each other."""
    from trader_gui.pages.sessions.page import SessionsPage

    ids = []
    compared: tuple[tuple[str, dict[str, ParamValue]], ...] = (
        ("ema_cross", {"fast": 20, "slow": 50}),
        ("ema_cross", {"fast": 60, "slow": 240}),
        ("rsi_reversion", {}),
        ("grid", {}),
    )
    for strategy, params in compared:
        ids.append(await program.engine.execute(replace(wish, strategy=strategy, params=params)))
    page = program.window.page("sessions")
    assert isinstance(page, SessionsPage)
    await until(lambda: page.sessions.model.row_of(int(str(ids[-1]))) is not None, "The backtests")
    page.sessions.table.set_checked([int(str(one)) for one in ids])
    await until(lambda: len(page.sessions.compare.sessions) == len(ids), "The comparison")
    await camera.take("compare")
    page.sessions.table.set_checked(())


async def _why(program: Program, camera: Camera) -> None:
    """One trade selected everywhere, how it was decided, what its refusals would have earned."""
    from trader_gui.pictures.pictured import body_of, select_open_trade

    body = body_of(program)
    body.show_list("why")
    body.funnel.price.click()
    await until(lambda: body.why.chain is not None, "The decision")
    select_open_trade(program)
    await camera.take("why")
    body.show_list("trades")


async def _proof(program: Program, camera: Camera) -> None:
    """The session run again, and equal."""
    from trader_gui.pictures.pictured import body_of, sessions_page

    body = body_of(program)
    sessions_page(program).review.head.prove.click()
    await until(lambda: body.proof.proof is not None, "The proof")
    await camera.take("proof")


async def _same_period(program: Program, camera: Camera) -> None:
    """What a bot did on paper beside a backtest of the same time."""
    from trader_gui.pictures.pictured import body_of, sessions_page

    page = sessions_page(program)
    ids = [bot.session_id for bot in program.bridge.snapshot.bots if bot.session_id is not None]
    found = [await program.engine.same_period(session_id) for session_id in ids]
    most = max(found, key=lambda one: (abs(one.difference), len(one.pairs)))
    page.test_period(most.session_id)
    body = body_of(program)
    await until(lambda: body.period.found is not None, "The backtest of the period")
    await camera.take("same-period")


async def _archive(program: Program, camera: Camera, data_dir: Path) -> None:
    """What is kept on its map; candles being imported, listed and downloaded."""
    from engine.domain.candles import HOUR_MS, MINUTE_MS
    from engine.messages.commands import ImportCandles
    from trader_gui.pages.backtest.page import BacktestPage

    page = program.window.page("backtest")
    assert isinstance(page, BacktestPage)
    for name, count, step_ms in (("1h", 20_000, HOUR_MS), ("1m", 150_000, MINUTE_MS)):
        path = data_dir / f"BTCUSDT-{name}.csv"
        write_candles(path, count, step_ms, left_out=range(count // 3, count // 3 + 400))
        await program.engine.execute(ImportCandles((str(path),), "binance", "BTC/USDT"))
    page.kept.refresh()
    await until(lambda: len(page.kept.covers) == 2, "The archive")
    page.form.open_series(page.kept.covers[-1].series)
    page.form.set_span((START_AT + 100 * 24 * HOUR_MS, START_AT + 400 * 24 * HOUR_MS))
    await asyncio.sleep(1.0)
    await camera.take("archive")
    await _sweep(page, camera)
    page.middle.open_import([data_dir / "BTCUSDT-1m.csv"])
    await until(lambda: page.middle.importing.preview is not None, "The preview")
    await camera.take("import")
    page.middle.open_kept()
    await camera.take("kept")
    page.middle.open_download()
    await asyncio.sleep(1.0)
    await camera.take("download")
    page.middle.close_tool()


async def _sweep(page: BacktestPage, camera: Camera) -> None:
    """Two averages swept over the archive's hours, with a set that was looked into."""
    from trader_gui.forms.sweep_field import SweepField

    form = page.form
    form.strategy.set_strategy("ema_cross", {})
    fields = form.strategy.params.fields
    for field, limits in ((fields["fast"], (5, 40, 5)), (fields["slow"], (20, 120, 10))):
        assert isinstance(field, SweepField)
        field.set_swept(*map(Decimal, limits))
    form.settle()
    await until(lambda: page.runner.outlook is not None, "What would be swept")
    page.run()
    await until(lambda: page.runner.cells is not None and not page.runner.running, "The sweep")
    await until(lambda: len(page.result.of_set.chart.model.upper) > 1, "The curve of the best set")
    await camera.take("sweep")
    page.recent.show_list("sweeps")
    earlier = page.recent.sweeps
    await until(lambda: earlier.model.rowCount() > 0, "The list of sweeps")
    earlier.opened.emit(int(earlier.model.rows.ids[0]))
    await until(lambda: page.runner.earlier is not None, "The sweep opened again")
    await until(lambda: len(page.result.of_set.chart.model.upper) > 1, "The curve of its best set")
    await camera.take("earlier-sweeps")
    page.recent.show_list("runs")
    form.strategy.set_strategy("ema_cross", {})
    form.settle()
    page.charts.show_view("candles")


async def _forms(program: Program, camera: Camera) -> None:
    from trader_gui.pages.settings.page import SettingsPage

    program.window.show_page("bots")
    await camera.take("bots")
    program.edit_bot(program.bridge.snapshot.bots[0].bot_id)
    await camera.take("bot-editor")
    program.window.show_page("settings")
    page = program.window.page("settings")
    assert isinstance(page, SettingsPage)
    await settings_pages(page, camera.take)
    await crash_report(program.window, program.bridge.data_dir, camera.take)
    program.window.open_help()
    await camera.take("help")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        "python -m trader_gui.pictures.screenshots",
        description="Grab every page of the program as PNG.",
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the pictures")
    parser.add_argument(
        "--readme", action="store_true", help="only the pictures that the documentation shows"
    )
    parser.add_argument(
        "--only", nargs="+", choices=PAGES, default=PAGES, metavar="PAGE", help=", ".join(PAGES)
    )
    options = parser.parse_args(arguments)
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    take(lambda folder: photograph(out, folder, options.readme, options.only))
    return 0


if __name__ == "__main__":
    sys.exit(main())
