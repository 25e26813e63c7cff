"""diff, diff_images, and the ImageDiff that they, a Record and a Batch give."""

from decimal import Decimal
from types import MappingProxyType

from typing_extensions import reveal_type

from tailrace import Batch, ImageDiff, Record, diff, diff_images

reveal_type(diff({"a": 1}, {"a": 2}))  # -> ImageDiff
reveal_type(diff(None, MappingProxyType({"a": 1}), lists="whole"))  # -> ImageDiff
reveal_type(diff({}, {}, ignore="updatedAt", only=["a", ("b", 0)], mask={("c", "d")}))  # -> ImageDiff
diff({})  # error: call-arg
diff([], {})  # error: arg-type
diff(b"{}", {})  # error: arg-type
diff({}, {}, "whole")  # error: call-arg
diff({}, {}, lists="by key")  # error: arg-type
diff({}, {}, ignore=5)  # error: arg-type
diff({}, {}, only=[5])  # error: list-item
diff({}, {}, mask=[("a", 1.0)])  # error: list-item

reveal_type(diff_images(b"{}", {"a": {"S": "x"}}))  # -> ImageDiff
reveal_type(diff_images(None, "{}", ignore=["a"], lists="positional"))  # -> ImageDiff
reveal_type(diff_images(bytearray(b"{}"), memoryview(b"{}")))  # -> ImageDiff
diff_images([], {})  # error: arg-type
diff_images({}, {}, numbers="float")  # error: call-arg


def use(found: ImageDiff) -> None:
    reveal_type(found.added)  # -> dict[tuple[str | int, ...], Any]
    reveal_type(found.removed)  # -> dict[tuple[str | int, ...], Any]
    reveal_type(found.changed)  # -> dict[tuple[str | int, ...], tuple[Any, Any]]
    reveal_type(found.changed[("a",)])  # -> tuple[Any, Any]
    reveal_type(found.attributes)  # -> frozenset[str]
    reveal_type(found.old_item)  # -> dict[str, Any] | None
    reveal_type(found.new_item)  # -> dict[str, Any] | None
    reveal_type(found.apply({"a": Decimal(1)}))  # -> dict[str, Any] | None
    reveal_type(found.revert(None))  # -> dict[str, Any] | None
    reveal_type(found.to_dict())  # -> dict[str, Any]
    reveal_type(found.to_json_patch(test=True))  # -> list[dict[str, Any]]
    reveal_type(found.to_update_expression(keys=("id",), guard=True, values="attribute-values"))  # -> dict[str, Any]
    reveal_type(found.to_update_expression(keys="id"))  # -> dict[str, Any]
    reveal_type(found.render(color=True))  # -> str
    reveal_type(len(found))  # -> int
    reveal_type(bool(found))  # -> bool
    reveal_type(found == diff({}, {}))  # -> bool
    found.apply([])  # error: arg-type
    found.to_update_expression(("id",))  # error: call-arg
    found.to_update_expression(values="wire")  # error: arg-type
    found.added = {}  # error: misc
    found.changed.get("a")  # error: call-overload
    for change in found:
        reveal_type(change)  # -> Change
        reveal_type(change.path)  # -> tuple[str | int, ...]
        reveal_type(change.kind)  # -> Literal['added'] | Literal['removed'] | Literal['changed']
        reveal_type(change.old)  # -> Any
        reveal_type(change.new)  # -> Any
        reveal_type(change.masked)  # -> bool
        reveal_type(hash(change))  # -> int
        if change.kind == "inserted":  # error: comparison-overlap
            pass


def of_records(record: Record, batch: Batch) -> None:
    reveal_type(record.diff)  # -> ImageDiff | None
    reveal_type(batch.diffs())  # -> list[ImageDiff | None]
    record.diff.render()  # error: union-attr
    reveal_type(record.changed("status"))  # -> bool
    reveal_type(record.changed(("address", "lines", 0), old=None, new=...))  # -> bool
    record.changed(5)  # error: arg-type
    record.changed(["a"])  # error: arg-type
    record.changed("a", 1, 2)  # error: call-arg
    record.changed()  # error: call-arg
