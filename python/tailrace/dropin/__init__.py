"""The drop-in: boto3's classes made fast, in place or by another import.

Example:
    >>> from tailrace import dropin
    >>> dropin.install(), dropin.uninstall()
    (True, True)
"""

from tailrace.dropin.clients import patch_client, unpatch_client
from tailrace.dropin.installing import install, uninstall

__all__ = ["install", "patch_client", "uninstall", "unpatch_client"]
