"""Settings from the environment: read once at the cold start, all mistakes told at once."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from tailrace.exceptions import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["PREFIX", "Setting", "Settings"]

PREFIX = "TAILRACE_"
# Read by other parts of tailrace, whatever the pattern.
_ELSEWHERE = {"TAILRACE_DISABLE"}


class Setting(NamedTuple):
    """One variable of the environment.

    ``variable`` is its name, ``option`` the keyword that gets its value, ``read`` makes the value of the text or
    raises a ValueError that says what would be right, and ``about`` is its line in the documentation. The text of one
    that ``is_secret`` is never told in a message.
    """

    variable: str
    option: str
    read: Callable[[str], Any]
    about: str
    is_secret: bool = False
    is_required: bool = False


class Settings:
    """The variables of one environment, and the mistakes in them.

    Args:
        environ: name to text; empty texts count as not set.

    Example:
        >>> from tailrace.patterns.readers import whole
        >>> settings = Settings({"TAILRACE_WORKERS": "many", "TAILRACE_WROKERS": "4"})
        >>> settings.values([Setting("TAILRACE_WORKERS", "workers", whole(1, 100), "calls under way together")])
        {}
        >>> settings.finish()
        Traceback (most recent call last):
        tailrace.exceptions.SettingsError: 2 settings are wrong:
        - TAILRACE_WORKERS='many': a whole number from 1 to 100
        - TAILRACE_WROKERS is no setting: did you mean TAILRACE_WORKERS?
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._texts = {name: text.strip() for name, text in environ.items() if name.startswith(PREFIX) and text.strip()}
        self._known: set[str] = set(_ELSEWHERE)
        self._mistakes: list[str] = []

    def values(self, settings: Iterable[Setting]) -> dict[str, Any]:
        """The values of the settings that are there and right, by their options."""
        found: dict[str, Any] = {}
        for setting in settings:
            self._known.add(setting.variable)
            text = self._texts.get(setting.variable)
            if text is not None:
                self._read(setting, text, found)
            elif setting.is_required:
                self.mistake(f"{setting.variable} is not set: {setting.about}")
        return found

    def mistake(self, text: str) -> None:
        """Remember a mistake."""
        self._mistakes.append(text)

    def foreign(self, settings: Iterable[Setting], reason: str) -> None:
        """Settings that exist and mean nothing here: one that is set is a mistake, for its author expects an effect."""
        for setting in settings:
            if setting.variable not in self._known and setting.variable in self._texts:
                self._known.add(setting.variable)
                self.mistake(f"{setting.variable} {reason}")

    def finish(self) -> None:
        """Raise what is wrong.

        Raises:
            SettingsError: there are mistakes, or variables that begin like ours and are none.
        """
        for name in sorted(set(self._texts) - self._known):
            near = difflib.get_close_matches(name, self._known, n=1, cutoff=0.8)
            self.mistake(f"{name} is no setting" + (f": did you mean {near[0]}?" if near else " of this pattern"))
        if self._mistakes:
            raise SettingsError(self._mistakes)

    def _read(self, setting: Setting, text: str, found: dict[str, Any]) -> None:
        try:
            found[setting.option] = setting.read(text)
        except ValueError as error:
            told = setting.variable if setting.is_secret else f"{setting.variable}={text!r}"
            self.mistake(f"{told}: {error}")
