"""Settings as a person reads them: each has a name, whatever is switched on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.domain.settings import FeeCoin, Sizing
from engine.runtime.documents.setting_words import shown_settings
from engine.runtime.documents.settings_document import settings_document
from tests.domain.every_setting import EVERYTHING
from tests.gui.stories import Story


@pytest.mark.parametrize("sizing", list(Sizing))
def test_everything_that_can_be_set_has_a_name(sizing: Sizing) -> None:
    trade = replace(EVERYTHING, sizing=sizing, fee_coin=FeeCoin.QUOTE)
    settings = replace(Story().record().settings, trade=trade)
    shown = shown_settings(settings)
    set_ = [key for key, value in settings_document(settings).items() if value is not None]
    names = {name.partition(":")[0] for name, _ in shown}
    assert names >= {key.replace("_", " ") for key in set_ if key not in ("params", "stop_guard")}
    assert all(name and text for name, text in shown if name != "extras")
