"""Creates, and creates again, the objects that tests need: real ids for every parameter that names one.

Generated tests come here for all objects, scenarios for what they do not make themselves.
"""

from __future__ import annotations

from conformance.contract.tables.requests.prepared import Prepared, RequestTable, load_requests
from conformance.world.making import CannotMake
from conformance.world.rich.neighbourhood import Change, Neighbourhood, changes
from conformance.world.rich.objects import RichWorld, make_rich
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
