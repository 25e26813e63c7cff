"""install() makes boto3's own classes fast in place, uninstall() gives them back, and nobody else's work is touched."""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import subprocess
import sys
import threading
import types
import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import boto3
import pytest
from boto3.dynamodb import types as boto3_types

from tailrace import TailraceError, dropin
from tailrace.dropin import internals
from tests.reference.outcome import form

CLASSES = {"TypeDeserializer": "deserialize", "TypeSerializer": "serialize"}
LONG = "1" + "0" * 100


def methods() -> dict[tuple[str, str], Any]:
    return {(cls, name): value for cls in CLASSES for name, value in vars(getattr(boto3_types, cls)).items()}


@pytest.fixture(autouse=True)
def boto3_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test begins with boto3's own methods, and leaves them."""
    monkeypatch.delenv("TAILRACE_DISABLE", raising=False)
    before = methods()
    yield
    assert dropin.uninstall()
    assert methods() == before
    assert all(methods()[key] is value for key, value in before.items())


def is_fast() -> bool:
    """boto3 refuses this number for its spelling; tailrace reads it."""
    try:
        return form(boto3_types.TypeDeserializer().deserialize({"N": LONG})) == form(Decimal(LONG))
    except ArithmeticError:
        return False


def test_it_replaces_two_methods_and_nothing_else() -> None:
    before = methods()
    assert not is_fast()
    assert dropin.install() is True
    assert is_fast()
    changed = {key for key, value in methods().items() if value is not before[key]}
    assert changed == set(CLASSES.items())
    assert {type(methods()[key]).__name__ for key in changed} == {"method_descriptor"}


def test_it_may_be_called_again_and_so_may_its_opposite() -> None:
    assert dropin.install()
    after = methods()
    assert dropin.install()
    assert methods() == after
    assert dropin.uninstall()
    assert dropin.uninstall()
    assert not is_fast()
    assert dropin.install()
    assert is_fast()


def test_uninstall_without_install_is_fine() -> None:
    assert dropin.uninstall() is True


def test_names_instances_and_bound_methods_from_before_are_fast_and_slow_again() -> None:
    cls, instance = boto3_types.TypeDeserializer, boto3_types.TypeDeserializer()
    bound = instance.deserialize
    assert dropin.install()
    assert cls().deserialize({"N": LONG}) == instance.deserialize({"N": LONG}) == Decimal(LONG)
    # A bound method is a pair made before: it stays the method it was bound to.
    with pytest.raises(ArithmeticError):
        bound({"N": LONG})
    assert dropin.uninstall()
    for read in (cls().deserialize, instance.deserialize):
        with pytest.raises(ArithmeticError):
            read({"N": LONG})


class FloatDeserializer(boto3_types.TypeDeserializer):
    """Defined before install(), as users' classes are."""

    def _deserialize_n(self, value: str) -> Any:
        return float(value)


class TracingDeserializer(boto3_types.TypeDeserializer):
    seen = 0

    def deserialize(self, value: Any) -> Any:
        type(self).seen += 1
        return super().deserialize(value)


class FloatSerializer(boto3_types.TypeSerializer):
    def _is_number(self, value: Any) -> bool:
        return isinstance(value, float) or super()._is_number(value)

    def _serialize_n(self, value: Any) -> str:
        return super()._serialize_n(Decimal(repr(value)) if isinstance(value, float) else value)


def test_subclasses_from_before_keep_their_hooks() -> None:
    value = {"M": {"a": {"L": [{"N": "0.1"}, {"NS": ["1"]}]}}}
    for _ in (dropin.install, dropin.uninstall):
        assert form(FloatDeserializer().deserialize(value)) == form({"a": [0.1, {1.0}]})
        TracingDeserializer.seen = 0
        TracingDeserializer().deserialize(value)
        assert TracingDeserializer.seen == 4
        assert FloatSerializer().serialize({"a": [0.1]}) == {"M": {"a": {"L": [{"N": "0.1"}]}}}
        _()


def test_a_subclass_that_took_boto3s_function_keeps_it() -> None:
    """What was copied out of the class is no part of it."""
    original = boto3_types.TypeDeserializer.deserialize
    assert dropin.install()
    assert original(boto3_types.TypeDeserializer(), {"S": "x"}) == "x"
    with pytest.raises(ArithmeticError):
        original(boto3_types.TypeDeserializer(), {"N": LONG})


def test_resources_made_before_are_fast() -> None:
    """The resource's injector holds an instance and looks its method up for each answer."""
    resource = boto3.resource("dynamodb", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    client = resource.meta.client
    model = client.meta.service_model.operation_model("GetItem")

    def read() -> Any:
        parsed = {"Item": {"n": {"N": LONG}}}
        client.meta.events.emit(
            "after-call.dynamodb.GetItem", http_response=None, parsed=parsed, model=model, context={}
        )
        return parsed["Item"]

    with pytest.raises(ArithmeticError):
        read()
    assert dropin.install()
    assert form(read()) == form({"n": Decimal(LONG)})


@pytest.mark.parametrize("word", ["1", "true", "yes", "on", " 1 ", "anything"])
def test_the_environment_turns_it_off(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    before = methods()
    monkeypatch.setenv("TAILRACE_DISABLE", word)
    assert dropin.install() is False
    assert methods() == before


@pytest.mark.parametrize("word", ["", "0", "false", "No", "off"])
def test_words_that_do_not_turn_it_off(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("TAILRACE_DISABLE", word)
    assert dropin.install() is True


def test_turned_off_it_does_not_even_import_boto3() -> None:
    code = "import sys; from tailrace import dropin; assert not dropin.install(); assert 'boto3' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "TAILRACE_DISABLE": "1"})


def test_it_imports_boto3_itself() -> None:
    code = """
import sys, tailrace
assert tailrace.dropin.install()
assert "boto3.dynamodb.types" in sys.modules
assert tailrace.dropin.uninstall()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_boto3_it_says_so() -> None:
    code = """
import sys
sys.modules["boto3"] = None
from tailrace import dropin
try:
    dropin.install()
except ImportError as error:
    print(error)
assert dropin.uninstall()
"""
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "pip install boto3" in run.stdout


# --- Somebody else's patches ---


@pytest.fixture
def patched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Patches boto3's classes as users do, and takes that back before boto3 is looked at."""
    with monkeypatch.context() as context:
        yield lambda cls, name, value: context.setattr(getattr(boto3_types, cls), name, value, raising=False)


def test_a_hook_patched_in_before_is_called(patched: Callable[..., None]) -> None:
    patched("TypeDeserializer", "_deserialize_n", lambda self, value: f"<{value}>")
    patched("TypeSerializer", "_serialize_s", lambda self, value: value.upper())
    assert dropin.install()
    assert boto3_types.TypeDeserializer().deserialize({"L": [{"N": "1"}, {"NS": ["2"]}]}) == ["<1>", {"<2>"}]
    assert boto3_types.TypeSerializer().serialize(["a"]) == {"L": [{"S": "A"}]}


def test_a_hook_patched_in_before_and_taken_out_later(patched: Callable[..., None]) -> None:
    original = boto3_types.TypeDeserializer._deserialize_n
    patched("TypeDeserializer", "_deserialize_n", lambda self, value: f"<{value}>")
    assert dropin.install()
    patched("TypeDeserializer", "_deserialize_n", original)
    assert form(boto3_types.TypeDeserializer().deserialize({"L": [{"N": "1"}]})) == form([Decimal(1)])


def test_a_wrapper_that_calls_itself_by_the_wrapped_name_is_somebodys(patched: Callable[..., None]) -> None:
    """functools.wraps gives the wrapper boto3's module and name; its globals give it away."""
    original = boto3_types.TypeDeserializer._deserialize_n

    @functools.wraps(original)
    def wrapper(self: Any, value: Any) -> Any:
        return [original(self, value)]

    assert wrapper.__module__ == "boto3.dynamodb.types"
    patched("TypeDeserializer", "_deserialize_n", wrapper)
    assert dropin.install()
    assert boto3_types.TypeDeserializer().deserialize({"N": "1"}) == [Decimal(1)]


@pytest.mark.parametrize("cls", CLASSES)
def test_a_method_somebody_replaced_before_is_left_alone_and_said_so(patched: Callable[..., None], cls: str) -> None:
    name = CLASSES[cls]
    original = getattr(getattr(boto3_types, cls), name)

    def theirs(self: Any, value: Any) -> Any:
        return ("theirs", original(self, value))

    patched(cls, name, theirs)
    with pytest.warns(RuntimeWarning, match=f"{cls}.{name} was replaced by somebody before") as caught:
        assert dropin.install() is False
    assert caught[0].filename == __file__
    assert vars(getattr(boto3_types, cls))[name] is theirs
    (other,) = set(CLASSES) - {cls}
    assert type(vars(getattr(boto3_types, other))[CLASSES[other]]).__name__ == "method_descriptor"


@pytest.mark.parametrize("cls", CLASSES)
def test_a_method_somebody_put_over_ours_is_left_alone_and_said_so(cls: str) -> None:
    name, owner = CLASSES[cls], getattr(boto3_types, cls)
    assert dropin.install()
    ours = vars(owner)[name]
    theirs = functools.partialmethod(ours)
    setattr(owner, name, theirs)
    # Over ours it is as fast as ours, and there is nothing to say.
    assert dropin.install() is True
    with pytest.warns(RuntimeWarning, match=f"{cls}.{name} was replaced by somebody since") as caught:
        assert dropin.uninstall() is False
    assert caught[0].filename == __file__
    assert vars(owner)[name] is theirs
    setattr(owner, name, ours)
    # When theirs is gone ours can go too.
    assert dropin.uninstall() is True


def test_somebody_who_put_boto3s_method_back_himself() -> None:
    original = boto3_types.TypeDeserializer.deserialize
    assert dropin.install()
    boto3_types.TypeDeserializer.deserialize = original
    assert not is_fast()
    assert dropin.install()
    assert is_fast()
    boto3_types.TypeDeserializer.deserialize = original
    assert dropin.uninstall()


# --- A boto3 that tailrace does not know ---


def boto3s(source: str) -> Any:
    """A function as a newer boto3 might have it: defined in boto3's module."""
    code = compile(source, boto3_types.__file__, "exec")
    function = next(constant for constant in code.co_consts if isinstance(constant, types.CodeType))
    return types.FunctionType(function, vars(boto3_types))


CHANGED = {
    ("TypeDeserializer", "_deserialize_n"): "def f(self, value): return Decimal(value)",
    ("TypeDeserializer", "deserialize"): "def f(self, value): return getattr(self, '_read_' + value)()",
    ("TypeDeserializer", "_deserialize_b"): "def f(self, value): return Binary(value, 'copied')",
    ("TypeDeserializer", "_deserialize_l"): "def f(self, value, depth=0): return [self.deserialize(v) for v in value]",
    ("TypeDeserializer", "_deserialize_vector"): "def f(self, value): return tuple(value)",
    ("TypeDeserializer", "__getattr__"): "def f(self, name): return None",
    ("TypeSerializer", "_is_number"): "def f(self, value): return isinstance(value, (int, Decimal, float))",
    ("TypeSerializer", "_serialize_m"): "def f(self, value): return {k: self.serialize(v) for k, v in value.entries()}",
    ("TypeSerializer", "_serialize_n"): "def f(self, value): return str(DYNAMODB_CONTEXT.create_decimal(value))",
}


@pytest.mark.parametrize("method", CHANGED, ids=".".join)
def test_a_method_of_boto3s_that_is_not_known_is_refused(patched: Callable[..., None], method: tuple[str, str]) -> None:
    patched(*method, boto3s(CHANGED[method]))
    before = methods()
    with pytest.raises(TailraceError) as caught:
        dropin.install()
    assert ".".join(method) in str(caught.value)
    assert f"boto3 {boto3.__version__}" in str(caught.value)
    assert methods() == before


def test_a_method_that_is_missing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as context:
        context.delattr(boto3_types.TypeSerializer, "_is_set")
        with pytest.raises(TailraceError, match=r"TypeSerializer._is_set is missing"):
            dropin.install()
        assert not is_fast()


def test_another_class_in_the_place_of_boto3s_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for other in (FloatDeserializer, type("TypeDeserializer", (boto3_types.TypeDeserializer,), {}), dict):
        with monkeypatch.context() as context:
            context.setattr(boto3_types, "TypeDeserializer", other)
            with pytest.raises(TailraceError, match="is not the class that tailrace knows"):
                dropin.install()


def test_every_method_of_boto3s_is_known_and_no_other() -> None:
    for cls, known in internals.KNOWN.items():
        own = internals.own_methods(getattr(boto3_types, cls), vars(boto3_types))
        assert set(own) == set(known)
        assert {name: internals.fingerprint(function) for name, function in own.items()} == known


def test_a_docstring_is_no_part_of_a_method() -> None:
    one = boto3s("def f(self, value):\n    'Reads it.'\n    return Binary(value)")
    other = boto3s("def f(self, value):\n    return Binary(value)")
    assert internals.fingerprint(one) == internals.fingerprint(other) == "(self, value) Binary"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def f(self, *, value=1): return [x.a for x in value if x in ('p', 'q')]", "(self, value) 'p' 'q' a"),
        ("def f(): return (lambda v: g(v, 's'))(1)", "() 's' g"),
        ("def f(x): return {k: f'{k} is {v!r}' for k, v in x.items()}", "(x) ' is ' items"),
        ("def f(x): return x in {'a', 'b'}", "(x) 'a' 'b'"),
    ],
)
def test_a_fingerprint_has_the_words_of_a_function_and_of_what_is_in_it(source: str, words: str) -> None:
    assert internals.fingerprint(boto3s(source)) == words


# --- Threads ---


def test_threads_that_install_uninstall_and_read_at_once() -> None:
    """Whoever reads gets boto3's value or, for the long number, one of the two answers; in the end all is as before."""
    original = vars(boto3_types.TypeDeserializer)["deserialize"]
    errors: list[BaseException] = []
    stop = threading.Event()

    def guarded(work: Callable[[], Any]) -> None:
        try:
            while not stop.is_set():
                work()
        except BaseException as error:  # noqa: BLE001 - shown in the end
            errors.append(error)
            stop.set()

    def read() -> None:
        value = {"M": {"a": {"L": [{"N": "1.50"}, {"NS": ["1", "2"]}]}}}
        assert form(boto3_types.TypeDeserializer().deserialize(value)) == form(
            {"a": [Decimal("1.50"), {Decimal(1), Decimal(2)}]}
        )
        assert boto3_types.TypeSerializer().serialize([1]) == {"L": [{"N": "1"}]}
        with contextlib.suppress(ArithmeticError):
            assert boto3_types.TypeDeserializer().deserialize({"N": LONG}) == Decimal(LONG)

    work = [dropin.install, dropin.uninstall, dropin.install, dropin.uninstall, read, read, read, read]
    threads = [threading.Thread(target=guarded, args=(each,)) for each in work]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        stop.wait(0.5)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(before)
    assert not errors
    assert dropin.uninstall()
    assert vars(boto3_types.TypeDeserializer)["deserialize"] is original


def test_a_module_loaded_anew_can_be_made_fast_too() -> None:
    """importlib.reload makes new classes; the old ones get their own methods back as well."""
    old = boto3_types.TypeDeserializer
    names = dict(vars(boto3_types))
    try:
        assert dropin.install()
        importlib.reload(boto3_types)
        assert boto3_types.TypeDeserializer is not old
        assert not is_fast()
        assert dropin.install()
        assert is_fast()
        assert dropin.uninstall()
        assert not is_fast()
        assert isinstance(vars(old)["deserialize"], types.FunctionType)
    finally:
        vars(boto3_types).update(names)


def test_no_warning_without_a_reason() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dropin.install()
        assert dropin.install()
        assert dropin.uninstall()
