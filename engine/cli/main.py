"""`trader-engine`: reads what is wished, hands it to its verb, prints one answer or one fault."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NoReturn

from engine.cli.arguments import Answered
from engine.cli.verbs import read_arguments
from engine.errors import Fault
from engine.messages.redaction import redacted
from engine.runtime.kernel_cache import prepare_kernel_cache
from engine.runtime.private_files import keep_private
from engine.runtime.redacted_lines import redact_last_resort

REFUSED: Final = 2
BROKEN: Final = 70
"""A mistake of the program, which must not be taken for a verb's own answer (sysexits.h)."""
INTERRUPTED: Final = 130


def main(argv: Sequence[str] | None = None, *, own_process: bool = False) -> int:
    """The exit status: 0 or what the verb says, 2 after a fault (one line on stderr), 130 after
    Ctrl+C. An `own_process` does nothing else after it."""
    status = 0
    _prepare_output()
    keep_private()
    redact_last_resort()
    try:
        arguments = read_arguments(argv)
        arguments.own_process = own_process
        prepare_kernel_cache()
        answer = arguments.verb.carry_out(arguments)
        text = answer
        if isinstance(answer, Answered):
            text, status = answer.text, answer.status
        if text is not None:
            print(text)
        sys.stdout.flush()
    except Fault as fault:
        print("trader-engine: " + redacted(" ".join(fault.words.split())), file=sys.stderr)
        return REFUSED
    except BrokenPipeError:
        # Whoever read has gone (`| head`); what is left in the buffer must not fail again.
        _silence()
    except OSError as error:
        # Faults of files come with words of their own: this one is about the output.
        _silence()
        print(
            f"trader-engine: The output cannot be written ({error.strerror}). Make room, or write "
            "it elsewhere.",
            file=sys.stderr,
        )
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def program() -> NoReturn:
    """`main` as a process of its own, from `sys.argv`. What nobody foresaw is told and ends with
    70: Python's own 1 is an answer of `verify`.

    It ends without taking half a thousand modules apart, which takes as long as a fifth of a
    backtest: what is to be kept is on disk by then. Other threads are waited for, as ever.
    """
    try:
        status = main(own_process=True)
    except Exception:  # noqa: BLE001 - told as Python tells it
        sys.excepthook(*sys.exc_info())
        status = BROKEN
    if threading.active_count() > 1:
        sys.exit(status)
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # whoever read has gone; `main` has said what to say
            stream.flush()
    os._exit(status)


def _prepare_output() -> None:
    """Somewhere to print to, even where a caller closed it or it cannot show every sign."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - for the rest of the program
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - for the rest of the program
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _silence() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    program()
