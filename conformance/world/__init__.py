"""Makes, and makes again, the objects that tests need: real identities for every parameter that names one."""

from __future__ import annotations

from conformance.contract.tables.requests import Prepared, RequestTable, load_requests
from conformance.world.making import CannotMake
from conformance.world.neighbourhood import Change, Neighbourhood, changes
from conformance.world.rich import RichWorld, make_rich
from conformance.world.services import Services
from conformance.world.world import World

__all__ = [
    "CannotMake",
    "Change",
    "Neighbourhood",
    "Prepared",
    "RequestTable",
    "RichWorld",
    "Services",
    "World",
    "changes",
    "load_requests",
    "make_rich",
]
