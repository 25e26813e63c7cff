"""Event source mappings judged: in templates, in what the AWS CLI prints, and in an account.

``mappings_in`` and ``mappings_of_function`` find them, ``check_mapping`` says what costs records. On the command line
it is ``tailrace doctor``. Reading files needs the extra ``cli``; asking an account needs boto3.
"""

from __future__ import annotations

from tailrace.doctor.account import mappings_of_function
from tailrace.doctor.checks import check_mapping
from tailrace.doctor.criteria import FoundCriteria, criteria_in
from tailrace.doctor.finding import Finding
from tailrace.doctor.mappings import FoundMapping, Unresolved, mappings_in
from tailrace.doctor.nodes import TemplateError
from tailrace.doctor.patterns import FoundPattern

__all__ = [
    "Finding",
    "FoundCriteria",
    "FoundMapping",
    "FoundPattern",
    "TemplateError",
    "Unresolved",
    "check_mapping",
    "criteria_in",
    "mappings_in",
    "mappings_of_function",
]
