"""For any run and anybody's things, however alike their titles: a sweep names only what the run made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.naming import Names, RunId, run_of
from conformance.run.sweep.proof import SLACK, TICK, Period, bears, doubt, proven, wanted
from conformance.wire.safety.journal import Intended, Remembered

DAY = timedelta(days=1)
ENOUGH = settings(max_examples=400, deadline=None, database=None)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as hypothesis wants them
digits = st.text("0123456789abcdef", min_size=4, max_size=4)
words = st.sampled_from(["scenario", "conformance", "main", "throwaway", "Production labels", "customer", "", "über"])
origins = st.sampled_from(["", "-gw0", "-gw12", "-main", "-gw", "-GW0"])


@st.composite
def run_ids(draw: st.DrawFn) -> RunId:
    run = RunId.parse(f"{draw(moments):%Y%m%d-%H%M%S}-{draw(digits)}")
    assert run is not None
    return run


@st.composite
def lookalikes(draw: st.DrawFn, run: RunId) -> str:
    """A title that somebody could give: pieces of a run's name, whole ones among other words, and anything at all."""
    piece = draw(
        st.sampled_from([run.text, run.text[:8], run.text[:15], run.text[:-1], run.text.upper(), f"{run.text}0"])
    )
    number = draw(st.one_of(st.just(""), st.integers(0, 40).map(lambda n: f"-{n}"), st.just("-01")))
    name = f"{draw(words)} {piece}{draw(origins)}{number}"
    around = draw(st.sampled_from(["{}", "{} ", " {}", "{}\n", "copy of {}", "{} (copy)", "{}-1", "«{}»"]))
    return draw(st.one_of(st.just(around.format(name)), st.text(max_size=30)))


@st.composite
def foreign(draw: st.DrawFn, run: RunId, names: list[str]) -> dict[str, Any]:
    """Somebody else's project: any title and time but, at once, one that the run was about to give and that moment."""
    title = draw(st.one_of(lookalikes(run), st.sampled_from(names) if names else st.nothing()))
    created = draw(st.one_of(moments, st.just(run.started), st.timedeltas(-DAY, DAY).map(lambda d: run.started + d)))
    if title in names and -TICK <= created - run.started <= SLACK:
        created = run.started + draw(st.sampled_from([-DAY, -TICK * 2, SLACK * 2, DAY]))
    return {"id": draw(st.integers(1, 999)), "title": title, "created_at": created.isoformat()}


@ENOUGH
@given(st.data())
def test_nothing_foreign_is_ever_named(data: st.DataObject) -> None:
    run = data.draw(run_ids())
    made = Names(run.text + data.draw(st.sampled_from(["", "-gw0", "-gw1"])))
    names = [made.title("scenario") for _ in range(data.draw(st.integers(0, 5)))]
    asked = [*names, data.draw(lookalikes(run)), data.draw(lookalikes(run))]
    intents = [Intended(kind="project", name=n, sent=run.started.isoformat()) for n in asked]
    ours = [{"id": 1000 + i, "title": n, "created_at": run.started.isoformat()} for i, n in enumerate(names)]
    theirs = data.draw(st.lists(foreign(run, asked), max_size=8))
    listed = data.draw(st.permutations([*ours, *theirs]))
    named = proven("project", listed, wanted(intents, run).get("project", {}), run)
    assert {item["id"] for item in named} == {item["id"] for item in ours}


@ENOUGH
@given(st.data())
def test_a_number_that_was_ours_never_stands_for_somebody_elses(data: st.DataObject) -> None:
    run = data.draw(run_ids())
    period = Period.of(run, run.started.isoformat())
    remembered = Remembered(
        kind="project", identity="7", created=data.draw(st.sampled_from(["", run.started.isoformat()]))
    )
    shown: dict[str, Any] = {"id": 7, "title": data.draw(lookalikes(run)), "created_at": data.draw(moments).isoformat()}
    theirs = shown["created_at"] != remembered.created and not bears(run, "project", shown["title"])
    if theirs or not period.holds(shown["created_at"]):
        assert doubt(remembered, shown, run, period) is not None


@ENOUGH
@given(st.data())
def test_a_name_of_one_run_is_none_of_another(data: st.DataObject) -> None:
    run, other = data.draw(run_ids()), data.draw(run_ids())
    names = Names(run.text)
    for kind, name in (("project", names.title("main")), ("user", names.email("throwaway"))):
        assert bears(run, kind, name)
        assert bears(other, kind, name) == (run == other)
    assert run_of("url", names.url("hook")) == run.text


@ENOUGH
@given(st.data())
def test_only_a_whole_name_is_one(data: st.DataObject) -> None:
    run = data.draw(run_ids())
    name = Names(run.text).title("main")
    place = data.draw(st.integers(0, len(name)))
    other = name[:place] + data.draw(st.text(min_size=1, max_size=3)) + name[place:]
    found = run_of("title", other)
    # a letter more in the words, or a digit more in the number, is a name as well; of the id nothing may differ
    assert found is None or found == run.text


@ENOUGH
@given(st.one_of(st.text(max_size=30), st.from_regex(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}.?", fullmatch=True)))
def test_an_id_is_read_only_if_it_is_whole_and_names_a_moment(text: str) -> None:
    run = RunId.parse(text)
    if run is not None:
        assert run.text == text
        assert f"{run.started:%Y%m%d-%H%M%S}" == text[:15]
