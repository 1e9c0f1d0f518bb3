"""Implements ``--spec``: puts another document in place of the contract before that is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.contract import ContractError, load_contract
from conformance.contract.load import VARIABLE
from conformance.contract.other import read_document, read_file, use
from conformance.contract.tables.requests.prepared import load_requests
from conformance.contract.tables.requirements import load_requirements
from conformance.contract.tables.resources import load_resources
from conformance.contract.tables.rules import load_rules
from conformance.contract.tables.safety import load_safety
from conformance.errors import ConformanceError
from conformance.outcomes import NotMeasured
from conformance.run.options import target_settings
from conformance.run.plan.selection import claimed
from conformance.wire.messages import RawRequest
from conformance.wire.network.errors import TransportError
from conformance.wire.network.transport import Transport

LARGEST = 64 * 1024 * 1024
PATIENCE = 60.0
"""Seconds: some make it anew for each request."""
OK = 200


def settle_spec(config: pytest.Config) -> None:
    """Put the document that was asked for in the place of the contract; workers find it there.

    Raises:
        pytest.UsageError: it can't be had, or used.
    """
    if hasattr(config, "workerinput"):
        return
    os.environ.pop(VARIABLE, None)
    source = config.getoption("spec", default=None)
    if not source:
        return
    try:
        content = _fetched(config, source) if "://" in source else read_file(Path(source))
        use(read_document(content, source), source)
    except ConformanceError as problem:
        raise pytest.UsageError(problem.render()) from None
    for cached in (load_resources, load_requests, load_rules, load_requirements, load_safety):
        cached.cache_clear()  # what was read by the contract is read anew


def _fetched(config: pytest.Config, url: str) -> bytes:
    """A document from an address, without a key: as the target is reached."""
    request = RawRequest(method="GET", url=url, headers=(("Accept", "*/*"),), timeout=PATIENCE)
    try:
        with Transport(target_settings(config).connection) as transport:
            answer = transport.send(request, max_bytes=LARGEST, deadline=PATIENCE)
    except TransportError as problem:
        raise ContractError(f"{url}: can't be read: {problem.message}") from problem
    if answer.status != OK or answer.truncated:
        raise ContractError(f"{url}: answered {answer.status}, and not with a document")
    return answer.content


def refuse_absent(item: pytest.Item) -> None:
    """End a scenario whose requirements are about an operation that the document says nothing of.

    Raises:
        NotMeasured: names the operation.
    """
    if VARIABLE not in os.environ:
        return
    requirements, operations = load_requirements(), load_contract().operations
    for name in claimed(item):
        for operation in requirements[name].operations if name in requirements else ():
            if operations[operation].absent:
                raise NotMeasured(f"{name} is about {operation}, which the document given by --spec does not have.")
