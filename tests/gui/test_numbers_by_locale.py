"""Numbers and times as the person writes them: shown, typed, and never in what leaves the program.

The language stays English here: how numbers are written is a choice of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.domain.market import Market
from engine.domain.settings import TradeSettings
from engine.errors import InvalidSetting
from engine.language import speak, tr, trn, unlocalised
from engine.messages import numbers
from tests.gui.stories import Story
from trader_gui import format as fmt
from trader_gui.charts.ticks import volume_text
from trader_gui.forms.field_grid import FieldGrid
from trader_gui.forms.number_field import NumberField
from trader_gui.forms.number_spec import NumberSpec
from trader_gui.forms.problem_words import problem_line
from trader_gui.forms.swept_steps import read_steps, steps_around
from trader_gui.forms.trade_fields import TRADE_SPECS
from trader_gui.forms.trade_reading import trade_settings, trade_values
from trader_gui.forms.trade_tables import TABLE_SPECS
from trader_gui.models.level_move import price_words, read_move
from trader_gui.models.table_model import TableModel
from trader_gui.models.trade_rows import trade_columns, trade_rows
from trader_gui.pages.sessions.compare_tables import CompareRows, plain_table

HOUR = 3_600_000
MARCH_12 = 1_773_325_928_455  # 2026-03-12 14:32:08.455 UTC
COMMA, SPACE, APOSTROPHE, PYTHON = ".,", "\u202f,", "\u2019.", ",."
STYLES = (PYTHON, COMMA, SPACE, APOSTROPHE)
CASH = TRADE_SPECS["cash"]
ANY = NumberSpec("any", "Any")

Write = Callable[[str], None]


@contextmanager
def writing(style: str = PYTHON) -> Iterator[Write]:
    """Numbers are written so. Afterwards nothing of it is left, in the environment of processes to
    be started either."""
    speak("en", style)
    try:
        yield lambda other: speak("en", other)
    finally:
        speak("en")
        for name in ("TRADER_GUI_LANGUAGE", "TRADER_GUI_NUMBERS"):
            os.environ.pop(name, None)


@pytest.fixture
def write() -> Iterator[Write]:
    """Call it with how numbers are to be written."""
    with writing() as chosen:
        yield chosen


@pytest.fixture
def commas(write: Write) -> None:
    """Thousands by points, decimals by commas."""
    write(COMMA)


def refusal(read: Callable[[], object]) -> str:
    with pytest.raises(InvalidSetting) as caught:
        read()
    return caught.value.words


# ------------------------------------------------------------------ what is shown


@pytest.mark.usefixtures("commas")
def test_numbers_have_the_persons_separators_and_the_same_signs() -> None:
    assert fmt.number(Decimal("97180.40"), 1) == "97.180,4"
    assert fmt.number(-20.35) == "−20,35"
    assert fmt.price(Decimal("0.17204"), 5) == "0,17204"
    assert fmt.count(1_234_567) == "1.234.567"
    assert fmt.signed(1084.2) == "+1.084,20"
    assert fmt.percent(41) == "41,00 %"
    assert fmt.signed_percent(-0.5) == "−0,50 %"
    assert fmt.ratio(1.234) == "1,23"
    assert fmt.exact(Decimal("1250.50")) == "1250,5"
    assert fmt.UNKNOWN == fmt.number(None) == fmt.signed(float("nan"))


@pytest.mark.usefixtures("commas")
def test_what_rounds_to_nothing_has_no_sign_and_no_colour() -> None:
    for value in (0, 0.001, -0.001, Decimal("-0.004")):
        assert fmt.signed(value) == "0,00"
        assert fmt.tone(fmt.signed_percent(value)) == "text3"
    assert numbers.signed(Decimal("0.001"), 2) == "0,00"
    assert [fmt.tone(fmt.signed(value)) for value in (1234.5, -1234.5)] == ["up", "down"]


@pytest.mark.usefixtures("commas")
def test_zeros_at_the_end_of_a_coins_amount_go_and_thousands_stay() -> None:
    assert fmt.money(Decimal("10062.1"), "USDT") == "10.062,10"
    assert fmt.money(Decimal("0.04200000"), "BTC") == "0,042"
    assert fmt.money(Decimal(1200), "BTC") == "1.200"
    assert fmt.money(Decimal(1_000_000), "BTC") == "1.000.000"
    assert fmt.signed_money(Decimal("-0.5"), "ETH") == "−0,5"
    assert fmt.signed_money(0, "ETH") == "0"


@pytest.mark.usefixtures("commas")
def test_the_engine_writes_them_so_too() -> None:
    assert numbers.grouped(Decimal("-1234.5"), 2) == "−1.234,50"
    assert numbers.signed(Decimal("1234.5"), 2) == "+1.234,50"
    market = Market(
        symbol="BTC/USDT",
        price_step=Decimal("0.1"),
        order_step=Decimal("0.001"),
        amount_unit=Decimal("0.001"),
    )
    assert numbers.Numbers(market).price(971_804) == "97.180,4"


@pytest.mark.usefixtures("commas")
def test_lengths_of_time_ages_and_volumes() -> None:
    assert fmt.duration(800) == "0,8 s"
    assert fmt.duration(-9_940) == "−9,9 s"
    assert fmt.age(5_000, 1_000) == "0,0 s"
    assert fmt.duration(192_000) == "3 m 12 s"
    assert volume_text(339.84) == "339,8"
    assert volume_text(12_345.0) == "12,35 K"
    assert volume_text(0.5) == "0,5"


def test_any_two_separators_can_be_chosen(write: Write) -> None:
    shown = {PYTHON: "−1,234.50", COMMA: "−1.234,50", SPACE: "−1\u202f234,50"}
    for style, text in (shown | {APOSTROPHE: "−1\u2019234.50"}).items():
        write(style)
        assert fmt.signed(Decimal("-1234.5")) == text


@pytest.mark.usefixtures("commas")
def test_numbers_inside_of_sentences() -> None:
    assert tr("{count:,} candles", count=1_200) == "1.200 candles"
    assert trn("{count:,} bot", "{count:,} bots", 12_000) == "12.000 bots"
    assert tr("{share:.1f} % of {name}", share=58.44, name="1,2.csv") == "58,4 % of 1,2.csv"
    assert tr("Hold for {seconds:g} s", seconds=0.5) == "Hold for 0,5 s"


@pytest.mark.usefixtures("commas")
def test_times_do_not_depend_on_how_numbers_are_written() -> None:
    assert fmt.log_time(MARCH_12) == "14:32:08.455"
    assert fmt.date_time(MARCH_12) == "2026-03-12 14:32"
    assert fmt.moment(MARCH_12 - 18 * HOUR, MARCH_12) == "11 Mar 20:32"
    assert fmt.day_time(MARCH_12 - 365 * 24 * HOUR, MARCH_12) == "12 Mar 2025 14:32"


# ------------------------------------------------------------------ what is typed


@pytest.mark.usefixtures("commas")
def test_a_comma_parts_decimals_and_a_point_does_still() -> None:
    for text in ("0,5", "0.5", ",5", ".5", " 0,50 ", "+0,5"):
        assert ANY.read(text) == Decimal("0.5")
    assert ANY.read("\u22123,25") == Decimal("-3.25")
    assert ANY.read("97180.4") == ANY.read("97180,4") == Decimal("97180.4")
    assert ANY.read("10,000") == 10
    assert ANY.read("0.125") == Decimal("0.125")
    assert ANY.read("1 234,5") == ANY.read("1\u202f234,5") == Decimal("1234.5")


@pytest.mark.usefixtures("commas")
def test_what_could_mean_either_is_refused() -> None:
    for text in ("1.234,56", "1,234.56", "1,234,567", "1,2,3"):
        assert refusal(partial(ANY.read, text)) == "Not a number"
    for text, whole in (("10.000", "10000"), ("1.000.000", "1000000"), ("-12.345", "-12345")):
        assert refusal(partial(ANY.read, text)) == (f"Write {whole}, thousands without a point")


@pytest.mark.usefixtures("commas")
def test_what_may_be_typed_is_said_in_the_persons_way() -> None:
    spec = NumberSpec("fee", "Fee", low=Decimal("0.5"), high=Decimal("1250.5"))
    assert refusal(lambda: spec.read("0,25")) == "Must be 0,5 to 1250,5"
    assert NumberSpec("fee", "Fee", "%").said(Decimal("0.25")) == "Fee 0,25 %"


def test_a_problem_behind_a_name_keeps_its_capital_where_nouns_have_one(write: Write) -> None:
    write(PYTHON)
    assert problem_line("Cash", "Enter a number") == "Cash: enter a number"
    speak("de")
    assert problem_line("Guthaben", "Zahl eingeben") == "Guthaben: Zahl eingeben"


def test_thousands_by_apostrophes_are_read(write: Write) -> None:
    write(APOSTROPHE)
    assert ANY.read("10\u2019000.5") == ANY.read("10'000.5") == Decimal("10000.5")
    assert CASH.text(Decimal(10_000)) == "10000.00"


def test_english_reads_and_shows_as_ever(write: Write) -> None:
    write(PYTHON)
    assert ANY.read("10,000.50") == Decimal("10000.50")
    assert refusal(lambda: ANY.read("2,5")) == "Write 2.5 with a point"
    assert CASH.text(Decimal(10_000)) == "10,000.00"
    assert ANY.read("10.000") == 10


@pytest.mark.parametrize("style", STYLES)
@given(value=st.decimals(min_value=-(10**12), max_value=10**12, places=6))
def test_what_a_field_shows_is_typed_back_as_the_same(style: str, value: Decimal) -> None:
    with writing(style):
        for spec in (ANY, NumberSpec("any", "Any", places=2)):
            shown = spec.text(value)
            assert spec.read(shown) == value
            assert style == PYTHON or style[0] not in shown


@pytest.mark.parametrize("style", STYLES)
def test_a_field_shows_and_steps_the_persons_numbers(
    qtbot: QtBot, write: Write, style: str
) -> None:
    write(style)
    field = NumberField(TRADE_SPECS["slippage_pct"])
    qtbot.addWidget(field)
    field.set_value(Decimal("0.5"))
    assert field.text == f"0{style[1]}50"
    QTest.keyClick(field.editor, Qt.Key.Key_Up)
    assert field.text == f"0{style[1]}51"
    assert field.value() == Decimal("0.51")


@pytest.mark.parametrize("style", STYLES)
def test_all_fields_of_a_trade_are_read_as_they_were_shown(
    qtbot: QtBot, write: Write, style: str
) -> None:
    write(style)
    settings = TradeSettings(cash=Decimal("12345.67"), stop_loss_pct=Decimal("1.25"))
    specs = [*TRADE_SPECS.values(), *TABLE_SPECS.values()]
    grid = FieldGrid(3)
    qtbot.addWidget(grid)
    grid.show_specs(specs, {spec.key: trade_values(settings)[spec.key] for spec in specs})
    assert trade_settings(settings, grid.values()) == settings


@pytest.mark.parametrize("style", STYLES)
def test_what_a_sweep_begins_with_is_read_again(write: Write, style: str) -> None:
    write(style)
    texts = steps_around(TRADE_SPECS["stop_loss_pct"], Decimal("1.5"))
    assert read_steps(TRADE_SPECS["stop_loss_pct"], texts)[0] == Decimal("1.1")


@pytest.mark.usefixtures("commas")
def test_a_sweep_takes_decimal_commas() -> None:
    found = read_steps(ANY, ("0,5", "1.5", "0,5"))
    assert found == (Decimal("0.5"), Decimal("1.0"), Decimal("1.5"))


@pytest.mark.usefixtures("commas")
def test_rows_of_a_table_are_parted_by_what_parts_no_decimals() -> None:
    steps = TABLE_SPECS["target_steps"]
    rows = ((Decimal(0), Decimal("5.5")), (Decimal(60), Decimal("2.25")))
    assert steps.text(rows) == "0:5,5; 60:2,25"
    assert steps.shown == "0:5; 60:2"
    for text in ("0:5,5; 60:2,25", "0:5,5, 60:2,25", "0:5.5;60:2.25", "0:5,5;60:2,25,"):
        assert steps.read(text) == rows
    assert steps.say(rows) == "5,5 % at once, 2,25 % after 1 h"
    assert refusal(lambda: steps.read("0:5,60:2")) == (
        "5,60:2 is not a number: write minutes:percent"
    )
    assert "1.000 is not a number" in refusal(lambda: steps.read("1.000:2"))


@pytest.mark.parametrize("style", STYLES)
def test_a_table_is_typed_back_as_the_same(write: Write, style: str) -> None:
    write(style)
    rows = ((Decimal("1.5"), Decimal("33.3")), (Decimal(4), Decimal("66.7")))
    partials = TABLE_SPECS["partial_targets"]
    assert partials.read(partials.text(rows)) == rows
    assert partials.read(partials.shown) == partials.example


@pytest.mark.parametrize("style", STYLES)
def test_a_level_is_moved_by_the_persons_numbers(write: Write, style: str) -> None:
    write(style)
    bot = Story().enter().snapshot()
    level = bot.session.entry - 1_001
    text = price_words(bot, level)
    assert text == f"{bot.market.scale.price(level):.1f}".replace(".", style[1])
    move = read_move(bot, text, stop=True)
    assert move.price == bot.market.scale.price(level)


# ------------------------------------------------------------------ what leaves the program


def test_copies_and_exports_do_not_depend_on_it(write: Write) -> None:
    story = Story().enter().leave()
    tables = set()
    for style in STYLES:
        write(style)
        model = TableModel(trade_columns(), trade_rows(story.snapshot()), lambda rows: rows.numbers)
        tables.add(str(model.table()))
        assert fmt.plain(Decimal("1234.56")) == "1234.56"
        assert fmt.plain(-1.5) == "-1.5"
        assert fmt.iso(MARCH_12) == "2026-03-12T14:32:08.455Z"
    assert len(tables) == 1


def test_a_copied_comparison_does_not_depend_on_it(write: Write) -> None:
    copies = set()
    for style in STYLES:
        write(style)
        texts = (fmt.signed(1234.5), fmt.UNKNOWN)
        rows = CompareRows(("Return, 1.5",), (texts,), figures=True)
        copies.add(plain_table((), rows))
        assert unlocalised(fmt.number(-1234.5)) == "−1,234.50"
    assert copies == {"\nReturn, 1.5\t+1,234.50\t–"}
    settings = CompareRows(("path",), (("1.5,2",),))
    write(COMMA)
    assert plain_table((), settings) == "\npath\t1.5,2"
