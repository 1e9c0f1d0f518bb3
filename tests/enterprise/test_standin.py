"""The stand-in itself: it serves what the contract has, and nothing else is made up of it."""

from __future__ import annotations

from conformance.contract import Edition, load_contract
from tests.enterprise.areas import load
from tests.enterprise.facade.permissions import least
from tests.enterprise.facade.routes import LACKING
from tests.enterprise.faults import CATALOGUE
from tests.enterprise.state.model import SERVED
from tests.faults.loading import load_catalogue
from tests.faults.problems import problem_of

load()


def test_every_enterprise_operation_is_served() -> None:
    owed = {o.id for o in load_contract().of(Edition.ENTERPRISE)}
    assert owed <= set(SERVED)
    assert len(owed) == 235


def test_what_is_served_besides_is_what_the_real_server_has_not() -> None:
    assert set(SERVED) - {o.id for o in load_contract().of(Edition.ENTERPRISE)} == LACKING


def test_every_operation_has_a_least_role() -> None:
    assert {least(o.id) for o in load_contract()} == {"nobody", "AN", "RE", "MA", "AD"}


def test_the_catalogue_of_faults_can_be_read_and_done() -> None:
    faults = load_catalogue(CATALOGUE)
    owed = {o.id for o in load_contract().of(Edition.ENTERPRISE)}
    assert len([f for f in faults if owed & set(f.operations)]) >= 180
    assert {f.id: problem for f in faults if (problem := problem_of(f))} == {}
