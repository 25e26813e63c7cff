"""Values that a sink must not store: paths into an item, and images without what stands there."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tailrace._core import diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Path = tuple[str | int, ...]

__all__ = ["Mask"]

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode  # json.dumps makes one at each call
_HIDDEN = {"NULL": True}


class Mask:
    """Paths whose values are hidden. It is false when there are none.

    Args:
        paths: as of ``diff``: each the name of a top-level attribute, or a tuple of names and list positions; one name
            may stand alone.

    Raises:
        TypeError: what is no path.
        ValueError: an empty path, a negative position.

    Example:
        >>> mask = Mask(["token", ("card", "number")])
        >>> mask.hide('{"id":{"S":"a"},"card":{"M":{"number":{"S":"4111"},"kind":{"S":"debit"}}}}')
        ('{"id":{"S":"a"},"card":{"M":{"number":{"NULL":true},"kind":{"S":"debit"}}}}', [('card', 'number')])
    """

    __slots__ = ("_paths",)

    def __init__(self, paths: str | Iterable[str | Path]) -> None:
        given = [paths] if isinstance(paths, str) else list(paths)
        diff({}, {}, mask=given)  # knows what a path is
        self._paths = _outermost([(path,) if isinstance(path, str) else path for path in given])

    def __bool__(self) -> bool:
        return bool(self._paths)

    def hidden_names(self, names: Iterable[str]) -> list[str]:
        """Those of the top-level attributes that are hidden as a whole."""
        return [name for name in names if (name,) in self._paths]

    def reaches(self, name: str) -> bool:
        """Whether something of a top-level attribute is hidden, or all of it."""
        return any(path[0] == name for path in self._paths)

    def hide(self, image: str | None) -> tuple[str | None, list[Path]]:
        """Leave the values at the paths out of an image.

        Args:
            image: DynamoDB JSON of one item, each value with one type tag; None for none.

        Returns:
            The image with NULL in their places, so that elements behind one keep their positions; and the paths at
            which a value stood.
        """
        if image is None:
            return None, []
        item = json.loads(image)
        found = [path for path in self._paths if _hide(item, path)]
        return (_encode(item) if found else image), found


def _outermost(paths: list[Path]) -> list[Path]:
    """Without those that lie within another, each once."""
    unique = dict.fromkeys(paths)
    return [path for path in unique if not any(path[:length] in unique for length in range(1, len(path)))]


def _hide(item: dict[str, Any], path: Path) -> bool:
    around: Any = item
    for step in path[:-1]:
        around = _inside(around[step]) if _has(around, step) else None
    if not _has(around, path[-1]):
        return False
    around[path[-1]] = _HIDDEN
    return True


def _has(around: Any, step: str | int) -> bool:
    if isinstance(step, str):
        return isinstance(around, dict) and step in around
    return isinstance(around, list) and step < len(around)


def _inside(value: dict[str, Any]) -> Any:
    """What paths lead into: the members of a map and the elements of a list, not those of a set."""
    ((tag, payload),) = value.items()
    return payload if tag in ("M", "L") else None
