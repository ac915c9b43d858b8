"""What rules answer. The kernel asks them in turn until one says no; who wants to know what every
one of them would have said hands over `answers`, and then no answer ends the asking.

`answers` is int64 (REFUSAL_SLOTS, WIDTH), one line for each `Refusal`, zeros before; None is
nobody. Which of the two it is is decided while compiling, so the kernel pays nothing for it.
"""

from __future__ import annotations

from typing import Final

from engine.core.compiled import part
from engine.domain.columns import IntMatrix

PLACE: Final = 0
"""1, 2, 3... in the order in which they were asked; 0: this rule is not set. The first line, which
is no rule's, counts them."""
SAYS_NO: Final = 1
LIMIT: Final = 2
ACTUAL: Final = 3
WIDTH: Final = 4


@part
def says_no(answers: IntMatrix | None, rule: int, no: bool, limit: int, actual: int) -> bool:
    """Whether this answer ends the asking; `rule` is a Refusal, `no` its answer."""
    if answers is None:
        return no
    answers[0, PLACE] += 1
    answers[rule, PLACE] = answers[0, PLACE]
    answers[rule, SAYS_NO] = no
    answers[rule, LIMIT] = limit
    answers[rule, ACTUAL] = actual
    return False
