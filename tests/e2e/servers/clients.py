"""Clients of boto3 for an address on this machine: a server's own, or that of a proxy in front of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
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
_of_thread = threading.local()


@dataclass(frozen=True)
class Clients:
    """Makes clients that talk to ``url``. They try once: what is done about a failure is what is tested.

    Options are those of botocore's Config; tests of slow answers set ``read_timeout``.
    """

    url: str

    def cloudwatch(self, **options: Any) -> CloudWatchClient:
        return _session().client("cloudwatch", endpoint_url=self.url, config=_config(options))

    def dynamodb(self, **options: Any) -> DynamoDBClient:
        return _session().client("dynamodb", endpoint_url=self.url, config=_config(options))

    def dynamodbstreams(self, **options: Any) -> DynamoDBStreamsClient:
        return _session().client("dynamodbstreams", endpoint_url=self.url, config=_config(options))

    def events(self, **options: Any) -> EventBridgeClient:
        return _session().client("events", endpoint_url=self.url, config=_config(options))

    def firehose(self, **options: Any) -> FirehoseClient:
        return _session().client("firehose", endpoint_url=self.url, config=_config(options))

    def kinesis(self, **options: Any) -> KinesisClient:
        return _session().client("kinesis", endpoint_url=self.url, config=_config(options))

    def s3(self, **options: Any) -> S3Client:
        return _session().client("s3", endpoint_url=self.url, config=_config(options))

    def sns(self, **options: Any) -> SNSClient:
        return _session().client("sns", endpoint_url=self.url, config=_config(options))

    def sqs(self, **options: Any) -> SQSClient:
        return _session().client("sqs", endpoint_url=self.url, config=_config(options))


def _session() -> boto3.Session:
    """One for each thread: it keeps the models of the services, whose reading is most of what a client costs."""
    try:
        session: boto3.Session = _of_thread.session
    except AttributeError:
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
        _of_thread.session = session
    return session


def _config(options: dict[str, Any]) -> Config:
    ours = {
        "account_id_endpoint_mode": "disabled",
        "proxies": {},
        "retries": {"total_max_attempts": 1},
        "s3": {"addressing_style": "path"},
    }
    return Config(**ours | options)
