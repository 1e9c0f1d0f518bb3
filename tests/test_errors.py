from __future__ import annotations

from conformance.errors import ConformanceError, ExitCode, printable


def test_exit_codes() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "OK": 0,
        "DEVIATIONS": 1,
        "INTERRUPTED": 2,
        "INTERNAL": 3,
        "USAGE": 4,
        "TARGET_UNUSABLE": 6,
        "NOT_MEASURED": 7,
        "NO_RECORD": 8,
        "NOTHING_FOUND": 9,
    }


def test_printable_takes_the_sting_out() -> None:
    assert printable("a\x1b[31mb\x00\r\n\u202e\x9b\ud800é漢") == "a\\x1b[31mb\\x00\\r\\n\\u202e\\x9b\\ud800é漢"
    assert printable("abc", limit=2) == "ab…"
    assert printable("abc", limit=3) == "abc"


def test_render_is_one_screen() -> None:
    error = ConformanceError(
        "Bad \x1b[0m thing.", code="bad", cause="one two " * 40, hint="Do this.\ncurl -H 'a" + " b" * 80
    )
    screen = error.render()
    rows = screen.splitlines()
    assert rows[0] == "error: Bad \\x1b[0m thing. [bad]"
    assert rows[1:3] == ["", "Cause:"]
    assert all(len(row) <= 100 for row in rows[3:-1])
    assert rows[-1].startswith("  curl -H 'a b b")
    assert rows[-1].endswith(" b")
    assert "What to do:" in rows


def test_empty_sections_are_left_out() -> None:
    assert ConformanceError("X.", code="x").render() == "error: X. [x]"
