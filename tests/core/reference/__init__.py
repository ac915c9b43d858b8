"""The kernel once more, slow and plain: whole numbers and fractions, one row after another.

Written from the specification and from none of the kernel's code, to be compared with it event
for event and slot for slot. Longs and shorts are spelled out separately on purpose.
"""

from __future__ import annotations

from tests.core.reference.session import Reference
from tests.core.reference.terms import COLUMNS, DAY, Terms

__all__ = ["COLUMNS", "DAY", "Reference", "Terms"]
