"""Prepares a worker: its target, and the wire to it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.contract.tables.clients import load_clients
from conformance.contract.tables.resources import load_resources
from conformance.contract.tables.rules import load_rules
from conformance.naming import RunId
from conformance.peers import AzurePeer, FileServer, GcsPeer, MlBackend, RedisPeer, S3Peer, WebhookReceiver
from conformance.peers.base import Site
from conformance.run.connect import connect
from conformance.run.messages import EndMessage
from conformance.run.sweep.finding import find
from conformance.target import embedded
from conformance.target.own_schema import announced_operations
from conformance.wire import Recorder, clean_up
from conformance.wire.exchanges.answers import forget
from conformance.wire.safety.journal import FOLDER, Journal
from conformance.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conformance.peers import Peers
    from conformance.run.options import RunOptions
    from conformance.target.embedded import Policy
    from conformance.target.settings import TargetSettings
    from conformance.wire import Wire


# What SSRF protection covers; Azure's address is hidden in a key, and GCS' in the server's own environment.
GUARDED = (S3Peer, RedisPeer, WebhookReceiver, FileServer, MlBackend)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetInUse:
    """The target as tests see it.

    Attributes:
        disposable: everything on it may be changed and deleted.
        server: the embedded server; None for any other target.
        policy: what is allowed on it.
    """

    url: str
    version: str
    edition: str
    disposable: bool
    settings: TargetSettings
    server: embedded.EmbeddedServer | None = None
    policy: Policy = "open"

    @property
    def document_root(self) -> Path | None:
        """The folder of this machine that local-files storages may see; None where none is known."""
        if self.server is None:
            return self.settings.local_files
        return self.server.document_root if self.policy == "open" else None

    @property
    def embedded(self) -> bool:
        """Whether the suite started the target."""
        return self.server is not None


def out_of_reach(settings: TargetSettings, policy: Policy = "open") -> dict[str, str]:
    """The peers that a target can't use, with the reason; for the embedded target there are none, if all is open.

    Another target may forbid requests to private addresses, or run elsewhere: it is taken to reach this machine only
    if a person says under which name. GCS stays out of reach, since the emulator's address is a variable of the server.
    """
    if settings.embedded:
        shut = "As it ships, the target sends nothing to private addresses (SSRF protection)."
        return dict.fromkeys((k.name for k in GUARDED), shut) if policy == "shipped" else {}
    gcs = {GcsPeer.name: "The GCS emulator's address is a variable of the server's own environment."}
    if settings.callback_host:
        return gcs
    reason = "The target is not known to reach services on this machine."
    return {kind.name: reason for kind in (S3Peer, RedisPeer, AzurePeer, WebhookReceiver, FileServer, MlBackend)} | gcs


class Worker:
    """Starts or connects to the target when it is first asked for, and ends everything at the end.

    The embedded server starts in the background, so that tests can be collected meanwhile.
    """

    def __init__(
        self, options: RunOptions, settings: TargetSettings, facts: Mapping[str, Any], peers: Peers, name: str
    ) -> None:
        self.options = options
        self.settings = settings
        self.recorder = Recorder()
        self.peers = peers
        self._facts = facts
        self._name = name
        self._server: embedded.EmbeddedServer | None = None
        self._problem: BaseException | None = None
        self._starting: threading.Thread | None = None
        self._target: TargetInUse | None = None
        self._wire: Wire | None = None
        self._journal: Journal | None = None
        self._announced: frozenset[str] | None = None
        self.witness = self._make_witness()

    def _make_witness(self) -> Witness:
        """The official client, in the versions that were asked for."""
        asked, clients = self.options.official_client, load_clients()
        release = self.options.embedded_version if self.settings.embedded else str(self._facts.get("version", ""))
        return Witness(
            Site(log_dir=self.options.report_dir / "logs" / self._name),
            clients.of(release) if asked == "all" else (clients.contract,),
            free=load_rules().opaque,
            partial=load_resources().partial,
            left_out="it was left out by --official-client none" if asked == "none" else "",
        )

    def begin(self) -> None:
        """Start the embedded server, and the official client, in the background."""
        self.witness.begin()
        if self.settings.embedded:
            self._starting = threading.Thread(target=self._start, name="embedded Label Studio", daemon=True)
            self._starting.start()

    def _start(self) -> None:
        try:
            self._server = embedded.start(
                self.options.embedded_settings(
                    log_dir=self.options.report_dir / "logs" / self._name,
                    extra_environment={"STORAGE_EMULATOR_HOST": self.peers.gcs_endpoint()},
                )
            )
            self._announced = announced_operations(self._server.url, self.settings.connection)
        except BaseException as problem:  # noqa: BLE001 - carried to the thread that waits for the server
            self._problem = problem

    @property
    def target(self) -> TargetInUse:
        """The target, ready.

        Raises:
            EmbeddedError: the embedded server did not start.
        """
        if self._target is None:
            if self._starting is not None:
                self._starting.join()
            if self._problem is not None:
                raise self._problem
            server = self._server
            self._target = TargetInUse(
                url=server.url if server else str(self.settings.url),
                version=server.version if server else str(self._facts.get("version", "")),
                edition=str(self._facts.get("edition", "")),
                disposable=server is not None or self.settings.disposable,
                settings=self.settings,
                server=server,
                policy=self.options.embedded_policy,
            )
        return self._target

    @property
    def wire(self) -> Wire:
        """The one way to the target."""
        if self._wire is None:
            target = self.target
            if target.server is None:  # an embedded server goes with the run, and all that was made on it
                path = self.options.report_dir / FOLDER / f"{self._name}.jsonl"
                self._journal = Journal(path, run_id=self.options.run_id, target=target.url)
            self._wire = connect(
                self.settings,
                url=target.url,
                api_key=target.server.api_key if target.server else str(self.settings.api_key),
                edition=target.edition,
                disposable=target.disposable,
                thrown_away=target.server is not None,
                run_id=self.options.run_id if self._name == "main" else f"{self.options.run_id}-{self._name}",
                recorder=self.recorder,
                journal=self._journal,
                shared=self.shared,
                witness=self.witness,
            )
        return self._wire

    @property
    def shared(self) -> Path | None:
        """The folder that the run's processes share, where they share the target, too."""
        return None if self.settings.embedded else self.options.report_dir / "locks"

    @property
    def connected(self) -> Wire | None:
        """The one way to the target, if a test asked for it already."""
        return self._wire

    def begin_test(self, nodeid: str) -> None:
        """Start over for the next test."""
        self.recorder.begin(nodeid)
        forget()
        if self._wire is not None:
            self._wire.past.begin_test()
            if self._wire.tellings is not None:
                self._wire.tellings.forget()  # a fixture may write by other ways

    def begin_body(self) -> None:
        """The fixtures of the test are ready."""
        if self._wire is not None:
            self._wire.past.begin_body()

    def _clean_up(self, wire: Wire) -> list[str]:
        """Remove all that was made, also what was made without an answer that said so; returns what is left."""
        left, unknown = clean_up(wire), list[str]()
        run, memory = RunId.parse(self.options.run_id), wire.ledger.memory()
        if run is not None and memory.intended:
            findings = find(wire, memory, run)
            for one in findings.ours:
                wire.ledger.add(one.kind, one.identity, one.parent, created=one.created)
            left, unknown = clean_up(wire), findings.unknown
        return [*(f"{e.kind} {e.identity}" for e in left), *unknown]

    def end(self) -> EndMessage:
        """Clean up, and stop what was started.

        Returns:
            What is left, and what was counted after the last test.
        """
        left: list[str] = []
        try:
            if self._wire is not None and self._server is None:
                try:
                    left = self._clean_up(self._wire)
                except Exception as problem:  # noqa: BLE001 - whatever it is, the run's result must not be lost
                    left = [f"{e.kind} {e.identity}" for e in self._wire.ledger]
                    left.append(f"(cleaning up stopped: {problem})")
                self._wire.close()
            if self._journal is not None:
                self._journal.close()
        finally:
            self.peers.close()
            self.witness.end()
            if self._starting is not None:
                self._starting.join()
            if self._server is not None:
                self._server.stop()
        return EndMessage(
            left=tuple(left),
            statistics=self.recorder.drain_statistics(),
            announced=self._announced,
            secrets=frozenset(self._wire.secrets()) if self._wire is not None else frozenset(),
        )
