"""Runs the loopback services that the target talks to; real ones where they can be had.

``Peers`` is one per worker: ``peers.s3``, ``peers.redis``, ... start at first use. One that can't be had
raises `PeerUnavailable`: what needs it is ``not-measured``, with that reason.
"""

from __future__ import annotations

from conformance.peers.base import Peer, Site
from conformance.peers.errors import PeerUnavailable
from conformance.peers.files import FileServer, ServedFile
from conformance.peers.http import Received
from conformance.peers.hub import Peers
from conformance.peers.ml import Call, MlBackend, Model
from conformance.peers.storages.azure import AzurePeer
from conformance.peers.storages.gcs import GcsPeer
from conformance.peers.storages.redis import RedisPeer
from conformance.peers.storages.s3 import S3Peer
from conformance.peers.webhooks import Delivery, Inbox, WebhookReceiver
from conformance.processes.progress import Progress

__all__ = [
    "AzurePeer",
    "Call",
    "Delivery",
    "FileServer",
    "GcsPeer",
    "Inbox",
    "MlBackend",
    "Model",
    "Peer",
    "PeerUnavailable",
    "Peers",
    "Progress",
    "Received",
    "RedisPeer",
    "S3Peer",
    "ServedFile",
    "Site",
    "WebhookReceiver",
]
