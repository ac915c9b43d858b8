"""Opinions that several workers listen to: each formed once, forgotten after its last set."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from time import thread_time

from engine.domain.columns import IntColumn, SignalColumn
from engine.domain.strategy import Params

Opinion = tuple[IntColumn, SignalColumn]
"""Rows with a signal, and what it is."""


class SharedOpinions:
    """`form` is called once for each key of `wanted`, which says how many sets will ask for it."""

    def __init__(self, form: Callable[[Params], Opinion], wanted: Mapping[Hashable, int]) -> None:
        self._form = form
        self._wanted = dict(wanted)
        self._formed: dict[Hashable, Future[Opinion]] = {}
        self._lock = threading.Lock()
        self.seconds = 0.0
        """Processor time spent in `form` so far, by all threads together."""

    def take(self, key: Hashable, params: Params, sets: int) -> Opinion:
        """The opinion for `sets` of the sets that wait for it; raises what `form` raised."""
        with self._lock:
            opinion = self._formed.get(key)
            mine = opinion is None
            if opinion is None:
                opinion = self._formed[key] = Future()
            self._wanted[key] -= sets
            if self._wanted[key] == 0:
                del self._formed[key]
        if mine:
            self._settle(opinion, params)
        return opinion.result()

    def _settle(self, opinion: Future[Opinion], params: Params) -> None:
        began = thread_time()
        try:
            opinion.set_result(self._form(params))
        except BaseException as error:  # noqa: BLE001 - raised again by all who take it
            opinion.set_exception(error)
        with self._lock:
            self.seconds += thread_time() - began
