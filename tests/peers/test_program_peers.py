"""The peers that are programs of their own: put, get, keys, credentials, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import botocore.session
import httpx
import pytest
import redis
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobServiceClient
from botocore.config import Config

from conformance.peers import AzurePeer, GcsPeer, Peers, PeerUnavailable, RedisPeer, S3Peer, Site

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.peers.base import ProgramPeer

pytestmark = pytest.mark.peers

_KEY = "in/a ü+b.json"
_CONTENT = '{"data": {"text": "שלום"}}'.encode() + b"\x00\xff"


@pytest.mark.parametrize("name", ["s3", "azure", "gcs"])
def test_what_was_put_is_there(peers: Peers, name: str) -> None:
    store: Any = getattr(peers, name)
    make = store.make_container if name == "azure" else store.make_bucket
    make("bucket-one")
    make("bucket-two")
    store.put("bucket-one", _KEY, _CONTENT)
    store.put("bucket-one", "out/1", b"")
    assert store.keys("bucket-one") == [_KEY, "out/1"]
    assert store.keys("bucket-one", "in/") == [_KEY]
    assert store.keys("bucket-two") == []
    assert store.get("bucket-one", _KEY) == _CONTENT
    assert store.get("bucket-one", "out/1") == b""
    with pytest.raises(KeyError, match="nothing"):
        store.get("bucket-one", "nothing")


@pytest.mark.parametrize("name", ["s3", "azure", "gcs"])
def test_what_was_removed_is_gone_and_can_be_made_again(peers: Peers, name: str) -> None:
    store: Any = getattr(peers, name)
    make, remove = (
        getattr(store, f"{verb}_{'container' if name == 'azure' else 'bucket'}") for verb in ("make", "remove")
    )
    make("bucket-gone")
    store.put("bucket-gone", _KEY, _CONTENT)
    remove("bucket-gone")
    with pytest.raises(Exception, match=r"NoSuchBucket|ContainerNotFound|404"):
        store.keys("bucket-gone")
    make("bucket-gone")
    assert store.keys("bucket-gone") == []


def test_a_locked_redis_refuses_its_password_until_it_is_open_again(peers: Peers) -> None:
    def come() -> bool:
        return bool(redis.Redis(host=peers.redis.host, port=peers.redis.port, password=peers.redis.password).ping())

    with peers.redis.locked(), pytest.raises(redis.exceptions.AuthenticationError):
        come()
    assert come()


def test_an_open_redis_remembers_what_it_is_told(peers: Peers) -> None:
    with peers.redis.open_elsewhere() as elsewhere:
        guest = redis.Redis(host=peers.redis.host, port=elsewhere.port, password="hush")
        assert guest.ping()
        assert guest.keys("a*") == []
        assert b"AUTH hush\n" in elsewhere.told
        guest.close()


def test_on_a_machine_with_neither_redis_nor_node_wheels_carry_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with Peers(log_dir=tmp_path, cache=tmp_path / "cache") as made:
        made.redis.put(_KEY, _CONTENT)
        assert made.redis.get(_KEY) == _CONTENT
        made.azure.make_container("bucket-one")
        made.azure.put("bucket-one", _KEY, _CONTENT)
        assert made.azure.get("bucket-one", _KEY) == _CONTENT


def test_redis_keeps_databases_apart(peers: Peers) -> None:
    store = peers.redis
    store.put(_KEY, _CONTENT)
    store.put("out/1", "text", db=2)
    assert (store.keys(), store.keys(db=2)) == ([_KEY], ["out/1"])
    assert (store.keys("in"), store.keys("x")) == ([_KEY], [])
    assert (store.get(_KEY), store.get("out/1", db=2)) == (_CONTENT, b"text")
    with pytest.raises(KeyError, match="out/1"):
        store.get("out/1")


def test_redis_asks_for_its_password(peers: Peers) -> None:
    wrong = redis.Redis(host=peers.redis.host, port=peers.redis.port, password="wrong")
    with pytest.raises(redis.exceptions.AuthenticationError):
        wrong.ping()


def _s3_client(s3: S3Peer, *, access_key: str, secret_key: str) -> Any:
    return botocore.session.Session().create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=s3.endpoint,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(signature_version="s3v4", proxies={}),
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"secret_key": "wrong"}, "SignatureDoesNotMatch"), ({"access_key": "wrong"}, "InvalidAccessKeyId")],
)
def test_s3_refuses_wrong_credentials(peers: Peers, changes: dict[str, str], code: str) -> None:
    s3 = peers.s3
    s3.make_bucket("guarded")
    keys = {"access_key": s3.access_key, "secret_key": s3.secret_key}
    assert _s3_client(s3, **keys).list_objects_v2(Bucket="guarded")["KeyCount"] == 0
    client = _s3_client(s3, **{**keys, **changes})
    with pytest.raises(client.exceptions.ClientError, match=code):
        client.list_objects_v2(Bucket="guarded")


def test_s3_checks_presigned_urls(peers: Peers) -> None:
    s3 = peers.s3
    s3.make_bucket("presigned")
    s3.put("presigned", "a b/ü.png", b"png", content_type="image/png")
    s3.put("presigned", "other", b"other")

    def sign(key: str = "a b/ü.png", seconds: int = 60, **changes: str) -> str:
        keys = {"access_key": s3.access_key, "secret_key": s3.secret_key, **changes}
        query = {"Bucket": "presigned", "Key": key, "ResponseContentType": "image/x-test"}
        url: str = _s3_client(s3, **keys).generate_presigned_url("get_object", Params=query, ExpiresIn=seconds)
        return url

    def status(url: str) -> int:
        return httpx.get(url, trust_env=False).status_code

    good = httpx.get(sign(), trust_env=False)
    assert (good.status_code, good.content) == (200, b"png")
    assert good.headers["content-type"] == "image/x-test"
    assert status(sign(secret_key="wrong")) == 403
    assert status(sign(access_key="wrong")) == 403
    assert status(sign(seconds=-1)) == 403
    assert status(sign("other").replace("/other?", "/a%20b/%C3%BC.png?")) == 403
    assert status(f"{s3.endpoint}/presigned/other") == 403


def test_azure_refuses_a_wrong_key_and_hands_over_its_endpoint(peers: Peers) -> None:
    azure = peers.azure
    azure.make_container("guarded")

    def containers(key: str) -> list[str]:
        text = f"DefaultEndpointsProtocol=http;AccountName={azure.account_name};AccountKey={key}"
        service = BlobServiceClient.from_connection_string(text, retry_total=0)
        return [each.name for each in service.list_containers()]

    assert "guarded" in containers(azure.account_key_for_target)
    with pytest.raises(HttpResponseError, match="AuthorizationFailure"):
        containers(azure.account_key_for_target.replace(azure.account_key, "d3Jvbmc="))


def test_gcs_keeps_json_and_its_type(peers: Peers) -> None:
    gcs = peers.gcs
    gcs.make_bucket("types")
    gcs.put("types", "a.json", b'{"a": 1}\n', content_type="application/json")
    answer = httpx.get(f"{gcs.url}/storage/v1/b/types/o/a.json", trust_env=False).json()
    assert (answer["contentType"], answer["size"]) == ("application/json", "9")
    assert gcs.get("types", "a.json") == b'{"a": 1}\n'


def test_gcs_starts_where_it_was_announced(tmp_path: Path, is_open: Callable[[int], bool]) -> None:
    gcs = GcsPeer(Site(log_dir=tmp_path))
    announced = gcs.endpoint
    gcs.start()
    assert gcs.endpoint == announced == gcs.url
    port = gcs.port
    assert is_open(port)
    gcs.stop()
    assert not is_open(port)


@pytest.mark.parametrize("kind", [S3Peer, RedisPeer, AzurePeer])
def test_port_is_free_and_process_gone_after_stop(
    kind: type[ProgramPeer], tmp_path: Path, is_open: Callable[[int], bool]
) -> None:
    peer = kind(Site(log_dir=tmp_path))
    peer.start()
    peer.start()
    port, pid = peer.port, peer.pid
    assert is_open(port)
    assert pid is not None
    peer.stop()
    peer.stop()
    assert not is_open(port)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_peer_that_died_is_unavailable(tmp_path: Path) -> None:
    redis = RedisPeer(Site(log_dir=tmp_path))
    redis.start()
    assert redis.pid is not None
    os.kill(redis.pid, signal.SIGKILL)
    assert redis._process is not None
    assert redis._process.wait(10) is not None
    with pytest.raises(PeerUnavailable, match="it ended during the run"):
        redis.start()
    redis.stop()


_OWNER = """
import sys
from pathlib import Path
from conformance.peers import RedisPeer, Site
redis = RedisPeer(Site(log_dir=Path(sys.argv[1])))
redis.start()
print(redis.pid, redis.port, redis._folder, flush=True)
sys.stdin.read()
"""


def test_nothing_is_left_when_the_owner_is_killed(tmp_path: Path, is_open: Callable[[int], bool]) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    pid_text, port_text, folder = owner.stdout.readline().split()
    pid, port = int(pid_text), int(port_text)
    assert is_open(port)
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    end = time.monotonic() + 15
    while is_alive(pid) or os.path.exists(folder):  # noqa: PTH110 - a string is what the owner printed
        assert time.monotonic() < end, f"the peer {pid} or its folder {folder} outlived its owner"
    assert not is_open(port)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
