"""A stand-in that can be made wrong for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.contract import load_contract
from tests.enterprise.proof.engine import Spoiled
from tests.enterprise.standin import StandIn

if TYPE_CHECKING:
    from starlette.types import ASGIApp


class SpoiledStandIn(StandIn):
    """The stand-in with something at its edge that spoils what comes in and goes out.

    Attributes:
        spoiled: what does so; it has no fault to begin with.
    """

    spoiled: Spoiled

    def _app(self) -> ASGIApp:
        self.spoiled = Spoiled(super()._app(), load_contract())
        return self.spoiled
