"""One strategy file: read, and run only when its bytes are those that were allowed.

The bytes that were hashed are the bytes that are compiled: nothing is imported by its place, no
``__pycache__`` is read, and a file that changes a moment later changes nothing here.
"""

from __future__ import annotations

import hashlib
import linecache
import sys
import traceback
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from engine.domain.strategy import Parameter, Strategy, read_params
from engine.domain.strategy_files import StrategySource
from engine.errors import Fault, FileRefused
from engine.language import tr
from engine.runtime.sources.said_aside import FILE_SAID, listen
from engine.strategies import BUILT_IN

MOST_BYTES: Final = 1_000_000
_PROMISED: Final = ("title", "summary", "parameters", "warmup", "check", "signals")
_LONGEST_LINE: Final = 200
_SOURCE: Final = "__strategy_source__"
_NOTHING_TAKEN: Final = tr(
    "Nothing of it is offered as a strategy. Correct the file, then allow it."
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A strategy and the text it was made from."""

    source: StrategySource
    strategy: Strategy


def hash_of(path: Path) -> str:
    """sha256 hex of the file's bytes; "" if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def read_source(path: Path) -> StrategySource:
    """The file's text; FileRefused if it cannot be read, or would show other than what runs."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileRefused(
            tr(
                "The strategy file {name} cannot be read ({strerror}). Put it into "
                "{parent}, then try again.",
                name=path.name,
                strerror=error.strerror,
                parent=path.parent,
            ),
            details=repr(error),
        ) from error
    if len(content) > MOST_BYTES:
        raise _refused(
            path.name,
            tr(
                "has more than {most_bytes:,} bytes, which no strategy needs", most_bytes=MOST_BYTES
            ),
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(path.name, tr("is not UTF-8 text")) from None
    if any(unicodedata.category(sign) == "Cf" and sign != "\ufeff" for sign in text):
        raise _refused(
            path.name, tr("has invisible signs that make it read differently from what it does")
        )
    return StrategySource(path.name, hashlib.sha256(content).hexdigest(), text)


def load(source: StrategySource) -> Loaded:
    """Run the file and make its strategy: for bytes that a person allowed, and no others.

    FileRefused with words, and the traceback as details, for what cannot be used.
    """
    module = ModuleType(f"own_strategy_{source.sha256[:16]}")
    module.__file__ = _shown(source.file)
    module.__dict__[FILE_SAID] = _shown(source.file)
    listen()
    sys.modules[module.__name__] = module  # dataclasses and annotations are looked up there
    lines = source.text.splitlines(keepends=True)
    linecache.cache[_shown(source.file)] = len(source.text), None, lines, _shown(source.file)
    strategy = _strategy_in(source, module)
    module.__dict__[_SOURCE] = source
    return Loaded(source, strategy)


def source_from(strategy: Strategy) -> StrategySource | None:
    """What a person's own strategy was made from; None for one of the program."""
    module = sys.modules.get(type(strategy).__module__)
    source: StrategySource | None = getattr(module, _SOURCE, None)
    return source


def _shown(file: str) -> str:
    """How tracebacks name it."""
    return f"strategies/{file}"


def _strategy_in(source: StrategySource, module: ModuleType) -> Strategy:
    try:
        code = compile(source.text, _shown(source.file), "exec", dont_inherit=True)
        exec(code, module.__dict__)
    except (Exception, SystemExit) as error:
        raise _failed(source.file, tr("cannot be imported"), error) from error
    found = _class_in(source.file, module)
    try:
        strategy: Strategy = found()
        _check(source.file, found.__name__, strategy)
    except FileRefused:
        raise
    except Fault as fault:
        raise _refused(
            source.file, tr("has defaults that it refuses itself: {words}", words=fault.words)
        ) from None
    except (Exception, SystemExit) as error:
        raise _failed(source.file, tr("cannot be used"), error) from error
    return strategy


def _class_in(file: str, module: ModuleType) -> Any:
    """The one class of the file itself that is a strategy."""
    classes = {
        id(value): value
        for value in vars(module).values()
        if isinstance(value, type)
        and value.__module__ == module.__name__
        and callable(getattr(value, "signals", None))
    }
    named = [one for one in classes.values() if isinstance(getattr(one, "name", None), str)]
    if len(named) == 1:
        return named[0]
    if named:
        names = tr(" and ").join(one.__name__ for one in named)
        raise _refused(
            file,
            tr("has more than one strategy ({names}); each needs a file of its own", names=names),
        )
    if classes:
        one = next(iter(classes.values()))
        raise _refused(
            file, tr("has the class {name} with signals, but without a name", name=one.__name__)
        )
    raise _refused(file, tr("has no class with a name and signals, so it is no strategy"))


def _check(file: str, kind: str, strategy: Strategy) -> None:
    """What `engine.domain.strategy.Strategy` promises, as far as it can be seen without candles."""
    for promised in _PROMISED:
        if not hasattr(strategy, promised):
            raise _refused(
                file, tr("has the class {kind} without {promised}", kind=kind, promised=promised)
            )
    if not strategy.name.isidentifier():
        raise _refused(
            file, tr("calls its strategy {name!r}; use letters, digits and _", name=strategy.name)
        )
    if strategy.name in BUILT_IN:
        raise _refused(
            file, tr("calls its strategy {name}, which is one of the program's", name=strategy.name)
        )
    for what in ("title", "summary"):
        said = getattr(strategy, what)
        if not (isinstance(said, str) and said.strip() and said.isprintable()):
            raise _refused(file, tr("has a {what} that is no line of text", what=what))
        if len(said) > _LONGEST_LINE:
            raise _refused(
                file,
                tr(
                    "has a {what} of more than {longest_line} signs",
                    what=what,
                    longest_line=_LONGEST_LINE,
                ),
            )
    parameters: object = strategy.parameters
    if not isinstance(parameters, tuple) or not all(isinstance(p, Parameter) for p in parameters):
        raise _refused(file, tr("has parameters that are no tuple of Parameter"))
    params = read_params(strategy, {})
    strategy.check(params)
    warmup: object = strategy.warmup(params)
    if not isinstance(warmup, int) or warmup < 0:
        raise _refused(
            file, tr("has a warm-up of {warmup!r}, which is no number of candles", warmup=warmup)
        )


def _failed(file: str, how: str, error: BaseException) -> FileRefused:
    own = [one for one in traceback.extract_tb(error.__traceback__) if one.filename == _shown(file)]
    line = error.lineno if isinstance(error, SyntaxError) else own[-1].lineno if own else None
    place = "" if line is None else tr(" at line {line}", line=line)
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    said = said or tr("no words")
    return FileRefused(
        f"{file} {how}{place}: {type(error).__name__}: {said}. {_NOTHING_TAKEN}",
        details="".join(traceback.format_exception(error)),
    )


def _refused(file: str, what: str) -> FileRefused:
    return FileRefused(f"{file} {what}. {_NOTHING_TAKEN}")
