"""The sample that ships is of this contract, whole, and small enough to be read over a network."""

from __future__ import annotations

import pytest

from conformance.contract import SPEC, load_contract

SAMPLE = SPEC.parent / "reports" / "sample"
VERSIONS = ("1.18.0", "1.20.0", "1.21.0", "1.22.0", "1.23.0", "1.23.2")


@pytest.mark.parametrize("name", ["report.html", "postgresql/report.html"])
def test_the_sample_report_is_of_this_contract(name: str) -> None:
    page = (SAMPLE / name).read_text(encoding="utf-8")
    assert load_contract().digest in page, "judge again (see reports/sample/README.md)"
    assert len(page) < 5_000_000


def test_the_sample_matrix_is_over_six_real_versions() -> None:
    page = (SAMPLE / "matrix.html").read_text(encoding="utf-8")
    for version in VERSIONS:
        assert f"Label Studio {version} community" in page


def test_the_sample_is_no_burden() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 10_000_000


def test_the_sample_of_enterprise_says_that_it_was_made_on_the_stand_in() -> None:
    folder = SAMPLE / "enterprise"
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert load_contract().digest in page
    assert "1.23.2+stand.in" in page
    assert "stand-in" in (folder / "README.md").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in folder.iterdir()) < 5_000_000
