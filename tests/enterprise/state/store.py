"""Objects that only Enterprise has. What hangs on something that is gone is gone."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Identity = int | str
Key = tuple[str, Identity]


@dataclass(slots=True, kw_only=True)
class Item:
    """One object.

    Attributes:
        values: its fields, by the names of the contract.
        parents: what it goes away with.
        born: when each of the parents was made: the real server may give the number of what is gone to something new.
    """

    kind: str
    id: Identity
    values: dict[str, Any]
    parents: tuple[Key, ...]
    born: dict[Key, str | None] = field(default_factory=dict)


class Store:
    """Objects by kind and identity.

    Args:
        real: when was an object of the real server made? Empty where there is none, None where the kind is not its.
    """

    def __init__(self, real: Callable[[str, Identity], str | None]) -> None:
        self._real = real
        self._items: defaultdict[str, dict[Identity, Item]] = defaultdict(dict)
        self._numbers: defaultdict[str, itertools.count[int]] = defaultdict(lambda: itertools.count(1))

    def add(self, kind: str, values: dict[str, Any], *parents: Key, identity: Identity | None = None) -> Item:
        """Keep a new object; it counts from 1 where it has no identity of its own."""
        number = identity if identity is not None else next(self._numbers[kind])
        item = Item(kind=kind, id=number, values={"id": number, **values}, parents=parents)
        item.born = {parent: self._real(*parent) for parent in parents}
        self._items[kind][number] = item
        return item

    def get(self, kind: str, identity: Identity) -> Item | None:
        """An object that is there."""
        item = self._items[kind].get(identity)
        return item if item is not None and self.alive(item) else None

    def alive(self, item: Item) -> bool:
        """Is everything there that it hangs on?"""
        return self._items[item.kind].get(item.id) is item and all(self._same(item, parent) for parent in item.parents)

    def _same(self, item: Item, parent: Key) -> bool:
        born = self._real(*parent)
        return self.get(*parent) is not None if born is None else bool(born) and born == item.born.get(parent, born)

    def exists(self, kind: str, identity: Identity) -> bool:
        """Is it there, here or on the real server?"""
        real = self._real(kind, identity)
        return self.get(kind, identity) is not None if real is None else bool(real)

    def of(self, kind: str, **fields: Any) -> Iterator[Item]:
        """The objects of a kind with these values, oldest first."""
        for item in list(self._items[kind].values()):
            if all(item.values.get(name) == value for name, value in fields.items()) and self.alive(item):
                yield item

    def below(self, kind: str, *parents: Key) -> Iterator[Item]:
        """The objects of a kind that hang on all of these."""
        for item in self.of(kind):
            if set(parents) <= set(item.parents):
                yield item

    def remove(self, item: Item) -> None:
        """Forget an object."""
        self._items[item.kind].pop(item.id, None)
