"""The doctor."""

from typing_extensions import reveal_type

from tailrace import StreamHandler
from tailrace.doctor import (
    Finding,
    FoundCriteria,
    FoundMapping,
    FoundPattern,
    TemplateError,
    Unresolved,
    check_mapping,
    criteria_in,
    mappings_in,
    mappings_of_function,
)

found: list[FoundMapping] = [*mappings_in("{}"), *mappings_of_function("orders")]
reveal_type(found[0].settings)  # -> dict[str, object]
findings: list[Finding] = check_mapping(found[0].settings, report=StreamHandler().report)
reveal_type(findings[0].severity)  # -> Literal['error'] | Literal['warning']
criteria: FoundCriteria = criteria_in("")[0]
pattern: FoundPattern = criteria.patterns[0]
reveal_type(TemplateError("no YAML", line=1).line)  # -> int | None
text: str = Unresolved("!Ref X")
check_mapping({}, report="whole")  # error: arg-type
mappings_in(b"{}")  # error: arg-type
