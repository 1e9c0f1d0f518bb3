"""A project that files are imported into, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.scenarios.steps import list_tasks

if TYPE_CHECKING:
    from conformance.wire import Exchange, Wire


# Reads whatever a file calls its first column.
ANY = '<View><Text name="t" value="$undefined$"/></View>'


REFUSED = "refused"


REFUSAL = 4  # the class of the status


class Growing:
    """A project that one import after another adds to, and what each of them added."""

    def __init__(self, api: Wire, described: dict[str, Any]) -> None:
        self.described = described
        self._api = api
        self._known: set[int] = set()

    def outcome(self, made: Exchange) -> Any:
        """The data of the tasks that came since, or that the import was refused; a server error is neither."""
        if not made.ok:
            return REFUSED if made.status // 100 == REFUSAL else f"HTTP {made.status}"
        new = [
            task for task in list_tasks(self._api, self.described["id"], fields=None) if task["id"] not in self._known
        ]
        self._known |= {task["id"] for task in new}
        return [task["data"] for task in new]
