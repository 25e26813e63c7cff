"""Objects that change, lie or fail while a diff walks them, or after it: a clear error or none, and never a crash."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from tailrace import TailraceError, UnmarshallError, diff, diff_images
from tests.reference.diff_roads import OBJECT_ROADS


def caught(work: Callable[[], Any]) -> TailraceError:
    with pytest.raises(TailraceError) as raised:
        work()
    return raised.value


class Meddling(UserDict[str, Any]):
    """A mapping that does something when it is looked into."""

    def __init__(self, meddle: Callable[[], Any], members: dict[str, Any]) -> None:
        self.meddle = meddle
        super().__init__(members)

    def __iter__(self) -> Iterator[str]:
        self.meddle()
        return super().__iter__()


MEDDLING: dict[str, Callable[[dict[str, Any], Any], Any]] = {
    "clears": lambda item, value: item.clear(),
    "grows": lambda item, value: item.update({f"new {at}": value for at in range(1_000)}),
    "shrinks": lambda item, value: item.pop("c", None),
    "replaces": lambda item, value: item.update(b=value, c=value),
    "renames": lambda item, value: (item.pop("c", None), item.update(d=value)),
}


@pytest.mark.parametrize("meddling", MEDDLING)
@pytest.mark.parametrize("where", ["old", "new", "both"])
@pytest.mark.parametrize("make", [diff, *OBJECT_ROADS.values()])
def test_an_item_that_changes_while_it_is_walked_is_no_crash(meddling: str, where: str, make: Any) -> None:
    def value(number: int) -> Any:
        return number if make is diff else {"N": str(number)}

    def item() -> dict[str, Any]:
        return {"a": None, "b": value(1), "c": value(2)}

    def meddle() -> None:
        for each in items if where == "both" else items[:1] if where == "old" else items[1:]:
            MEDDLING[meddling](each, value(9))

    items = [item(), item()]
    for each in items:
        mapping = Meddling(meddle, {"x": value(len(items))})
        each["a"] = mapping if make is diff else {"M": mapping}
    try:
        found = make(*items)
        _ = (found.changed, found.added, found.removed, found.render())
    except TailraceError as error:
        assert "changed its size while it was read" in error.message  # noqa: PT017 - either is right


def test_a_list_that_changes_while_it_is_walked_is_told() -> None:
    class Growing(list[Any]):
        def __iter__(self) -> Iterator[Any]:
            self.append(1)
            return super().__iter__()

    for items in (({"l": Growing([1])}, {"l": [1]}), ({"l": [1]}, {"l": Growing([1])})):
        assert "changed its size while it was read" in caught(lambda items=items: diff(*items)).message  # type: ignore[misc]


class Lying(Mapping[str, Any]):
    """A mapping that says of itself what is not so."""

    def __init__(self, names: list[Any], length: int, value: Any) -> None:
        self.names, self.length, self.value = names, length, value

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[Any]:
        return iter(self.names)

    def __getitem__(self, name: str) -> Any:
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


def test_mappings_that_lie_and_fail() -> None:
    assert diff(Lying(["a"], 99, 1), {"a": 2}).changed == {("a",): (1, 2)}
    assert diff({"m": Lying([], 5, 1)}, {"m": {}}).changed == {}
    assert "stands twice" in caught(lambda: diff(Lying(["a", "a"], 2, 1), {"a": 1})).message
    assert "stands twice" in caught(lambda: diff_images({}, Lying(["a", "a"], 2, {"S": ""}))).message
    assert "a name is a str" in caught(lambda: diff({"m": Lying([1], 1, 1)}, {"m": {}})).message
    failing = Lying(["a"], 1, RuntimeError("its own"))
    for make in (diff, diff_images, *OBJECT_ROADS.values()):
        with pytest.raises(RuntimeError, match="its own"):
            make({"k": {"S": ""}}, failing)


def test_scalars_that_fail_to_compare_are_not_asked() -> None:
    class Text(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            raise AssertionError("it was compared")

        def __hash__(self) -> int:
            return super().__hash__()

    class Number(Decimal):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            raise AssertionError("it was compared")

        def __hash__(self) -> int:
            return super().__hash__()

    assert not diff({"a": Text("x"), "n": Number(1)}, {"a": Text("x"), "n": Number("1.0")})
    assert diff({"a": Text("x"), "n": Number(1)}, {"a": Text("y"), "n": Number(2)}).attributes == {"a", "n"}


def test_items_that_change_after_they_were_compared_show_it() -> None:
    """They must not; nothing breaks if they do."""
    old: Any = {"a": {"N": "1"}, "b": {"L": [{"N": "1"}]}}
    new: Any = {"a": {"N": "2"}, "b": {"L": [{"N": "2"}]}}
    found = diff_images(old, new)
    new["a"]["N"] = "x"
    new["b"]["L"].clear()
    assert found.attributes == {"a", "b"}
    assert isinstance(caught(lambda: found.changed), UnmarshallError)
    assert caught(lambda: found.apply({"a": 1, "b": [1]})).path == ("new_image", "a", "N")
