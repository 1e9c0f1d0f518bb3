"""Counters, ids, times and owners in every update and creation: they have no effect, or are rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import TEXT_CHOICES
from conformance.scenarios.owned.fields import AT_CREATION, OWNED, holds, requirement, with_person
from conformance.world import make_rich
from conformance.world.addresses import unused
from conformance.world.rich.objects import HOME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.showing import Show
    from conformance.wire import Exchange, Wire
    from conformance.world import RichWorld, Services

# kind → name of the rich object that is written to
HELD = {
    "project": "project",
    "task": "second",
    "annotation": "lonely",
    "prediction": "guess",
    "view": "view",
    "webhook": "silent",
    "local_import": "source",
    "local_export": "destination",
    "user": "person",
}
# what an update may need besides: without it, it is refused for another reason
NEEDED = {"view": ("data",), "local_import": ("path",), "local_export": ("path",)}
IDS = sorted({requirement(f, creation=False) for fields in OWNED.values() for f in fields})
NEW_IDS = sorted({requirement(f, creation=True) for fields in OWNED.values() for f in fields})


def halves(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A body in two."""
    names = list(fields)
    middle = len(names) // 2
    return [{n: fields[n] for n in part} for part in (names[:middle], names[middle:])]


class Owned:
    """One object whose server-owned fields are written."""

    def __init__(self, api: Wire, show: Show, rich: RichWorld, kind: str) -> None:
        self._api, self._show, self._kind = api, show, kind
        self._object = next((o for o in rich.home if o.name == HELD.get(kind)), None)
        self._fields = with_person(OWNED[kind], int(rich.home["person"].id)) if "person" in rich.home else OWNED[kind]
        known = api.resources.kinds[kind]
        self._operation = (known.create or "").replace(".create", ".update")
        self._read = known.read or ""

    def _get(self, identity: object) -> dict[str, Any]:
        answered: dict[str, Any] = self._api.call(self._read, id=identity).json()
        return answered

    def updated(self) -> None:
        """Write all at once, and in ever smaller parts where that is refused: what one field does hides no other."""
        assert self._object is not None
        needed = {n: self._object.sent[n] for n in NEEDED.get(self._kind, ())}
        parts = [self._fields]
        while parts:
            part = parts.pop()
            before = self._get(self._object.id)
            deed = f"with {', '.join(sorted(part))}"
            answer = self._api.call(
                self._operation, id=self._object.id, json={**needed, **part}, expect=None, deed=deed
            )
            after = self._get(self._object.id)
            self._judge(before, after, answer, part)
            if not answer.ok and len(part) > 1:
                parts += halves(part)

    def _judge(self, before: dict[str, Any], after: dict[str, Any], answer: Exchange, part: Mapping[str, Any]) -> None:
        for field in part:
            taken = holds(after.get(field), part[field]) and not holds(before.get(field), part[field])
            self._show(
                requirement(field, creation=False),
                not taken,
                expected=f"{self._kind}.{field} as it was: {before.get(field)!r}",
                got=f"{answer.brief()}, then {after.get(field)!r}",
                exchange=answer,
                signature=f"{self._kind}.{field}",
            )

    def created(self, operation: str, body: Mapping[str, Any], **path: Any) -> None:
        """Create with all of them, and in ever smaller parts where that is refused."""
        free = AT_CREATION.get(self._kind, set())
        parts = [{n: v for n, v in self._fields.items() if n not in free}]
        while parts:
            part = parts.pop()
            deed = f"with {', '.join(sorted(part))}"
            answer = self._api.call(operation, json={**body, **part}, expect=None, deed=deed, **path)
            if not answer.ok:
                parts += halves(part) if len(part) > 1 else []
                continue
            made = answer.json()
            for field, value in part.items():
                self._show(
                    requirement(field, creation=True),
                    not holds(made.get(field), value),
                    expected=f"a {self._kind}.{field} of the server's",
                    got=f"{answer.brief()}: {made.get(field)!r}",
                    exchange=answer,
                    signature=f"{self._kind}.{field}",
                )


@pytest.mark.requirement(*IDS)
def test_an_update_writes_nothing_that_is_the_server_s(
    api: Wire, show: Show, services: Services, new_name: Callable[[str], str]
) -> None:
    rich = make_rich(api, services, new_name, parts=("labels", "views", "webhooks", "local"), places=(HOME,))
    for kind, name in HELD.items():
        if name in rich.home:
            Owned(api, show, rich, kind).updated()


@pytest.mark.requirement(*NEW_IDS)
def test_a_creation_writes_nothing_that_is_the_server_s(
    api: Wire, show: Show, services: Services, new_name: Callable[[str], str]
) -> None:
    rich = make_rich(api, services, new_name, parts=("labels",), places=(HOME,))
    project, task = rich.project, rich.home["fourth"].id
    cases: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("project", {"title": new_name("owned"), "label_config": TEXT_CHOICES}, {}),
        ("task", {"project": project, "data": {"text": "one"}}, {}),
        ("annotation", {"result": []}, {"id": task}),
        ("prediction", {"task": task, "result": []}, {}),
        ("view", {"project": project, "data": {}}, {}),
        ("webhook", {"project": project, "url": unused(api)}, {}),
        ("export", {"title": "owned"}, {"id": project}),
    ]
    for kind, body, path in cases:
        Owned(api, show, rich, kind).created(api.resources.kinds[kind].create or "", body, **path)
