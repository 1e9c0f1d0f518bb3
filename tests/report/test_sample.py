"""The sample that ships is readable by this version, and small."""

from __future__ import annotations

from conformance.contract import SPEC
from conformance.report.document import load

SAMPLE = SPEC.parent / "reports" / "sample"


def test_the_sample_is_readable_and_small() -> None:
    assert load(SAMPLE / "conformance.json").observations
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 2_000_000


def test_the_sample_matrix_is_over_six_real_versions() -> None:
    page = (SAMPLE / "matrix.html").read_text(encoding="utf-8")
    for version in ("1.18.0", "1.20.0", "1.21.0", "1.22.0", "1.23.0", "1.23.2"):
        assert f"Label Studio {version} community" in page
