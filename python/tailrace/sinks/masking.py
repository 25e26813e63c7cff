"""Values that a sink must not store: paths into an item, and images without what stands there."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tailrace._core import diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tailrace.exceptions import TailraceError

    Path = tuple[str | int, ...]

__all__ = ["Mask"]

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode  # json.dumps makes one at each call
_HIDDEN = {"NULL": True}
_IMAGES = ("Keys", "NewImage", "OldImage")


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
        given = paths if isinstance(paths, (str, tuple)) else list(paths)
        diff({}, {}, mask=given)  # knows what a path is
        given = [given] if isinstance(given, str) else list(given)
        self._paths = _outermost([(path,) if isinstance(path, str) else path for path in given])

    def __bool__(self) -> bool:
        return bool(self._paths)

    def reaches(self, name: str) -> bool:
        """Whether something of a top-level attribute is hidden, or all of it."""
        return any(path[0] == name for path in self._paths)

    def hide(self, image: str | None) -> tuple[str | None, list[Path]]:
        """Leave the values at the paths out of an image.

        A value that stands around, where a path leads into a map or a list and this is none, is left out whole: on the
        other side of the change the path may be there, and then the two are one change, of what is masked.

        Args:
            image: DynamoDB JSON of one item, each value with one type tag; None for none.

        Returns:
            The image with NULL in their places, so that elements behind one keep their positions; and the paths at
            which a value stood.
        """
        if image is None:
            return None, []
        item = json.loads(image)
        found = _outermost([at for path in self._paths if (at := _hide(item, path))])
        return (_encode(item) if found else image), found

    def hide_error(self, error: TailraceError) -> TailraceError:
        """The error of a record, without what it tells of a masked value: names inside of one are part of it.

        Args:
            error: as reading a record raises it.

        Returns:
            The error as it is where it lies beside everything masked; else one of its class, whose path ends where the
            masked value begins.
        """
        start = _start_of_image(error.path)
        steps = _steps(error.path[start:]) if start else ()
        depths = [depth for path in self._paths if (depth := _masked_depth(path, steps))]
        if not depths:
            return error
        shown = error.path[: start + 2 * min(depths) - 1]
        return type(error)("a masked value is broken", path=shown, sequence_number=error.sequence_number)


def _outermost(paths: list[Path]) -> list[Path]:
    """Without those that lie within another, each once."""
    unique = dict.fromkeys(paths)
    return [path for path in unique if not any(path[:length] in unique for length in range(1, len(path)))]


def _hide(item: dict[str, Any], path: Path) -> Path:
    """Hide what stands at the path, or around it where the path cannot lead on; where that was, () for nowhere."""
    around: Any = item
    for depth, step in enumerate(path, 1):
        if not _has(around, step):
            return ()
        if depth == len(path) or not _leads(around[step], path[depth]):
            around[step] = _HIDDEN
            return path[:depth]
        around = around[step][_tag(path[depth])]
    return ()


def _has(around: Any, step: str | int) -> bool:
    return step in around if isinstance(step, str) else step < len(around)


def _leads(value: dict[str, Any], step: str | int) -> bool:
    return _tag(step) in value


def _tag(step: str | int) -> str:
    """The type of what a step leads into: the members of a map, the elements of a list, never those of a set."""
    return "M" if isinstance(step, str) else "L"


def _start_of_image(path: Path) -> int:
    """Where the attribute name stands in the path of a record's error; 0 where it leads into no image."""
    starts = [at + 1 for at, step in enumerate(path) if step in _IMAGES and at and path[at - 1] == "dynamodb"]
    return starts[0] if starts else 0


def _steps(path: Path) -> Path:
    """The names and positions of a path that has type tags between them, as far as it leads through maps and lists."""
    steps = path[:1]
    for tag, step in zip(path[1::2], path[2::2], strict=False):
        if tag != _tag(step):
            break
        steps += (step,)
    return steps


def _masked_depth(path: Path, steps: Path) -> int:
    """How many of the steps may be told, where they lead to what is hidden by this path; 0 where they do not."""
    for depth, (masked, step) in enumerate(zip(path, steps, strict=False)):
        if masked != step:
            return 0 if _tag(masked) == _tag(step) else depth
    return min(len(path), len(steps))
