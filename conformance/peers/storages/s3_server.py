"""The S3 server: moto's own, made to check presigned URLs too.

Run by the Python of moto's environment (``python -I s3_server.py HOST PORT``), never imported by the
suite. Moto checks the signature in the header ``Authorization``, but fails on a URL with the signature in its
query. Here that is checked as S3 does it: known key, not expired, right signature.
"""

from __future__ import annotations

import datetime as dt
import sys
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from moto import server, settings
from moto.core.authorization import (
    ActionAuthenticatorMixin,
)
from moto.iam import access_control
from moto.s3.exceptions import (
    S3AccessDeniedError,
    S3InvalidAccessKeyIdError,
    S3SignatureDoesNotMatchError,
)

_ARGUMENTS = 3
_by_header = ActionAuthenticatorMixin._authenticate_and_authorize_s3_action  # noqa: SLF001 - moto has no hook for it


def _check_query(response: Any) -> None:
    """Check the signature in the query of the request that ``response`` answers; raises an S3 error."""
    parts = urlsplit(response.uri)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "X-Amz-Signature" not in query:  # version 2 of the signature has long been abandoned
        raise S3AccessDeniedError
    access_key, _date, region, service, _ = query["X-Amz-Credential"].split("/")
    try:
        key = access_control.create_access_key(response.current_account, "aws", access_key, response.headers)
    except access_control.CreateAccessKeyFailure:
        raise S3InvalidAccessKeyIdError from None
    signed_at = dt.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    if dt.datetime.now(dt.UTC) > signed_at + dt.timedelta(seconds=int(query["X-Amz-Expires"])):
        raise S3AccessDeniedError
    signature = query.pop("X-Amz-Signature")
    host = response.headers["Host"]
    url = f"http://{host}{response.raw_path}?{urlencode(query, quote_via=quote)}"
    request = AWSRequest(method=response.method, url=url, headers={"host": host})
    request.context["timestamp"] = query["X-Amz-Date"]
    auth = S3SigV4QueryAuth(key.create_credentials(), service, region)
    if auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request) != signature:
        raise S3SignatureDoesNotMatchError


def _check(self: Any, bucket_name: str | None = None, key_name: str | None = None) -> None:
    enforced = ActionAuthenticatorMixin.request_count >= settings.INITIAL_NO_AUTH_ACTION_COUNT
    if enforced and "Authorization" not in self.headers:
        if "Signature=" not in self.uri:
            raise S3AccessDeniedError
        _check_query(self)
        return
    _by_header(self, bucket_name=bucket_name, key_name=key_name)


if __name__ == "__main__":
    if len(sys.argv) != _ARGUMENTS:
        sys.exit("usage: s3_server.py HOST PORT")
    ActionAuthenticatorMixin._authenticate_and_authorize_s3_action = _check  # noqa: SLF001 - see above
    server.main(["-H", sys.argv[1], "-p", sys.argv[2]])
