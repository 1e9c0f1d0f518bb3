"""The ten storages that log in somewhere: settings are kept, secrets never shown, and nobody is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.enterprise.state.kernel import Resource, listed
from tests.enterprise.state.model import Answer, serves
from tests.enterprise.state.shapes import now

if TYPE_CHECKING:
    from tests.enterprise.state.model import Call
    from tests.enterprise.state.store import Item

CLOUDS = ("azure_spi", "databricks", "gcs_sa", "gcswif", "s3s")
SECRETS = frozenset(
    {
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "client_secret",
        "token",
        "google_application_credentials",
        "user_delegation_key",
    }
)


def _serve(side: str, cloud: str) -> None:
    resource = Resource(
        kind=f"{cloud}_{side}",
        operations=f"{side}_storage.{cloud}",
        parents={"project": "project"},
        starts=lambda _call, _values: {"type": cloud, "status": "initialized", **_values},
        hidden=SECRETS,
    )

    @serves(f"{side}_storage.{cloud}.list")
    def storages(call: Call) -> Any:
        found = call.store.of(resource.kind, project=call.query["project"])
        return listed(call, [resource.shown(call, item) for item in found], filtered=False)

    @serves(f"{side}_storage.{cloud}.validate")
    def validate(_call: Call) -> Any:
        return Answer(200)

    @serves(f"{side}_storage.{cloud}.sync")
    def sync(call: Call) -> Any:
        item: Item = resource.find(call)
        item.values |= {"status": "completed", "last_sync": now(), "last_sync_count": 0}
        return resource.shown(call, item)

    resource.serve()


for _side in ("import", "export"):
    for _cloud in CLOUDS:
        _serve(_side, _cloud)
