"""A client of boto3 that is made when it is first used, and made anew in a forked child."""

from __future__ import annotations

import os
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["LazyClient", "made_client"]


class LazyClient:
    """The client of one service.

    Args:
        given: the caller's own, which is used everywhere; None makes one.
        make: makes it.
    """

    def __init__(self, given: Any, make: Callable[[], Any]) -> None:
        self._client = given
        self._make = make
        self._pid: int | None = None  # of the process that made the client; None for one that was given
        self._lock = threading.Lock()

    def get(self) -> Any:
        """The client of this process; raises what making it raises."""
        if self._is_missing():
            with self._lock:
                if self._is_missing():
                    self._client, self._pid = self._make(), os.getpid()
        return self._client

    def _is_missing(self) -> bool:
        # A forked child has its parent's connections: two processes that write to one get each other's answers.
        return self._client is None or self._pid not in (None, os.getpid())


def made_client(service: str, region: str | None = None, **config: Any) -> Any:
    """A client with these settings of botocore's Config, of this Region or of the environment's.

    Raises:
        ModuleNotFoundError: boto3 is not installed.
    """
    from boto3.session import Session
    from botocore.config import Config

    # A session of its own: making clients from boto3's default one is not safe in several threads.
    make: Any = Session().client  # type checkers know each service by a literal of its name
    return make(service, region_name=region, config=Config(**config))
