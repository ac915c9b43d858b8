"""The guide is whole: its links lead somewhere, and it names what the program can say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from engine.cli.verbs import VERBS
from engine.domain.reasons import EndReason, ExitReason, Refusal
from engine.domain.sub_states import SubState
from engine.errors import FaultKind
from engine.markets.exchange import faults
from engine.messages import wording
from engine.messages.proof import Cause
from engine.runtime.private_files import OURS
from tests.cli.console import answer, call
from tests.guide.worked import GUIDE, ROOT
from tests.runtime.own_files import put
from trader_gui import options
from trader_gui.pages.help.chapters import place_of, read_guide
from trader_gui.pictures.sample_candles import write_candles

LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)]*)\)")
TEXTS = {path.stem: path.read_text("utf-8") for path in GUIDE.glob("*.md")}
TEXT = "\n".join(TEXTS.values())
STATES = [
    f"**{one.words(exchange='', known='', wanted='').strip(' /')}**"
    for one in SubState
    if one is not SubState.NONE
]
EXCHANGES = [
    " ".join(re.split(r"[{.:]", words.removeprefix("{name} "))[0].split()[:3])
    for words in faults.WORDS.values()
]
"""How the sentences about exchanges begin, after the exchange's name."""
TAGS = re.findall(
    r'(?:_noted\(|", |return )"([A-Z-]{3,})"(?:, LogGroup|, [TF]|\))',
    Path(wording.__file__).read_text("utf-8"),
)
"""Of the log, as the one file writes them that words it."""


def headings(chapter: str) -> set[str]:
    without_code = re.sub(r"^```.*?^```$", "", TEXTS[chapter], flags=re.MULTILINE | re.DOTALL)
    return {place_of(line) for line in re.findall(r"^#+ (.*)$", without_code, re.MULTILINE)}


def test_the_contents_list_every_chapter_by_its_own_title() -> None:
    chapters = read_guide(GUIDE).chapters
    assert {one.key for one in chapters} == TEXTS.keys() - {"README"}
    assert [one.title for one in chapters] == [
        one.text.splitlines()[0].removeprefix("# ") for one in chapters
    ]


def test_every_link_and_picture_is_there_and_every_picture_is_shown() -> None:
    shown = set()
    for chapter, text in TEXTS.items():
        for picture, target in LINK.findall(text):
            if picture:
                shown.add(GUIDE / target)
                continue
            name, _, place = target.partition("#")
            key = name.removesuffix(".md") or chapter
            assert key in TEXTS, f"{chapter}: {target}"
            assert not place or place in headings(key), f"{chapter}: {target}"
    assert shown == set((GUIDE / "images").iterdir())
    assert "http" not in TEXT.replace("`http://host:port`", "")


def test_no_line_of_code_is_wider_than_the_page() -> None:
    code = re.findall(r"^```.*?^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert [line for block in code for line in block.splitlines() if len(line) > 92] == []


def test_no_picture_makes_the_program_large() -> None:
    assert sum(path.stat().st_size for path in (GUIDE / "images").iterdir()) < 600_000


@pytest.mark.parametrize(
    ("chapter", "words"),
    [
        ("rules", [f"`{one.code}`" for one in Refusal]),
        ("exits", [f"`{one.code}`" for one in ExitReason]),
        ("replay", [f"`{one.code}`" for one in EndReason]),
        ("replay", [f"| {one.value} |" for one in Cause]),
        ("troubleshooting", [f"`{one.value}`" for one in FaultKind]),
        ("troubleshooting", STATES),
        ("troubleshooting", EXCHANGES),
        ("data", [f"`{name}`" for name in OURS]),
        ("monitor", [f"`{tag}`" for tag in TAGS]),
        ("console", [f"## {verb.name}\n" for verb in VERBS]),
    ],
    ids=[
        "refusals",
        "exits",
        "ends",
        "causes",
        "faults",
        "states",
        "exchanges",
        "folder",
        "tags",
        "verbs",
    ],
)
def test_everything_the_program_can_say_is_told(chapter: str, words: list[str]) -> None:
    assert words
    assert [one for one in words if one not in TEXTS[chapter]] == []


def test_every_option_that_is_named_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options.parse(["--help"])  # of the window
    known = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out))
    for verb in VERBS:
        known |= options_of(capsys, verb.name)
    named = set(re.findall(r"(?<![-\w])--[a-z][a-z-]+", TEXT))
    assert named - known == set()


def options_of(capsys: pytest.CaptureFixture[str], *words: str) -> set[str]:
    """The options of a verb, and of the verbs below it."""
    with pytest.raises(SystemExit):
        call(capsys, *words, "--help")
    told = capsys.readouterr().out
    found = set(re.findall(r"--[a-z][a-z-]+", told))
    below = re.search(r"^positional arguments:\n  ([a-z|]+)$", told, re.MULTILINE)
    for name in below[1].split("|") if below else ():
        found |= options_of(capsys, *words, name)
    return found


def test_the_strategy_of_the_guide_runs_as_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = re.search(r"^```python\n(.*?)^```$", TEXTS["strategies"], re.MULTILINE | re.DOTALL)
    assert found is not None
    put(tmp_path, "breakout.py", found[1])
    assert "breakout" in json.dumps(
        answer(capsys, "strategies", "allow", "breakout.py", "--data-dir", tmp_path)
    )
    checked = answer(capsys, "strategies", "check", "breakout.py", "--data-dir", tmp_path)
    candles = tmp_path / "candles.csv"
    write_candles(candles, 600)
    document = answer(
        capsys, "backtest", "--candles", candles, "--symbol", "BTC/USDT", "--strategy", "breakout",
        "--set", "length=15", "--data-dir", tmp_path,
    )  # fmt: skip
    assert "No look-ahead was seen." in checked["words"]
    assert "no signal" not in checked["words"]
    assert document["metrics"]["trades"] > 5


def test_a_packed_program_has_all_of_it() -> None:
    packed = re.findall(
        r'"(docs/guide[^"*]*)\*(\.[a-z]+)"', (ROOT / "build.spec").read_text("utf-8")
    )
    kinds = {(f"{path.parent.relative_to(ROOT).as_posix()}/", path.suffix) for path in parts()}
    assert kinds == set(packed)


def parts() -> list[Path]:
    return [path for path in GUIDE.rglob("*") if path.is_file()]
