"""One thing that the doctor says of a mapping."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

__all__ = ["Finding"]


class Finding(NamedTuple):
    """One thing that is wrong with a mapping, or that costs records on a bad day.

    Args:
        code: which kind, such as ``"no-destination"``; for programs.
        severity: ``"error"``: records get lost; ``"warning"``: they may, or something is worse than it need be.
        what: what it is.
        why: what happens because of it.
        fix: what to write instead.
        setting: AWS's name of the setting; empty where it is about no single one.

    Example:
        >>> from tailrace.doctor import check_mapping
        >>> [finding.code for finding in check_mapping({"MaximumRetryAttempts": 5}) if finding.severity == "error"]
        ['no-destination']
    """

    code: str
    severity: Literal["error", "warning"]
    what: str
    why: str
    fix: str
    setting: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The same for ``json.dumps``."""
        return self._asdict()
