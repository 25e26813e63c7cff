"""The sinks that an environment can name, and the variables that each of them reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tailrace import sinks
from tailrace.patterns.readers import location, names, paths, switch, text, texts, whole, word
from tailrace.patterns.settings import Setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["TARGETS", "Target"]

_DELIVERY = (
    Setting("TAILRACE_TABLE", "table", text, "the table's name, where records carry no ARN"),
    Setting("TAILRACE_WORKERS", "workers", whole(1, 100), "how many calls are under way together; 4"),
    Setting("TAILRACE_ATTEMPTS", "attempts", whole(1, 100), "how often an entry is sent at most, in one write; 8"),
)
_REGION = Setting("TAILRACE_REGION", "region", text, "the Region of the target; the function's own")
_MASK = Setting(
    "TAILRACE_MASK", "mask", paths, 'paths whose values never leave: `pin,token` or `["pin", ["card", "number"]]`'
)
_FORMAT = Setting(
    "TAILRACE_FORMAT", "format", word("tailrace", "dynamodb", "cloudevents"), "of the payload; `tailrace`"
)
_OVERSIZE = Setting(
    "TAILRACE_OVERSIZE",
    "oversize",
    word("poison", "truncate", "claim-check"),
    "what becomes of a change that is too large: a failure (`poison`, default), sent without its images (`truncate`),"
    " or put into S3 (`claim-check`)",
)
_CLAIM_CHECK = Setting(
    "TAILRACE_CLAIM_CHECK", "claim_check", location, "`s3://bucket/prefix`, for `TAILRACE_OVERSIZE=claim-check`"
)
_PAYLOAD = (_FORMAT, _MASK, _OVERSIZE, _CLAIM_CHECK)
_ATTRIBUTES = "names of attributes with commas between them"


class Target(NamedTuple):
    """A sink that an environment can name.

    ``word`` is its name there and ``sink`` its class; ``target`` is the variable of its first argument, ``settings`` are
    those of its keywords.
    """

    word: str
    sink: str
    target: Setting
    settings: tuple[Setting, ...]

    def all_settings(self) -> tuple[Setting, ...]:
        """The variables that this sink reads."""
        return (self.target, *self.settings)

    def make(self, options: Mapping[str, Any]) -> sinks.Sink:
        """The sink with these options; what its constructor raises is a mistake in them."""
        keywords = dict(options)
        first = keywords.pop("target")
        if isinstance(first, tuple):  # a place in S3
            first, keywords["prefix"] = first
        _put_claim_check(keywords)
        made: sinks.Sink = getattr(sinks, self.sink)(first, **keywords)
        return made


def _put_claim_check(keywords: dict[str, Any]) -> None:
    place = keywords.pop("claim_check", None)
    if (keywords.get("oversize") == "claim-check") != (place is not None):
        raise ValueError("TAILRACE_OVERSIZE=claim-check and TAILRACE_CLAIM_CHECK need each other")
    if place is not None:
        keywords["oversize"] = sinks.S3ClaimCheck(place[0], prefix=place[1])


def _target(about: str, read: Callable[[str], Any] = text) -> Setting:
    return Setting("TAILRACE_TARGET", "target", read, about, is_required=True)
