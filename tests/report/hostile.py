"""What a server may say to break a page."""

from __future__ import annotations

from conformance.judge.observation import Evidence, Observation, Outcome

HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>\u202e\ud800'\"&<!--"


def hostile(requirement: str = "projects.get#status") -> Observation:
    return Observation(
        requirement=requirement,
        outcome=Outcome.FAIL,
        operation="projects.get",
        rule="status",
        message=HOSTILE,
        expected=HOSTILE,
        got=HOSTILE,
        signature=HOSTILE,
        test="t",
        hint=HOSTILE,
        script=HOSTILE,
        evidence=Evidence(
            request={"method": "GET", "url": HOSTILE, "headers": [[HOSTILE, HOSTILE]], "body": HOSTILE},
            response={"status": 500, "headers": [[HOSTILE, HOSTILE]], "body": HOSTILE},
            elapsed=0.1,
            request_id="r",
            curl=HOSTILE,
        ),
    )
