"""The checks of every operation."""

from __future__ import annotations

from conformance.properties import (
    test_access,
    test_addressing,
    test_lifecycle,
    test_listing,
    test_malformed,
    test_writing,
)

ROLES = {"refuses-anonymous": "anonymous"}


CHECKS = (
    test_access.test_access,
    test_addressing.test_unknown_id,
    test_addressing.test_method,
    test_lifecycle.test_child_of_deleted_parent,
    test_lifecycle.test_write_to_what_is_gone,
    test_listing.test_safe,
    test_listing.test_filter,
    test_listing.test_pages,
    test_listing.test_order,
    test_malformed.test_malformed,
    test_writing.test_read_back,
    test_writing.test_listed,
    test_writing.test_patch,
    test_writing.test_delete,
)
