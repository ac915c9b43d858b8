"""The log shows exactly the events that have words, in the groups that their words name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.messages import events as ev
from engine.messages.events import EventColumns
from engine.messages.wording import Wording
from engine.runtime.kernel_cache import prepare_kernel_cache
from tests.gui.stories import Story
from tests.messages.walks import walk
from trader_gui.models.log_model import LogModel

prepare_kernel_cache()


@pytest.mark.parametrize("seed", range(5))
def test_rows_and_groups_are_those_of_the_wording(qapp: object, seed: int) -> None:
    story = Story(1, "walk")
    review = replace(story.review(), log=EventColumns(walk(seed, rows=400).events))
    model = LogModel()
    model.take([review.end()])
    wording = Wording(story.market)
    told = {
        index: line.group
        for index, row in enumerate(review.log.table.tolist())
        if (line := wording.line(row, "")) is not None and row[ev.KIND] < ev.OBSERVATIONS
    }
    entries = [model.entry(row) for row in range(model.rowCount())]
    assert {entry.event: entry.line.group for entry in entries} == told
    shown = model.counts()
    for group in set(told.values()):
        assert shown[group] == list(told.values()).count(group)
