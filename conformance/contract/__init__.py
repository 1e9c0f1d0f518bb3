"""Reads ``spec/`` into immutable values.

The OpenAPI document is in :mod:`model` and :mod:`load`, the tables beside it in :mod:`tables`. Every other room comes
here to ask what is owed; nothing here knows a target.
"""

from conformance.contract.load import load_contract
from conformance.contract.model import (
    Contract,
    Edition,
    MediaType,
    Operation,
    Parameter,
    RequestBody,
    Response,
)
from conformance.contract.reading import SPEC, ContractError
from conformance.contract.validate import SchemaChecker, SchemaViolation

__all__ = [
    "SPEC",
    "Contract",
    "ContractError",
    "Edition",
    "MediaType",
    "Operation",
    "Parameter",
    "RequestBody",
    "Response",
    "SchemaChecker",
    "SchemaViolation",
    "load_contract",
]
