"""The arguments of `trader-engine rescue`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from engine.cli.arguments import Verb, add_json


def _add_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--data-dir", type=Path, metavar="D")
    add_json(verb)


def _carry_out(arguments: argparse.Namespace) -> str:
    from engine.cli.rescue import rescue_folder

    return rescue_folder(arguments)


RESCUE: Final = Verb(
    "rescue",
    "set a damaged database aside, and keep what can be read of it",
    _add_options,
    _carry_out,
)
