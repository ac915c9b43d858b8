"""An engine whose backtest can be looked at while it is stored."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from engine.messages import commands as cm
from engine.messages.progress import Progress, Report
from tests.gui.fakes import FakeEngine
from tests.gui.stories import Story


class StoringEngine(FakeEngine):
    """A backtest that can be looked at while it is stored, which lasts until `stored` is set."""

    def __init__(self, data_dir: Path, stories: list[Story] | None = None) -> None:
        super().__init__(data_dir, stories)
        self.stored = asyncio.Event()

    async def execute(self, command: cm.Command, report: Report | None = None) -> Any:
        if not isinstance(command, cm.RunBacktest):
            return await super().execute(command, report)
        assert report is not None
        self.commands.append(command)
        session_id = self._carry_out(command)
        report(Progress(200, 200, "Storing the session", ready=session_id))
        try:
            await self.stored.wait()
            if self.fail_with is not None:
                raise self.fail_with
        except BaseException:
            del self.finished[-1]
            raise
        self.version += 1
        self.changed()
        return session_id
