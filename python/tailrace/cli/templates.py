"""Templates and what the AWS CLI prints, as files of the command line."""

from __future__ import annotations

from contextlib import contextmanager

from tailrace.cli.reading import InputError
from tailrace.doctor import TemplateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["template_errors"]


@contextmanager
def template_errors(name: str) -> Iterator[None]:
    """Say of which file a text is that is neither YAML nor JSON.

    Args:
        name: what to call the file.

    Raises:
        InputError: it is neither.
    """
    try:
        yield
    except TemplateError as error:
        raise InputError(name, error.message, line=error.line) from None
