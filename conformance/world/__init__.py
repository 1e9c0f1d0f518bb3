"""Makes, and makes again, the objects that tests need: real identities for every parameter that names one."""

from __future__ import annotations

from conformance.contract.requests import Prepared, RequestTable, load_requests
from conformance.world.making import CannotMake
from conformance.world.services import Services
from conformance.world.world import World

__all__ = ["CannotMake", "Prepared", "RequestTable", "Services", "World", "load_requests"]
