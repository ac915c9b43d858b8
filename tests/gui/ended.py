"""The real program with sample bots that run, as a process; run with ``python -m``.

Arguments go to the program, but ``--log-out``: then it is told that the desktop's session ends.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QTimer

from engine.domain.bots import BotState
from engine.markets import price_process
from tests.gui.waiting import until
from trader_gui import __main__ as program
from trader_gui.app import Program
from trader_gui.frame.main_window import MainWindow
from trader_gui.options import Options
from trader_gui.start import ending

BOTS_RUN = "Bots run"
RUNS = {BotState.RUNNING}
_build = program.build
_listening = ending.Ending.__init__


async def with_bots(window: MainWindow, options: Options) -> Program:
    """As the program builds itself; then its sample bots are started."""
    built = await _build(window, options)
    assert isinstance(built, Program)
    built.start_simulation()

    def states() -> list[BotState]:
        return [bot.state for bot in built.bridge.engine_snapshot().bots]

    try:
        await until(lambda: set(states()) == RUNS, 60)
    except TimeoutError:
        print("Not all bots run:", *states(), flush=True)
        raise
    print(BOTS_RUN, flush=True)
    if "--log-out" in sys.argv:
        QTimer.singleShot(50, _made[0].log_out)
    return built


def listening(self: ending.Ending, *given: object) -> None:
    _listening(self, *given)  # type: ignore[arg-type]
    _made.append(self)


_made: list[ending.Ending] = []

if __name__ == "__main__":
    price_process._SILENCE_CHANCE = 0.0  # type: ignore[misc]  # a bot runs from its first price on
    program.build = with_bots
    ending.Ending.__init__ = listening  # type: ignore[method-assign,assignment]
    sys.exit(program.main([word for word in sys.argv[1:] if word != "--log-out"]))
