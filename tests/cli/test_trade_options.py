"""Every rule and exit as an option of the console: taken as written, shown as it was taken."""

from __future__ import annotations

import argparse
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cli.arguments import Parser, WrongArguments
from engine.cli.trade_arguments import add_trade_options, trade_settings
from engine.domain.money import plain
from engine.domain.settings import Sizing, TradeSettings
from engine.errors import InvalidSetting
from engine.runtime.documents.exact_text import exact_texts
from engine.runtime.documents.settings_document import settings_line, trade_document
from tests.cli.console import answer, call, ema_cross
from tests.domain.every_setting import EVERYTHING
from tests.runtime.support import BEGINS_AT, MINUTE, write_candles


def read(text: str) -> TradeSettings:
    parser = Parser(prog="trader-engine backtest")
    add_trade_options(parser)
    return trade_settings(parser.parse_args(text.split()))


ALL = (
    "--cash 5000 --fee-pct 0.05 --maker-fee-pct 0.02 --fee-coin third --slippage-pct 0.03 "
    "--slippage-range-pct 5 --spread-pct 0.01 --size risk:1.5 --leverage 10 --maintenance-pct 0.4 "
    "--direction short --stop-loss-pct 2 --take-profit-pct 6 --trailing-pct 1 "
    "--trailing-activate-pct 2 --trailing-before-pct 3 --break-even-pct 1.5 --time-limit-min 240 "
    "--target-steps 0:5,60:2.5 --partial-targets 2:50,4:25 --dca 2:1,4:2 --path nearest "
    "--cooldown-min 30 --max-trades-per-day 4 --daily-loss-pct 3 --max-drawdown-pct 12 "
    "--stop-guard 3:120 --max-spread-pct 0.1"
)
USUAL = TradeSettings()
TAKEN = replace(
    EVERYTHING,
    # Another size leaves the share alone; the ceiling goes with --no-risk-rules only.
    position_pct=USUAL.position_pct,
    max_position_pct=USUAL.max_position_pct,
)


def test_every_setting_has_its_option() -> None:
    assert read(ALL) == TAKEN
    assert read("") == USUAL


def test_sizes_and_the_older_word_for_one() -> None:
    assert read("--size pct:12.5") == read("--position-pct 12.5")
    assert read("--size quote:1000") == TradeSettings(sizing=Sizing.QUOTE, size_quote=Decimal(1000))
    with pytest.raises(InvalidSetting, match="--size and --position-pct are both given"):
        read("--size pct:5 --position-pct 5")


def test_without_rules_what_the_market_asks_remains() -> None:
    settings = read(f"{ALL} --no-risk-rules")
    assert settings == TAKEN.without_rules()
    assert settings.max_spread_pct is None
    assert settings.stop_loss_pct == 2
    assert read("--size pct:90 --no-risk-rules").position_pct == 90


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("--size 25", "Write pct:25, quote:1000 or risk:1"),
        ("--size pct:lots", "Write pct:25, quote:1000 or risk:1"),
        ("--size pct:26", "the ceiling is 25 %"),
        ("--size risk:1", "Size by risk needs a stop"),
        ("--stop-guard 3", "Write 3:60"),
        ("--stop-guard 11:60", "Stops guarded must be at most 10"),
        ("--target-steps 60", "Write them like 0:5,60:2"),
        ("--target-steps 60:2,0:5", "ages of the target steps must rise"),
        ("--partial-targets 2:50,", "Write them like 2:50,4:50"),
        ("--partial-targets 2:50,4:60", "close 110 % together"),
        ("--dca 2:1:1", "Write them like 2:1,4:1"),
        ("--dca 0:1", "must be above 0"),
        ("--fee-coin bnb", "is not one of: quote, base, third"),
        ("--path worst", "is not one of: conservative, nearest"),
        ("--leverage 1.5", "'1.5' is not a whole number"),
        ("--leverage 126", "must be at most 125"),
        ("--maintenance-pct 1", "Add --leverage"),
        ("--trailing-before-pct 1 --trailing-pct 1", "no profit that activates"),
        ("--daily-loss-pct 100", "must be below 100"),
        ("--max-spread-pct -1", "at least 0"),
        ("--time-limit-min 0", "at least 1"),
    ],
)
def test_a_mistake_says_what_is_expected(text: str, words: str) -> None:
    with pytest.raises((WrongArguments, InvalidSetting)) as refused:
        read(text)
    assert words in refused.value.words


def test_the_document_has_every_setting_and_null_where_it_is_off() -> None:
    off = trade_document(TradeSettings())
    on = trade_document(TAKEN)
    assert off.keys() == on.keys()
    # The console's name for `adds`; everything else is named as its field.
    assert off.keys() == {field.name for field in fields(TradeSettings)} - {"adds"} | {"dca"}
    set_by_default = {name for name, value in off.items() if value is not None}
    assert set_by_default == {
        "cash", "fee_pct", "fee_coin", "slippage_pct", "slippage_range_pct", "spread_pct",
        "sizing", "position_pct", "max_position_pct", "direction", "path",
    }  # fmt: skip
    assert {name for name, value in on.items() if value is None} == {"position_pct", "size_quote"}
    assert on["dca"] == [{"pct": 2.0, "times": 1.0}, {"pct": 4.0, "times": 2.0}]
    assert on["stop_guard"] == {"stops": 3, "minutes": 120}


def test_the_line_for_people_says_what_is_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_candles(tmp_path / "candles.csv", 60)
    _, out, _ = call(capsys, *ema_cross("backtest", path, *ALL.split(), "--amount-step", "0.0001"))
    (line,) = [line for line in out.splitlines() if line.startswith("set ")]
    said = line.split(None, 1)[1]
    assert said.startswith("cash 5000, size risk:1.5, fee-pct 0.05, ")
    for words in (
        "target-steps 0:5,60:2.5",
        "dca 2:1,4:2",
        "stop-guard 3:120",
        "path nearest",
        "leverage 10",
    ):
        assert f", {words}" in said
    assert ", position-pct" not in said
    plain_line = settings_line(_document(tmp_path, capsys)["settings"])
    assert plain_line == "cash 10000, size pct:25, fee-pct 0.1, max-position-pct 25"


def _document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    return answer(capsys, *ema_cross("backtest", write_candles(tmp_path / "plain.csv", 30)))


def test_fees_in_the_coin_are_held_finer_than_ordered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_candles(tmp_path / "candles.csv", 60)
    more = ("--amount-step", "0.001", "--fee-coin", "base", "--min-notional", "10.5")
    settings = answer(capsys, *ema_cross("backtest", path, *more))["settings"]
    assert (settings["amount_step"], settings["amount_unit"]) == ("0.001", "0.00000001")
    assert (settings["min_amount"], settings["min_notional"]) == (None, "10.5")


def test_finer_candles_are_reported_the_same_from_the_store(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fine = write_candles(tmp_path / "minutes.csv", 300)
    coarse = tmp_path / "threes.csv"
    lines = [line.split(",") for line in fine.read_text().splitlines()[1:]]
    rows = []
    for at in range(BEGINS_AT, BEGINS_AT + 300 * MINUTE, 3 * MINUTE):
        inside = [line for line in lines if at <= int(line[0]) < at + 3 * MINUTE]
        if inside:
            high = max(inside, key=lambda line: float(line[2]))[2]
            low = min(inside, key=lambda line: float(line[3]))[3]
            rows.append(f"{at},{inside[0][1]},{high},{low},{inside[-1][4]},1")
    coarse.write_text("time,open,high,low,close,volume\n" + "\n".join(rows))
    args = [*ema_cross("backtest", coarse, "--timeframe", "3m")]
    args += ["--stop-loss-pct", "0.2", "--take-profit-pct", "0.2", "--fine", fine]
    folder = tmp_path / "data"
    stored = answer(capsys, *args, "--data-dir", folder)
    share = stored["fine"]
    assert share.pop("share_pct") == 100 * share["decided"] / share["bars"]
    # The hole of three minutes leaves two bars with one minute missing each, or one bar out.
    assert share["bars"] == len(rows)
    assert (share["timeframe"], share["disagreeing"]) == ("1m", 0)
    assert 0 < share["missing"] == share["bars"] - share["decided"] <= 2
    shown = answer(capsys, "sessions", "show", "1", "--data-dir", folder)
    share["share_pct"] = shown["fine"]["share_pct"]
    assert shown == stored
    _, text, _ = call(capsys, *args)
    assert f"1m candles decided {share['decided']} of {share['bars']} bars" in text
    assert answer(capsys, *args[:-2])["fine"] is None


def test_help_is_grouped(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call(capsys, "backtest", "--help")
    said = capsys.readouterr().out
    titles = [line for line in said.splitlines() if line.endswith(":") and line[0] != " "]
    assert titles == [
        "options:", "market:", "data:", "strategy:", "costs:", "money and size:", "exits:",
        "rules:",
    ]  # fmt: skip


@given(
    st.lists(st.integers(-(2**63), 2**63 - 1), max_size=5),
    st.sampled_from(["0.01", "1", "0.05", "25", "0.0000000001", "1e-18", "2.5", "1E+2"]),
)
def test_columns_of_money_read_as_each_of_them(counts: list[int], step: str) -> None:
    texts = exact_texts(np.array(counts, np.int64), Decimal(step))
    assert texts == [plain(Decimal(step) * count) for count in counts]


def test_every_option_of_the_trade_is_its_field() -> None:
    parser = argparse.ArgumentParser()
    add_trade_options(parser)
    taken = {action.dest for action in parser._actions} - {"help", "size", "no_risk_rules"}
    assert taken < {field.name for field in fields(TradeSettings)}
