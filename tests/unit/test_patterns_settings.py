"""Settings of the patterns: what each text says, and all mistakes at once."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from tailrace import FilterCriteria, SettingsError
from tailrace.patterns import readers
from tailrace.patterns.settings import Setting, Settings

NUMBER = Setting("TAILRACE_WORKERS", "workers", readers.whole(1, 100), "calls under way together")
SECRET = Setting("TAILRACE_SECRET", "secret", readers.whole(1, 2), "a secret", is_secret=True)
NEEDED = Setting("TAILRACE_TARGET", "target", readers.text, "the queue's URL", is_required=True)


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (readers.text, "any", "any"),
        (readers.whole(0, 10), "10", 10),
        (readers.whole(0, 10), "007", 7),
        (readers.word("a", "b"), "b", "b"),
        (readers.switch, "on", True),
        (readers.switch, "TRUE", True),
        (readers.switch, "off", False),
        (readers.switch, "0", False),
        (readers.names, "a", ("a",)),
        (readers.names, " a , b ", ("a", "b")),
        (readers.paths, "pin", ["pin"]),
        (readers.paths, '["pin", ["card", "number"], ["lines", 0]]', ["pin", ("card", "number"), ("lines", 0)]),
        (readers.texts, '{"a": "b"}', {"a": "b"}),
        (readers.location, "s3://bucket", ("bucket", "")),
        (readers.location, "s3://bucket/a/b/", ("bucket", "a/b/")),
    ],
)
def test_what_a_text_says(read: Any, text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "wanted"),
    [
        (readers.whole(0, 10), "11", "from 0 to 10"),
        (readers.whole(0, 10), "-1", "from 0 to 10"),
        (readers.whole(0, 10), "1.0", "from 0 to 10"),
        (readers.whole(0, 10), "١", "from 0 to 10"),
        (readers.whole(0, 10), "1" * 30, "from 0 to 10"),
        (readers.word("a", "b"), "c", "one of a, b"),
        (readers.switch, "perhaps", "on or off"),
        (readers.names, "a,,b", "commas"),
        (readers.paths, '["a"', "JSON array"),
        (readers.paths, "[", "JSON array"),
        (readers.texts, '{"a": 1}', "text to text"),
        (readers.texts, "[]", "text to text"),
        (readers.texts, "{", "text to text"),
        (readers.location, "bucket/prefix", "s3://bucket/prefix"),
        (readers.location, "s3:///prefix", "s3://bucket/prefix"),
        (readers.filters, '{"eventName": [{"perfix": "I"}]}', "perfix"),
        (readers.filters, "[{", "Expecting"),
    ],
)
def test_what_a_text_cannot_say(read: Any, text: str, wanted: str) -> None:
    with pytest.raises(ValueError, match=wanted.replace("[", r"\[")):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"eventName": ["INSERT"]}',
        '{"Filters": [{"Pattern": "{\\"eventName\\": [\\"INSERT\\"]}"}]}',
        '[{"eventName": ["INSERT"]}]',
    ],
)
def test_filters_are_taken_in_all_their_forms(text: str) -> None:
    criteria = readers.filters(text)
    assert isinstance(criteria, FilterCriteria)
    assert criteria.matches({"eventName": "INSERT"})
    assert not criteria.matches({"eventName": "REMOVE"})


def test_values_come_by_their_options() -> None:
    settings = Settings({"TAILRACE_WORKERS": " 4 ", "TAILRACE_TARGET": "x", "PATH": "/bin", "TAILRACE_DISABLE": "1"})
    assert settings.values([NUMBER, NEEDED]) == {"workers": 4, "target": "x"}
    settings.finish()


def test_all_mistakes_are_told_at_once() -> None:
    settings = Settings(
        {"TAILRACE_WORKERS": "0", "TAILRACE_WROKERS": "4", "TAILRACE_ELSE": "x", "TAILRACE_TARGET": " "}
    )
    settings.values([NUMBER, NEEDED])
    with pytest.raises(SettingsError) as caught:
        settings.finish()
    assert caught.value.mistakes == (
        "TAILRACE_WORKERS='0': a whole number from 1 to 100",
        "TAILRACE_TARGET is not set: the queue's URL",
        "TAILRACE_ELSE is no setting of this pattern",
        "TAILRACE_WROKERS is no setting: did you mean TAILRACE_WORKERS?",
    )
    assert str(caught.value).startswith("4 settings are wrong:\n- TAILRACE_WORKERS='0'")


def test_a_setting_of_another_sink_is_a_mistake() -> None:
    settings = Settings({"TAILRACE_WORKERS": "4"})
    settings.foreign([NUMBER, NEEDED], "means nothing to sqs")
    with pytest.raises(SettingsError, match="TAILRACE_WORKERS means nothing to sqs"):
        settings.finish()


def test_a_secret_is_never_told() -> None:
    settings = Settings({"TAILRACE_SECRET": "hunter2"})
    settings.values([SECRET])
    with pytest.raises(SettingsError) as caught:
        settings.finish()
    assert "hunter2" not in str(caught.value)
    assert "TAILRACE_SECRET: a whole number" in str(caught.value)


def test_the_error_can_be_pickled() -> None:
    error = SettingsError(["a", "b"])
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 our own
    assert (again.mistakes, str(again)) == (("a", "b"), str(error))
    assert str(SettingsError(["a"])).startswith("1 setting is wrong:")
