"""Words for a person that do not go through `tr`, found in the source.

    python -m tests.language.missed [FILE...]

A text counts as words when it has a space between letters or is one capitalised word. What only a
programmer or a machine reads does not: logs, mistakes in the code, keys, patterns, comparisons.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import engine.errors
from engine.errors import Fault

ROOT: Final = Path(__file__).resolve().parents[2]
ROOMS: Final = ("trader_gui", "engine")
NOT_SHOWN: Final = (
    "engine/cli/",  # the console is English
    "engine/core/",  # numbers only
    "engine/store/migrations/",
    "engine/language.py",
    "trader_gui/telling/diagnosis.py",  # printed for a report
    "trader_gui/options.py",  # the console's help
    "trader_gui/pictures/",
)
_TRANSLATES: Final = {"tr", "trn", "trc"}
_UNREAD: Final = (
    {"log", "debug", "info", "warning", "error", "exception", "critical", "getLogger"}
    | {"compile", "sub", "match", "fullmatch", "search", "split", "strip", "replace", "strftime"}
    | {"setObjectName", "setProperty", "property", "TypeVar", "cast", "getattr", "startswith"}
    | {"endswith", "in_thread", "create_task", "_ask", "ask", "_start", "_once", "setStyleSheet"}
    | {"text", "removeprefix", "partition", "rpartition", "QFont", "action", "setFamily", "hint_of"}
)
"""Calls whose texts nobody is shown."""
_FAULTS: Final = {
    name
    for name, kind in vars(engine.errors).items()
    if isinstance(kind, type) and issubclass(kind, Fault)
}
_ONE_WORD: Final = re.compile(r"[A-Z][a-z]+(-[a-z]+)?[:.\u2026]?")
_CODE: Final = re.compile(r"[\w.:/\-*]+")


def is_words(text: str) -> bool:
    said = text.strip()
    if not re.search(r"[A-Za-z]{2}", said):
        return False
    if _CODE.fullmatch(said) or " " not in said:
        return bool(_ONE_WORD.fullmatch(said))
    return bool(re.search(r"[A-Za-z]{2,} |[A-Za-z]{2}.* [A-Za-z]{2}| [A-Za-z]{3,}", said))


def missed(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each."""
    tree = ast.parse(source)
    above = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
            text = re.sub(r"\s+", " ", text)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if isinstance(above.get(id(node)), ast.JoinedStr):
                continue
            text = node.value
        else:
            continue
        if is_words(text) and not _unread(node, above):
            yield node.lineno, text


def _unread(node: ast.AST, above: dict[int, ast.AST]) -> bool:
    child: ast.AST = node
    while (parent := above.get(id(child))) is not None:
        match parent:
            case ast.Expr() if child is node:  # a docstring
                return True
            case ast.Call(func=called) if child is not called:
                name = getattr(called, "id", getattr(called, "attr", ""))
                programmer = name.endswith("Error") and name not in _FAULTS
                if name in _TRANSLATES or name in _UNREAD or programmer:
                    return True
            case ast.Compare() | ast.MatchValue():
                return True
            case ast.Subscript(slice=key) if child is key:
                return True
            case ast.Dict(keys=keys) if child in keys:
                return True
            case ast.Assert(msg=words) if child is words:
                return True
            case ast.AnnAssign(annotation=kind) if child is kind:
                return True
            case ast.arg() | ast.arguments() if child is not node:
                return True
            case ast.ClassDef(bases=bases):
                return any("Enum" in ast.unparse(one) for one in bases)  # values, stored by name
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Module():
                return False
        child = parent
    return False


def files() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if not path.relative_to(ROOT).as_posix().startswith(NOT_SHOWN):
                yield path


def main(names: list[str]) -> None:
    for path in map(Path, names) if names else files():
        for line, text in missed(path.read_text(encoding="utf-8")):
            print(f"{path}:{line}: {text!r}")


if __name__ == "__main__":
    main(sys.argv[1:])
