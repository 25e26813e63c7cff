"""A ready-made function: which sinks it can have, and how its environment makes a handler of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple

from tailrace import StreamHandler
from tailrace.patterns.readers import filters, location, switch, text, whole, word
from tailrace.patterns.settings import Setting, Settings
from tailrace.patterns.targets import TARGETS, Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tailrace.sinks import Sink

__all__ = ["HANDLER", "Pattern"]

HANDLER = (
    Setting(
        "TAILRACE_FILTER",
        "where",
        filters,
        "filter patterns as JSON, of the extended dialect: other records are done at once",
    ),
    Setting(
        "TAILRACE_QUARANTINE",
        "quarantine",
        text,
        "`sqs:QUEUE_URL` or `s3://bucket/prefix`: where records that can never be stored are put, and the stream goes on",
    ),
    Setting(
        "TAILRACE_REPORT",
        "report",
        word("partial", "raise"),
        "`partial` (default) with ReportBatchItemFailures, `raise` without",
    ),
    Setting(
        "TAILRACE_DEADLINE_MARGIN_MS",
        "deadline_margin_ms",
        whole(0, 840_000),
        "milliseconds before the function's timeout at which no call is begun any more; 2000",
    ),
    Setting(
        "TAILRACE_METRICS_NAMESPACE",
        "metrics",
        text,
        "CloudWatch namespace for metrics in the log (EMF); without it none are written",
    ),
    Setting(
        "TAILRACE_RAW_EVENTS",
        "raw_events",
        switch,
        "`on` (default): the event is taken as bytes, and no dicts are made of it",
    ),
)
"""What every pattern takes, whatever its sink."""


class Pattern(NamedTuple):
    """One ready-made function.

    ``words`` are the sinks it can have, the first is taken where the environment does not say. ``defaults`` are options
    of a sink, by its word, that differ from the sink's own.
    """

    name: str
    words: tuple[str, ...]
    defaults: Mapping[str, Mapping[str, Any]] = {}

    def handler(self, environ: Mapping[str, str] | None = None) -> StreamHandler:
        """The handler that the environment describes.

        Raises:
            SettingsError: something is wrong with it; it tells all mistakes.
        """
        settings = Settings(os.environ if environ is None else environ)
        options = settings.values(HANDLER)
        quarantine = _quarantine(options.pop("quarantine", None), settings)
        sink = self._sink(settings, quarantine)
        settings.finish()
        if options.pop("raw_events", True):
            _enable_raw_events()
        return _handler(sink, quarantine, options)

    def sink(self, environ: Mapping[str, str] | None = None) -> Sink:
        """The sink of that handler, for a backfill.

        Raises:
            SettingsError: something is wrong with the environment; it tells all mistakes.
        """
        settings = Settings(os.environ if environ is None else environ)
        options = settings.values(HANDLER)
        sink = self._sink(settings, _quarantine(options.get("quarantine"), settings))
        settings.finish()
        return sink

    def attributes(self, module: str) -> Callable[[str], Any]:
        """``__getattr__`` of the pattern's module: its handler and sink are made when they are first asked for."""
        make: dict[str, Callable[[], Any]] = {"handler": self.handler, "sink": self.sink}

        def get(name: str) -> Any:
            if name not in make:
                raise AttributeError(f"module {module!r} has no attribute {name!r}")
            value = make[name]()
            setattr(sys.modules[module], name, value)
            return value

        return get

    def target_setting(self) -> Setting:
        """The variable that chooses the sink."""
        first = f"; `{self.words[0]}` where it is not set" if len(self.words) > 1 else " (default)"
        listed = ", ".join(f"`{each}`" for each in self.words)
        return Setting("TAILRACE_SINK", "sink", word(*self.words), f"{listed}{first}")

    def _sink(self, settings: Settings, quarantine: Any) -> Any:
        chosen = settings.values([self.target_setting()]).get("sink", self.words[0])
        target = TARGETS[chosen]
        options = settings.values(target.all_settings())
        _tell_foreign(settings, target)
        options = {**self.defaults.get(chosen, {}), **options}
        if quarantine is not None:
            options["quarantine"] = quarantine
        return _made(settings, f"TAILRACE_SINK={chosen}", lambda: target.make(options, settings))


def _tell_foreign(settings: Settings, target: Target) -> None:
    for other in TARGETS.values():
        settings.foreign(other.all_settings(), f"means nothing to {target.word}")


def _quarantine(told: str | None, settings: Settings) -> Any:
    if told is None:
        return None
    from tailrace import sinks

    if told.startswith("sqs:"):
        return _made(settings, "TAILRACE_QUARANTINE", lambda: sinks.SqsQuarantine(told[len("sqs:") :]))

    def in_s3() -> Any:
        bucket, prefix = location(told)
        return sinks.S3Quarantine(bucket, prefix=prefix)

    return _made(settings, "TAILRACE_QUARANTINE", in_s3)


def _made(settings: Settings, what: str, make: Callable[[], Any]) -> Any:
    """What is made, or None and the mistake that its constructor tells."""
    try:
        return make()
    except (ValueError, TypeError, ImportError) as error:
        settings.mistake(f"{what}: {error}")
        return None


def _handler(sink: Any, quarantine: Any, options: dict[str, Any]) -> StreamHandler:
    where = options.pop("where", None)
    namespace = options.pop("metrics", None)
    if namespace is not None:
        from tailrace.metrics import EmfMetrics

        options["metrics"] = EmfMetrics(namespace)
    app = StreamHandler(quarantine=quarantine, **options)
    app.sink(sink, where=where)
    return app


def _enable_raw_events() -> None:
    from tailrace.aws_lambda import enable_raw_events

    enable_raw_events()
