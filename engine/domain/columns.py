"""Names for the array types that travel through the program."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

IntColumn = NDArray[np.int64]
FloatColumn = NDArray[np.float64]
BoolColumn = NDArray[np.bool_]
IntMatrix = NDArray[np.int64]
SignalColumn = NDArray[np.int32]
SignalMatrix = NDArray[np.int32]
