"""The arguments of `trader-engine verify`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from engine.cli.arguments import Answered, Verb, add_json


def _add_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("id", metavar="SESSION", help="42 or S-0042")
    verb.add_argument("--data-dir", type=Path, metavar="D")
    add_json(verb)


def _carry_out(arguments: argparse.Namespace) -> Answered:
    from engine.cli.waiting import load_kernel_telling

    load_kernel_telling()
    from engine.cli.verify import verify

    return verify(arguments)


VERIFY: Final = Verb(
    "verify",
    "run a stored session again and compare: exit status 0 equal, 1 different",
    _add_options,
    _carry_out,
)
