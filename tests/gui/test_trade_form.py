"""The form of money, costs, exits and rules: every setting, through fields and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget

from engine.domain.settings import (
    AddStep,
    Direction,
    FeeCoin,
    PartialTarget,
    PathRule,
    Sizing,
    StopGuard,
    TargetStep,
    TradeSettings,
)
from engine.errors import InvalidSetting
from tests.domain.every_setting import EVERYTHING
from tests.gui.paged import retype
from trader_gui.forms.choice_field import ChoiceField
from trader_gui.forms.table_field import TableField
from trader_gui.forms.trade_fields import WINDOW_DEFAULTS
from trader_gui.forms.trade_form import TradeForm
from trader_gui.forms.trade_tables import TABLE_SPECS
from trader_gui.widgets.field import LabelledField


@pytest.fixture
def form(qapp: QApplication) -> Iterator[TradeForm]:
    page = QWidget()
    made = TradeForm(4, WINDOW_DEFAULTS, page)
    for section in made.sections.values():
        section.setParent(page)
    yield made
    page.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def line(form: TradeForm, key: str) -> LabelledField:
    field = form.fields()[key]
    assert isinstance(field, LabelledField)
    return field


def choose(form: TradeForm, key: str, name: str) -> None:
    field = form.fields()[key]
    assert isinstance(field, ChoiceField)
    while field.value() != name:
        field.control.step(1)


def folded_words(form: TradeForm) -> dict[str, str]:
    return {
        folded.title: fold.words.text()
        for section in form.sections.values()
        for folded, fold, _ in section.folds
    }


def wrong(form: TradeForm) -> dict[str, str]:
    return {name: words for part in form.problems().values() for name, words in part.items()}


@pytest.mark.parametrize(
    "settings",
    [
        TradeSettings(),
        WINDOW_DEFAULTS,
        EVERYTHING,
        TradeSettings(sizing=Sizing.QUOTE, size_quote=Decimal(750), fee_coin=FeeCoin.BASE),
        TradeSettings(max_position_pct=None, position_pct=Decimal(95)),
    ],
)
def test_all_settings_go_through_the_fields_unchanged(
    form: TradeForm, settings: TradeSettings
) -> None:
    form.set_settings(settings)
    assert form.settings(settings.direction) == settings
    assert wrong(form) == {}


def test_the_window_never_begins_with_free_market_orders() -> None:
    assert WINDOW_DEFAULTS.slippage_pct > TradeSettings().slippage_pct


def test_the_fields_that_stand_there_go_into_the_settings(form: TradeForm) -> None:
    typed = {
        "maker_fee_pct": "0.02",
        "spread_pct": "0.01",
        "slippage_range_pct": "5",
        "leverage": "3",
        "break_even_pct": "1.2",
        "time_limit_min": "90",
        "target_steps": "0:5, 60:2",
        "partial_targets": "2:50; 4:50",
        "adds": "2:1",
        "daily_loss_pct": "4",
        "max_drawdown_pct": "15",
        "guard_stops": "3",
        "guard_minutes": "60",
        "max_spread_pct": "0.2",
    }
    for key, text in typed.items():
        retype(line(form, key).editor, text)
    choose(form, "fee_coin", FeeCoin.THIRD)
    choose(form, "path", PathRule.NEAREST)
    assert form.settings(Direction.LONG) == replace(
        WINDOW_DEFAULTS,
        direction=Direction.LONG,
        maker_fee_pct=Decimal("0.02"),
        spread_pct=Decimal("0.01"),
        slippage_range_pct=Decimal(5),
        leverage=3,
        break_even_pct=Decimal("1.2"),
        time_limit_min=90,
        target_steps=(TargetStep(0, Decimal(5)), TargetStep(60, Decimal(2))),
        partial_targets=(
            PartialTarget(Decimal(2), Decimal(50)),
            PartialTarget(Decimal(4), Decimal(50)),
        ),
        adds=(AddStep(Decimal(2), Decimal(1)),),
        daily_loss_pct=Decimal(4),
        max_drawdown_pct=Decimal(15),
        stop_guard=StopGuard(3, 60),
        max_spread_pct=Decimal("0.2"),
        fee_coin=FeeCoin.THIRD,
        path=PathRule.NEAREST,
    )


def test_a_way_of_sizing_shows_its_own_field_only(form: TradeForm) -> None:
    grid = form.sections["risk"].grid
    sizes = ("position_pct", "size_quote", "risk_pct")
    assert [key for key in sizes if key in grid.shown] == ["position_pct"]
    retype(line(form, "position_pct").editor, "rubbish")
    choose(form, "sizing", Sizing.QUOTE)
    assert [key for key in sizes if key in grid.shown] == ["size_quote"]
    assert "no amount is given" in wrong(form)["Size per trade"]
    assert "no amount is given" in line(form, "size_quote").problem
    retype(line(form, "size_quote").editor, "800")
    assert wrong(form) == {}
    settings = form.settings(Direction.BOTH)
    assert (settings.sizing, settings.size_quote) == (Sizing.QUOTE, Decimal(800))
    assert settings.position_pct == WINDOW_DEFAULTS.position_pct
    assert line(form, "size_quote")._below.text() == "= 8.00 % of the cash"


def test_an_error_of_two_fields_stands_at_its_field_and_goes_when_the_other_is_mended(
    form: TradeForm,
) -> None:
    retype(line(form, "stop_loss_pct").editor, "")
    choose(form, "sizing", Sizing.RISK)
    retype(line(form, "risk_pct").editor, "1")
    assert "needs a stop" in wrong(form)["Risk per trade"]
    assert "needs a stop" in line(form, "risk_pct").problem
    line(form, "risk_pct").check_now()  # what the pause after typing does
    assert "needs a stop" in line(form, "risk_pct").problem
    retype(line(form, "stop_loss_pct").editor, "2")
    assert wrong(form) == {}
    assert line(form, "risk_pct").problem == ""


def test_half_a_stop_guard_is_refused_at_the_empty_half(form: TradeForm) -> None:
    retype(line(form, "guard_stops").editor, "3")
    assert wrong(form) == {"Stop guard within": "Say in how many minutes"}
    assert form.sections["risk"].folds[0][1].open  # an error is not folded away


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("target_steps", "0:5, 60:2, 240:0.5", "5 % at once, 2 % after 1 h, 0.5 % after 4 h"),
        ("partial_targets", "2:50, 4:30", "50 % of it at 2 %, 30 % of it at 4 %, 20 % stays"),
        ("adds", "2:1, 4:2", "1 × at −2 %, 2 × at −4 %: 4 × in all"),
    ],
)
def test_a_table_is_said_in_words_while_it_is_typed(
    form: TradeForm, key: str, text: str, words: str
) -> None:
    field = form.fields()[key]
    assert isinstance(field, TableField)
    retype(field.editor, text)
    assert field._below.text() == words
    assert field.spec.text(field.value()) == text
    retype(field.editor, "")
    assert field._below.text() == field.spec.hint


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("target_steps", "60", "Write minutes:percent, for example 0:5, 60:2"),
        ("target_steps", "60:2,5", "Write minutes:percent, for example 0:5, 60:2"),
        ("target_steps", "0:x", "x is not a number: write minutes:percent"),
        ("target_steps", ":5", "Nothing is not a number: write minutes:percent"),
        ("target_steps", "0.5:5", "minutes must be whole"),
        ("target_steps", "60:2, 30:1", "ages of the target steps must rise"),
        ("partial_targets", "2:60, 4:60", "close 120 % together"),
        ("adds", "200:1", "must be at most 100"),
        ("adds", "1:1,2:1,3:1,4:1,5:1,6:1,7:1,8:1,9:1", "8"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused_in_words(key: str, text: str, words: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        TABLE_SPECS[key].read(text)
    assert words in caught.value.words


def test_a_folded_part_says_what_is_set_in_it(form: TradeForm) -> None:
    assert folded_words(form) == {
        "More limits": "No stop guard, no spread limit",
        "Futures": "Spot, no leverage",
        "More exits": "No time limit, break-even, partial targets, adding",
        "More costs": "Fees in the quote coin",
    }
    form.set_settings(EVERYTHING)
    said = folded_words(form)
    assert said["Futures"] == "Leverage 10 ×, Maintenance margin 0.4 %"
    assert said["More limits"].startswith("Stop guard 3 stops, Stop guard within 120 min")
    assert "Target by age: 5 % at once, 2.5 % after 1 h" in said["More exits"]
    assert said["More costs"] == "Fee coin Other, Slippage by range 5 % of bar"


def test_what_a_fold_says_goes_when_it_is_opened(form: TradeForm) -> None:
    _, fold, _ = form.sections["risk"].folds[1]
    fold.button.click()
    assert fold.words.text() == ""
    fold.button.click()
    assert fold.words.text() == "Spot, no leverage"


def test_a_folded_part_that_is_wrong_calls_for_attention(form: TradeForm) -> None:
    _, fold, _ = form.sections["exits"].folds[0]
    assert not fold.open
    retype(line(form, "adds").editor, "2")
    form.problems()
    assert fold.words.text() == "Adding to a position: Write loss:times, for example 2:1, 4:1"
    assert fold.words.property("tone") == "down"
    form.sections["exits"].reveal()
    assert fold.open


def test_what_the_engine_refused_stays_at_its_field_until_something_changes(
    form: TradeForm,
) -> None:
    assert form.show_problem(InvalidSetting("Fee is odd.", field="fee_pct"))
    assert not form.show_problem(InvalidSetting("Name is odd.", field="name"))
    assert wrong(form) == {"Fee": "Fee is odd."}
    assert line(form, "fee_pct").problem == "Fee is odd."
    retype(line(form, "stop_loss_pct").editor, "1")
    assert wrong(form) == {}
