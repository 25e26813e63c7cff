"""FilterCriteria, and what a Batch makes of it."""

from typing_extensions import reveal_type

from tailrace import Batch, Explanation, FilterCriteria, FilterPatternError, LintWarning, filters

batch = Batch.from_event(b"[]")
criteria = FilterCriteria({"eventName": ["MODIFY"]}, dialect="extended", max_filters=10)
reveal_type(criteria)  # -> FilterCriteria
reveal_type(criteria.matches(b"{}"))  # -> bool
reveal_type(criteria.matches({}))  # -> bool
reveal_type(criteria.dialect)  # -> Literal['lambda'] | Literal['eventbridge'] | Literal['extended']
reveal_type(criteria.patterns)  # -> tuple[str, ...]
reveal_type(criteria.to_lambda())  # -> dict[str, list[dict[str, str]]]
reveal_type(len(criteria))  # -> int
reveal_type(batch.matches(criteria))  # -> list[bool]
reveal_type(batch.select(criteria))  # -> Batch
FilterCriteria([], dialect="ruler")  # error: arg-type
FilterCriteria([], "lambda")  # error: call-arg
batch.select({"eventName": ["MODIFY"]})  # error: arg-type
criteria.matches(5)  # error: arg-type


def told(error: FilterPatternError) -> None:
    reveal_type(error.reason)  # -> str
    reveal_type(error.aws_message)  # -> str | None
    reveal_type(error.path)  # -> tuple[str | int, ...]
    reveal_type(error.line)  # -> int | None
    reveal_type(error.allowed)  # -> tuple[str, ...]
    reveal_type(error.suggestion)  # -> str | None


explanation = criteria.explain(b"{}")
reveal_type(explanation)  # -> Explanation
reveal_type(explanation.hints)  # -> tuple[str, ...]
reveal_type(explanation.render(color=True))  # -> str
(warning,) = criteria.lint()
reveal_type(warning.path)  # -> tuple[str | int, ...]
reveal_type(warning.severity)  # -> Literal['error'] | Literal['advice']
criteria.lint(source="kinesis")
criteria.lint(source="sqs")  # error: arg-type
reveal_type(filters.inserts)  # -> FilterCriteria
reveal_type(filters.became(("address", "city"), None))  # -> FilterCriteria
filters.became("price", 1.5)  # error: arg-type
filters.attribute_changed(["address", "city"])  # error: arg-type
told_of: tuple[Explanation, LintWarning] = (explanation, warning)
