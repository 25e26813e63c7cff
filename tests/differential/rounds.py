"""How long the differential tests of filters run: seeds of a round, more of them by the environment."""

from __future__ import annotations

import os

# Three seeds are over 30,000 pairs of a pattern and an event for each test; a long run asks for 50 seeds.
CASES = 4500
ROUNDS = int(os.environ.get("TAILRACE_FILTER_SEEDS", "3"))
# What a seed compares at the least, refused patterns and known divergences left out.
PAIRS = 10_000


def seeds(first: int) -> range:
    """The seeds of one test; no two tests have the same ones."""
    return range(first, first + ROUNDS)
