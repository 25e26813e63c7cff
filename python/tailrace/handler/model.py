"""``model=`` of a route: images as objects of a user's own class."""

from __future__ import annotations

from operator import attrgetter

from tailrace.exceptions import ModelError, Quarantine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any, Generic, Literal, Protocol, TypeVar

    from tailrace._core import ImageDiff, Record
    from tailrace.types import EventName, Image, StreamViewType, UserIdentity

    Image_co = TypeVar("Image_co", covariant=True)

    class Validator(Protocol[Image_co]):
        """What a TypeAdapter of pydantic is."""

        def validate_python(self, object: Any, /) -> Image_co:  # noqa: A002  pydantic's own name
            """Make an object of an image, or raise."""
            ...

    ImageName = Literal["new_image", "old_image"]
else:
    from types import GenericAlias

    Image_co = None

    class Generic:
        """At runtime, what makes ``TypedRecord[Order]`` something that can be written."""

        __slots__ = ()
        __class_getitem__ = classmethod(GenericAlias)


__all__ = ["Model", "TypedRecord", "model_of"]

_MOST_DETAILS = 10


class TypedRecord(Generic[Image_co]):
    """A Record whose images are objects of the class that ``model=`` names: what the handler of such a route gets.

    All else is as of ``Record``, which itself is ``record``. The new image, or the old one of a change that has no
    other, is made before the handler is called; the other when it is read, and then kept.

    Args:
        record: the Record.
        model: makes an object of an image.

    Example:
        >>> from dataclasses import dataclass
        >>> from tailrace import StreamHandler, TypedRecord
        >>> from tailrace.testing import make_event
        >>> @dataclass
        ... class Customer:
        ...     id: str
        ...     plan: str = "free"
        >>> app = StreamHandler()
        >>> @app.insert(model=Customer)
        ... def welcome(record: TypedRecord[Customer]) -> None:
        ...     print(record.event_name, record.new_image)
        >>> app(make_event([{"id": "a", "plan": "gold"}]))
        INSERT Customer(id='a', plan='gold')
        {'batchItemFailures': []}
    """

    __slots__ = ("_model", "_new_image", "_old_image", "record")

    record: Record

    if TYPE_CHECKING:
        event_id: str | None
        event_name: EventName | str | None
        event_source_arn: str | None
        table_name: str | None
        aws_region: str | None
        sequence_number: str | None
        stream_view_type: StreamViewType | str | None
        size_bytes: int | None
        approximate_creation_time: datetime | None
        user_identity: UserIdentity | None
        is_ttl_delete: bool
        keys: dict[str, Any]
        diff: ImageDiff | None
        item_key: bytes

        def changed(self, path: str | tuple[str | int, ...], *, old: Any = ..., new: Any = ...) -> bool:
            """As of ``Record``: of the image as it came, whatever the model makes of it."""

        def attribute_values(self, image: Literal["keys", "new_image", "old_image"]) -> Image | None:
            """As of ``Record``."""

        def to_dict(self) -> dict[str, Any]:
            """As of ``Record``."""

    def __init__(self, record: Record, model: Model[Image_co]) -> None:
        self.record = record
        self._model = model
        self._new_image = self._old_image = _UNREAD

    @property
    def new_image(self) -> Image_co | None:
        """The item after the change; None when the record does not carry it. Raises ModelError when it is no such."""
        if self._new_image is _UNREAD:
            self._new_image = self._model.read(self.record, "new_image")
        made: Image_co | None = self._new_image
        return made

    @property
    def old_image(self) -> Image_co | None:
        """The item before the change, likewise."""
        if self._old_image is _UNREAD:
            self._old_image = self._model.read(self.record, "old_image")
        made: Image_co | None = self._old_image
        return made

    def __eq__(self, other: object) -> bool:
        return self.record == other.record if isinstance(other, TypedRecord) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.record)

    def __repr__(self) -> str:
        return f"TypedRecord({self.record!r})"


_UNREAD: Any = object()
_SAME_AS_OF_RECORD = (
    "approximate_creation_time", "attribute_values", "aws_region", "changed", "diff", "event_id", "event_name",
    "event_source_arn", "is_ttl_delete", "item_key", "keys", "sequence_number", "size_bytes", "stream_view_type",
    "table_name", "to_dict", "user_identity",
)  # fmt: skip
for _name in _SAME_AS_OF_RECORD:
    setattr(TypedRecord, _name, property(attrgetter(f"record.{_name}"), doc="As of ``Record``."))


class Model(Generic[Image_co]):
    """Makes objects of images.

    Args:
        make: makes one.
        name: what it is called in errors.
    """

    __slots__ = ("_make", "name")

    def __init__(self, make: Callable[[dict[str, Any]], Image_co], name: str) -> None:
        self._make = make
        self.name = name

    def typed(self, record: Record) -> TypedRecord[Image_co]:
        """The record with objects as images, of which the one that it tells of is made at once."""
        typed = TypedRecord(record, self)
        if typed.new_image is None:
            typed.old_image  # noqa: B018
        return typed

    def read(self, record: Record, image: ImageName) -> Image_co | None:
        """The object of an image, or None when the record does not carry it.

        Raises:
            ModelError: the model does not take it; values of the item are not in there, whatever its own error says.
            UnmarshallError: the image is broken.
        """
        item = record.new_image if image == "new_image" else record.old_image
        if item is None:
            return None
        try:
            made = self._make(item)
        except Quarantine:
            raise
        except Exception as error:  # noqa: BLE001  whatever it raises, the image is not what the route takes
            refused, where = self._refusal(record, image, error), error.__traceback__
        else:
            if not hasattr(made, "__await__"):
                return made
            refused, where = self._error(record, image, "it returned something that has to be awaited"), None
        # Out of the except clause: the error itself quotes values, and logs print what an error was raised in.
        raise refused.with_traceback(where)

    def _refusal(self, record: Record, image: ImageName, error: Exception) -> ModelError:
        if isinstance(error, ModelError):
            return self._error(record, image, error.message)
        details = _details(error)
        return self._error(record, image, f"{type(error).__name__}{details and f' at {details}'}")

    def _error(self, record: Record, image: ImageName, why: str) -> ModelError:
        text = f"{image} is not what model={self.name} takes: {why}"
        return ModelError(text, path=(image,), sequence_number=record.sequence_number)


def model_of(model: Any) -> Model[Any] | None:
    """What ``model=`` makes objects with.

    Args:
        model: a pydantic model or TypeAdapter, a dataclass, or anything that is called with a dict; None for none.

    Raises:
        TypeError: it is none of these.
    """
    if model is None:
        return None
    make = _maker(model)
    if not callable(make):
        raise TypeError(f"model= takes a pydantic model, a dataclass or a function of a dict, not {model!r}")
    return Model(make, getattr(model, "__qualname__", type(model).__qualname__))


def _maker(model: Any) -> Any:
    if isinstance(model, type):
        for name in ("model_validate", "parse_obj"):  # pydantic 2 and 1
            if hasattr(model, name):
                return getattr(model, name)
        if hasattr(model, "__pydantic_validator__"):  # a dataclass of pydantic, which knows aliases
            return model.__pydantic_validator__.validate_python
        if hasattr(model, "__dataclass_fields__"):
            return _dataclass_maker(model)
    return getattr(model, "validate_python", model)


def _dataclass_maker(model: Any) -> Callable[[dict[str, Any]], Any]:
    """Gives the class the attributes that are its fields; what else the item has is left out."""
    from dataclasses import MISSING, fields

    taken = [field for field in fields(model) if field.init]
    required = [field.name for field in taken if field.default is MISSING and field.default_factory is MISSING]
    names = [field.name for field in taken]

    def make(item: dict[str, Any]) -> Any:
        missing = [name for name in required if name not in item]
        if missing:
            raise ModelError(f"{', '.join(missing)} missing")
        return model(**{name: item[name] for name in names if name in item})

    return make


def _details(error: Any) -> str:
    """Where a pydantic error found what, without its texts, which quote values; "" for an error of another kind."""
    try:
        return ", ".join(_detail(each["loc"], each["type"]) for each in _errors(error)[:_MOST_DETAILS])
    except Exception:  # noqa: BLE001  it is another's error, and may have anything by these names
        return ""


def _errors(error: Any) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = error.errors(include_url=False, include_input=False, include_context=False)
    except TypeError:  # pydantic 1
        found = error.errors()
    return found


def _detail(path: tuple[str | int, ...], kind: str) -> str:
    return f"{'.'.join(map(str, path))} ({kind})" if path else f"({kind})"
