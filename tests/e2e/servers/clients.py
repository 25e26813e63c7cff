"""Clients of boto3 for an address on this machine: a server's own, or that of a proxy in front of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_firehose import FirehoseClient
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

REGION = "us-east-1"
# A session makes one client at a time.
_making = threading.Lock()


@dataclass(frozen=True)
class Clients:
    """Makes clients that talk to ``url``. They try once: what is done about a failure is what is tested.

    Options are those of botocore's Config; tests of slow answers set ``read_timeout``.
    """

    url: str

    def cloudwatch(self, **options: Any) -> CloudWatchClient:
        return self._make("cloudwatch", options)

    def dynamodb(self, **options: Any) -> DynamoDBClient:
        return self._make("dynamodb", options)

    def dynamodbstreams(self, **options: Any) -> DynamoDBStreamsClient:
        return self._make("dynamodbstreams", options)

    def events(self, **options: Any) -> EventBridgeClient:
        return self._make("events", options)

    def firehose(self, **options: Any) -> FirehoseClient:
        return self._make("firehose", options)

    def kinesis(self, **options: Any) -> KinesisClient:
        return self._make("kinesis", options)

    def s3(self, **options: Any) -> S3Client:
        return self._make("s3", options)

    def sns(self, **options: Any) -> SNSClient:
        return self._make("sns", options)

    def sqs(self, **options: Any) -> SQSClient:
        return self._make("sqs", options)

    def _make(self, service: str, options: dict[str, Any]) -> Any:
        with _making:
            return _session().client(service, endpoint_url=self.url, config=_config(options))  # type: ignore[call-overload]


@cache
def _session() -> boto3.Session:
    """One for all: it keeps the models of the services, whose reading is what a client costs."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)


def _config(options: dict[str, Any]) -> Config:
    ours = {
        "account_id_endpoint_mode": "disabled",
        "proxies": {},
        "retries": {"total_max_attempts": 1},
        "s3": {"addressing_style": "path"},
    }
    return Config(**ours | options)
