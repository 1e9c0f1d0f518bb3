"""The head of a run's report: what was judged, how, and how to do it again."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from conformance import __version__
from conformance.contract import load_contract
from conformance.report.document.header import Header, TargetInfo
from conformance.run.options import reproduce_line
from conformance.run.time_budget import UNREACHED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pytest

    from conformance.judge.plan import Plan
    from conformance.run.options import RunOptions
    from conformance.run.result.collecting import Collector
    from conformance.target.settings import TargetSettings

LIBRARIES = ("pytest", "schemathesis", "httpx", "jsonschema", "pytest-xdist", "hypothesis")
# How generated cases fared: the share of positive ones that end 2xx, and of the steps of histories that name only what
# is there, is a measure of the suite itself.
GENERATED = (
    *("positive", "positive-2xx", "negative", "unsendable", "confirmations"),
    *("histories", "history-steps", "history-living", "history-living-2xx", "history-requests", "races"),
)
_TARGET_FACTS = ("version", "edition", "product")


def heading(
    config: pytest.Config,
    options: RunOptions,
    settings: TargetSettings,
    *,
    facts: Mapping[str, Any],
    collected: Collector,
    plan: Plan,
    examples: Sequence[str],
) -> Header:
    """The head.

    Args:
        config: of the session.
        options: of the run.
        settings: of the target.
        facts: what preflight found out about it.
        collected: what the workers told.
        plan: what the run set out to do.
        examples: names of those that a deep run found.
    """
    bearing = {
        "workers": getattr(config.option, "numprocesses", None) or 0,
        "sources": dict(settings.sources),
        "allow": settings.allow.label,
        "refused": collected.refused,
        "generated": {name: collected.generated[name] for name in GENERATED},
        "left": collected.left,
        "gateway": collected.notes.get("gateway", []),
        "remains": dict(sorted(collected.remains.items())),
        "unreached": sorted(collected.notes.get(UNREACHED, [])),
        "examples": list(examples),
        "facts": {k: v for k, v in facts.items() if k not in _TARGET_FACTS},
        "ci": bool(os.environ.get("CI")),
    }
    return Header(
        suite=__version__,
        contract=load_contract().digest,
        target=TargetInfo(
            url=settings.url or "embedded",
            product=str(facts.get("product", "Label Studio")),
            version=str(facts.get("version", "")),
            edition=str(facts.get("edition") or "community"),
            disposable=settings.embedded or settings.disposable,
            embedded=settings.embedded,
        ),
        seed=options.seed,
        depth=options.depth,
        started=options.started,
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        run_id=options.run_id,
        reproduce=reproduce_line(config),
        options=bearing,
        # where the repository lies on this machine is of no use elsewhere
        args=tuple(str(argument).replace(str(config.rootpath) + os.sep, "") for argument in config.args),
        environment={
            "python": platform.python_version(),
            "platform": platform.platform(),
            **{name: importlib.metadata.version(name) for name in LIBRARIES},
        },
        plan=plan,
    )
