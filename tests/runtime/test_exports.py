"""A session as a file: a report that needs nothing, a document, a table; whole or not at all."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from engine.core.metrics.trades import trades_of
from engine.errors import AskPerson
from engine.messages import commands as cm
from engine.runtime.documents.exporting import ExportKind, export_text, export_to
from engine.runtime.documents.html_report import MOST_TRADES, html_report
from engine.runtime.documents.sessions import export_document, session_document
from engine.runtime.documents.svg_charts import curve_svg, thinned
from engine.runtime.documents.trades_csv import csv_of_log
from engine.runtime.engine import Engine
from engine.runtime.history.archive import Archived
from tests.runtime.support import StillClock, backtest_of, file_bot, write_candles

EVIL = '<script>alert("x")</script>&amp;\'"'


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Archived:
    """A backtest with some trades, and something nasty written about it."""
    import asyncio

    folder = tmp_path_factory.mktemp("exported")

    async def play() -> Archived:
        engine = await Engine.open(folder / "data", clock=StillClock())
        try:
            await engine.execute(backtest_of(file_bot(write_candles(folder / "c.csv", 400))))
            await engine.execute(cm.RenameSession(1, EVIL))
            await engine.execute(cm.NoteSession(1, EVIL))
            await engine.execute(cm.TagSessions((1,), (EVIL[:30],)))
            return await engine._archived(1)
        finally:
            await engine.close()

    return asyncio.run(play())


class Page(HTMLParser):
    """The tags of a page, how they nest, and what it says."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.values: list[str] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [value or "" for _, value in attrs]
        if tag != "meta":
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, text: str) -> None:
        self.words.append(text)


def test_the_report_needs_nothing_and_runs_nothing(archived: Archived) -> None:
    text = html_report(archived)
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert not re.search(r"https?:|url\(|@import|javascript:|\son\w+=", text)
    assert page.tags.count("svg") == 2


def test_the_report_is_well_formed_and_made_for_paper_too(archived: Archived) -> None:
    """As strictly as XML: a browser would guess where something is not closed or not quoted."""
    text = html_report(archived)
    assert text.startswith("<!DOCTYPE html>\n")
    strict = re.sub(r"<meta ([^>]*)>", r"<meta \1/>", text.removeprefix("<!DOCTYPE html>\n"))
    root = ElementTree.fromstring(strict)
    assert [part.tag for part in root] == ["head", "body"]
    assert root.get("lang") == "en"
    assert root.findtext("head/title")
    assert next(one.get("charset") for one in root.iter("meta")) == "utf-8"
    (style,) = root.iter("style")
    printed = (style.text or "").partition("@media print {")[2]
    assert "break-inside: avoid" in printed
    assert "table-header-group" in printed  # titles stand on each sheet
    assert (style.text or "").count("{") == (style.text or "").count("}")
    for table in root.iter("table"):
        titles = [len(row) for row in table.iter("tr") if row.find("th") is not None]
        assert all(len(row) == titles[0] for row in table.iter("tr") if titles and len(row) > 2)
    assert all(one.get("role") == "img" or one.get("aria-label") for one in root.iter("{*}svg"))


def test_what_comes_from_outside_is_escaped(archived: Archived) -> None:
    evil = replace(
        archived,
        record=replace(
            archived.record,
            error=EVIL,
            strategy_source=EVIL,
            settings=replace(archived.record.settings, source=EVIL, signals_path=EVIL),
        ),
    )
    page = Page(html_report(evil))
    assert "script" not in page.tags
    assert sum(EVIL in words for words in page.words) >= 5


def test_the_report_says_what_the_document_says(archived: Archived) -> None:
    text, document = html_report(archived), session_document(archived, stored=True)
    trades = document["trades"]
    assert len(trades) > 3
    assert f"Trades ({len(trades)})" in text
    for trade in trades:
        assert f">{trade['entry_price']}</td>" in text
        assert f">{trade['pnl']}</td>" in text
    for words in (archived.record.event_hash, archived.record.rows_hash, "stop loss pct"):
        assert words in text


def test_a_long_list_of_trades_is_cut_with_words(
    archived: Archived, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_TRADES >= 1_000
    monkeypatch.setattr("engine.runtime.documents.html_report.MOST_TRADES", 2)
    text = html_report(archived)
    assert "The first 2 of them" in text
    assert text.count("<tr><td") == 2


def test_curves_are_drawings_that_can_be_read(archived: Archived) -> None:
    at = np.arange(50_000, dtype=np.int64) * 60_000
    values = np.sin(np.arange(50_000) / 3_000.0)
    values[31_337] = 9.5
    text = curve_svg("A <curve>", at, values, " %")
    drawn = ElementTree.fromstring(text)
    assert drawn.get("aria-label") == "A <curve>"
    assert len(text) < 60_000
    times, shown = thinned(at, values)
    assert shown.max() == 9.5
    assert times[0] == at[0]
    assert times[-1] == at[-1]
    assert (np.diff(times) > 0).all()
    assert curve_svg("none", at[:1], values[:1], "") == ""


def test_json_and_csv_are_the_consoles(archived: Archived) -> None:
    text = export_text(archived, ExportKind.JSON)
    assert json.loads(text) == json.loads(json.dumps(export_document(archived)))
    lines = export_text(archived, ExportKind.CSV).splitlines()
    assert len(lines) == 1 + len(session_document(archived, stored=True)["trades"])


def test_the_document_has_what_the_report_has(archived: Archived) -> None:
    document, record = export_document(archived), archived.record
    assert (document["title"], document["note"], document["tags"]) == (EVIL, EVIL, [EVIL[:30]])
    assert document["program_version"] == record.program_version
    assert document["seed"] == record.seed
    assert document["strategy_hash"] == record.strategy_hash
    assert "def signals" in document["strategy_source"]


def test_the_table_of_a_review_is_that_of_the_session(archived: Archived) -> None:
    """Whoever exports: the same columns, and times that a sheet understands."""
    whole = export_text(archived, ExportKind.CSV)
    trades = session_document(archived, stored=True)["trades"]
    numbers = trades_of(archived.log.table).no.tolist()
    scale = archived.record.settings.scale
    assert csv_of_log(archived.log.table, scale, numbers) == whole
    some = csv_of_log(archived.log.table, scale, numbers[1::-1]).splitlines()
    assert some[1:] == whole.splitlines()[2:0:-1]
    entered = datetime.fromisoformat(whole.splitlines()[1].split(",")[2])
    assert entered.timestamp() * 1_000 == trades[0]["entry_time"]
    assert entered.utcoffset() == timedelta(0)


@pytest.mark.parametrize("kind", list(ExportKind))
def test_a_file_is_whole_or_as_it_was(archived: Archived, tmp_path: Path, kind: ExportKind) -> None:
    path = tmp_path / f"out.{kind}"
    export_to(archived, kind, path)
    assert path.read_text("utf-8") == export_text(archived, kind)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    (tmp_path / f"{path.name}.part").write_text("what a program that was killed left")
    export_to(archived, kind, path)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    blocked = tmp_path / "missing" / "out"
    with pytest.raises(AskPerson, match="could not be written"):
        export_to(archived, kind, blocked)
    (tmp_path / f"{path.name}.part").mkdir()  # no draft can be made there
    before = path.read_bytes()
    with pytest.raises(AskPerson, match="Nothing was saved"):
        export_to(archived, kind, path)
    assert path.read_bytes() == before
