"""An ML backend that speaks Label Studio's protocol, with as many independent models as scenarios want."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from conformance.peers.http import HttpPeer, Received

if TYPE_CHECKING:
    from werkzeug import Response

    from conformance.peers.base import Site

Task: TypeAlias = dict[str, Any]
Prediction: TypeAlias = dict[str, Any]
Predictor: TypeAlias = Callable[[Task, dict[str, Any]], Prediction]
"""Makes the prediction for one task; the second argument is ``params.context`` (interactive) or empty."""

ENDPOINTS = {"health": "GET", "setup": "POST", "predict": "POST", "versions": "GET", "webhook": "POST"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of the target to a model.

    Attributes:
        endpoint: ``predict``; the last part of the path.
        method: ``POST``.
        body: The JSON that was sent, None without a body. The value of ``access_token`` (Label Studio sends a
            user's token with ``setup``) is taken out: ``***``.
        authorised: Whether the basic-auth credentials were right; None when the model asks for none.
        status: What was answered.
        at: When it came, in seconds since the epoch.
        key: The SHA-256 of the ``access_token``, which tells whose it is and is of no use to anybody; empty without.
    """

    endpoint: str
    method: str
    body: Any
    authorised: bool | None
    status: int
    at: float
    key: str = ""


def predict_nothing(_task: Task, _context: dict[str, Any]) -> Prediction:
    """Predict an empty result."""
    return {"result": [], "score": 0.5}


class Model:
    """One backend as Label Studio sees it: ``url`` goes into ``POST /api/ml/``.

    Attributes:
        version: Told at set-up and with each prediction; may be changed at any time.
        versions: Told at ``GET /versions``.
        predictor: Makes the predictions.
        results: Changes the list of predictions as a whole before it is answered; None leaves it as it is.
        told: Endpoint to the JSON that it answers instead of its own, whatever that is.
        lenient: Whether a wrong login, or none, is let in (and written down as such).
    """

    def __init__(
        self,
        backend: MlBackend,
        path: str,
        *,
        version: str,
        predictor: Predictor,
        basic_auth: tuple[str, str] | None,
    ) -> None:
        self._backend = backend
        self._basic_auth = basic_auth
        self._failures: dict[str, int] = {}
        self._calls: list[Call] = []
        self.path = path
        self.version = version
        self.versions = [version]
        self.predictor = predictor
        self.results: Callable[[list[Prediction]], Any] | None = None
        self.told: dict[str, Any] = {}
        self.lenient = False

    @property
    def url(self) -> str:
        """The address for the target."""
        return self._backend.address_for_target() + self.path

    def calls(self, endpoint: str | None = None) -> list[Call]:
        """Return the calls so far, of one endpoint or of all, in their order."""
        return [call for call in list(self._calls) if endpoint is None or call.endpoint == endpoint]

    def fail(self, endpoint: str, status: int = 500) -> None:
        """Let ``endpoint`` answer with ``status`` from now on; 200 makes it well again.

        Raises:
            ValueError: There is no such endpoint in the protocol.
        """
        if endpoint not in ENDPOINTS:
            raise ValueError(f"no such endpoint: {endpoint!r}; there are {', '.join(ENDPOINTS)}")
        self._failures[endpoint] = status

    def answer(self, endpoint: str, received: Received) -> tuple[int, Any]:
        """Answer one request and write it down; returns the status and what goes into the body as JSON."""
        authorised = self._authorised(received)
        body: Any = None
        try:
            body = received.json() if received.body else None
            status, answer = self._respond(endpoint, received.method, body, authorised=authorised)
        except ValueError:
            status, answer = 400, {"error": "not JSON"}
        except Exception as error:  # noqa: BLE001 - the predictor is the scenario's: its faults are the backend's
            status, answer = 500, {"error": f"{type(error).__name__}: {error}"}
        self._calls.append(
            Call(
                endpoint=endpoint,
                method=received.method,
                body=_without_token(body),
                authorised=authorised,
                status=status,
                at=received.at,
                key=_digest(body),
            )
        )
        return status, answer

    def _authorised(self, received: Received) -> bool | None:
        if self._basic_auth is None:
            return None
        wanted = base64.b64encode(":".join(self._basic_auth).encode()).decode()
        return received.headers.get("authorization") == f"Basic {wanted}"

    def _respond(self, endpoint: str, method: str, body: Any, *, authorised: bool | None) -> tuple[int, Any]:
        if endpoint not in ENDPOINTS:
            return 404, {"error": "no such endpoint"}
        if method != ENDPOINTS[endpoint]:
            return 405, {"error": f"{endpoint} takes {ENDPOINTS[endpoint]}"}
        if authorised is False and not self.lenient:
            return 401, {"error": "wrong credentials"}
        if (status := self._failures.get(endpoint, HTTPStatus.OK)) != HTTPStatus.OK:
            return status, {"error": f"{endpoint} fails on purpose"}
        if endpoint == "predict" and endpoint not in self.told:
            made = self._predict(body)
            results = made if self.results is None else self.results(made)
            return 200, {"results": results, "model_version": self.version}
        answers: dict[str, Any] = {
            "health": {"status": "UP", "model_class": "ConformanceModel"},
            "setup": {"model_version": self.version},
            "versions": {"versions": self.versions},
            "webhook": {"status": "ok"},
            **self.told,
        }
        return 200, answers[endpoint]

    def _predict(self, body: dict[str, Any]) -> list[Prediction]:
        context = (body.get("params") or {}).get("context") or {}
        return [{"model_version": self.version, **self.predictor(task, context)} for task in body["tasks"]]


class MlBackend(HttpPeer):
    """Hosts models: ``model = ml.model()``, hand ``model.url`` to the target, read ``model.calls()``."""

    name: ClassVar[str] = "ml"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._models: dict[str, Model] = {}
        self._passwords: set[str] = set()

    def model(
        self,
        *,
        version: str = "conformance-1",
        predictor: Predictor = predict_nothing,
        basic_auth: tuple[str, str] | None = None,
    ) -> Model:
        """Return a new model.

        Args:
            version: Its version.
            predictor: Makes its predictions.
            basic_auth: User and password that it asks for.
        """
        path = f"/models/{secrets.token_hex(8)}"
        model = Model(self, path, version=version, predictor=predictor, basic_auth=basic_auth)
        with self._lock:
            self._models[path] = model
            if basic_auth:
                self._passwords.add(basic_auth[1])
        return model

    def secrets(self) -> frozenset[str]:
        """Return the passwords of the models."""
        return frozenset(self._passwords)

    def _answer(self, received: Received) -> Response:
        from werkzeug import Response

        path, _, endpoint = received.path.rpartition("/")
        model = self._models.get(path)
        if model is None:
            return Response("no such model\n", status=404)
        status, answer = model.answer(endpoint, received)
        headers = {"WWW-Authenticate": 'Basic realm="model"'} if status == HTTPStatus.UNAUTHORIZED else {}
        return Response(json.dumps(answer), status=status, headers=headers, mimetype="application/json")


def _without_token(body: Any) -> Any:
    if isinstance(body, dict) and "access_token" in body:
        return {**body, "access_token": "***"}
    return body


def _digest(body: Any) -> str:
    token = body.get("access_token") if isinstance(body, dict) else None
    return hashlib.sha256(token.encode()).hexdigest() if isinstance(token, str) else ""
