"""When a fault is done: to which requests, and to which of them by their count or by a seeded chance."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tests.faults.exchange import Backend, Outcome, Request

# Whether the n-th request that a rule is about, counted from 1, gets its fault.
Calls = Callable[[int], bool]
When = Callable[[Request], bool]


class Fault(Protocol):
    def fits(self, request: Request) -> bool:
        """Whether it can be done to this request."""
        ...

    def __call__(self, request: Request, backend: Backend) -> Outcome:
        """Do it, and say what the client sees."""
        ...


def any_request(request: Request) -> bool:
    return True


def operation(*names: str) -> When:
    """Requests of these operations: ``SendMessageBatch``, ``_bulk``, ``PUT``."""
    return lambda request: request.operation in names


def always(count: int) -> bool:
    return True


def first(calls: int) -> Calls:
    return lambda count: count <= calls


def nth(*counts: int) -> Calls:
    return lambda count: count in counts


def after(calls: int) -> Calls:
    return lambda count: count > calls


def sometimes(probability: float, seed: object, *, until: int | None = None) -> Calls:
    """By chance, the same at every run; never after ``until`` calls, so that whoever retries comes to an end."""
    return lambda count: (until is None or count <= until) and random.Random(f"{seed}:{count}").random() < probability


@dataclass
class Rule:
    """A fault and when it is done. ``matched`` and ``done`` count the requests it was about, and the faults done."""

    fault: Fault
    when: When = any_request
    calls: Calls = always
    matched: int = 0
    done: int = 0

    def takes(self, request: Request) -> bool:
        """Whether the fault is for this request, which is counted."""
        if not (self.fault.fits(request) and self.when(request)):
            return False
        self.matched += 1
        return self.calls(self.matched)
