"""boto3's module of types once more, under another name: what install() does to boto3 never reaches it."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import boto3.dynamodb.types


def untouched_types() -> ModuleType:
    """A module of its own, with its own classes and its own decimal context."""
    spec = importlib.util.spec_from_file_location("untouched_boto3_types", boto3.dynamodb.types.__file__)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
