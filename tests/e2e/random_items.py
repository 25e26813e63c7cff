"""Seeded items of attribute values: all ten types, to the limits that DynamoDB sets."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from typing import Any

AttributeValue = dict[str, Any]
DEEPEST = 4
TEXTS = [
    "", "a", "plain words", "ünïcödé", "العربية", "😀 pair", 'quote " back \\ slash', "line\nfeed\ttab", "\u2028",
    "x" * 300,
]  # fmt: skip
NUMBERS = [
    "0", "-0", "1", "-1", "1.0", "007", "1E+2", "1e2", "1E-130", "9.9999999999999999999999999999999999999E+125",
    "-9.9999999999999999999999999999999999999E+125", "12345678901234567890123456789012345678",
    "0.00000000000000000000000000000000000001", "3.14159", "9007199254740993", "100000000000000000000",
]  # fmt: skip


class RandomItems:
    """Makes items and values; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._makers: list[Callable[[int], AttributeValue]] = [
            self._string, self._number, self._binary, self._bool, self._null,
            self._list, self._map, self._string_set, self._number_set, self._binary_set,
        ]  # fmt: skip

    def item(self) -> dict[str, AttributeValue]:
        """Attributes of random values, one of each type first so that none is left to chance."""
        return {f"{self._name()}{at}": make(0) for at, make in enumerate(self._makers)}

    def value(self, depth: int = 0) -> AttributeValue:
        scalar_count = 5
        makers = self._makers if depth < DEEPEST else self._makers[:scalar_count]
        return self.random.choice(makers)(depth)

    def number(self) -> str:
        if self.random.random() < 0.5:
            return self.random.choice(NUMBERS)
        return f"{self.random.choice(['', '-'])}{self.random.randrange(10**12)}.{self.random.randrange(10**6):06}"

    def text(self) -> str:
        return self.random.choice(TEXTS)

    def binary(self) -> bytes:
        return self.random.randbytes(self.random.choice([0, 1, 2, 3, 40]))

    def _name(self) -> str:
        return self.random.choice(["a", "status", "with.dot", "with space", "ключ", "#hash", ":colon", "S", "N", "M"])

    def _string(self, _: int) -> AttributeValue:
        return {"S": self.text()}

    def _number(self, _: int) -> AttributeValue:
        return {"N": self.number()}

    def _binary(self, _: int) -> AttributeValue:
        return {"B": self.binary()}

    def _bool(self, _: int) -> AttributeValue:
        return {"BOOL": self.random.random() < 0.5}

    def _null(self, _: int) -> AttributeValue:
        return {"NULL": True}

    def _list(self, depth: int) -> AttributeValue:
        return {"L": [self.value(depth + 1) for _ in range(self.random.randrange(4))]}

    def _map(self, depth: int) -> AttributeValue:
        return {"M": {f"{self._name()}{at}": self.value(depth + 1) for at in range(self.random.randrange(4))}}

    def _string_set(self, _: int) -> AttributeValue:
        return {"SS": sorted({self.text() for _ in range(self.random.randint(1, 4))})}

    def _number_set(self, _: int) -> AttributeValue:
        return {"NS": [str(number) for number in self.random.sample(range(-1000, 1000), self.random.randint(1, 4))]}

    def _binary_set(self, _: int) -> AttributeValue:
        return {"BS": sorted({self.binary() for _ in range(self.random.randint(1, 3))}, key=base64.b64encode)}
