"""The arguments of `trader-engine verify`."""

from __future__ import annotations

import argparse
from typing import Final

from engine.cli.arguments import Answered, Verb, add_session


def _carry_out(arguments: argparse.Namespace) -> Answered:
    from engine.cli.waiting import load_kernel_telling

    load_kernel_telling()
    from engine.cli.verify import verify

    return verify(arguments)


VERIFY: Final = Verb(
    "verify",
    "run a stored session again and compare: exit status 0 equal, 1 different, 2 it cannot be told",
    add_session,
    _carry_out,
)
