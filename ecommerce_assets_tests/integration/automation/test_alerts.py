"""The sensor that reports failures: real runs, real Apprise, an HTTP server of the test's own."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import dagster as dg
import pytest

from ecommerce_assets.defs.ops.alerts import NAME
from ecommerce_assets.defs.shared.resources import Lakehouse
from ecommerce_assets.lib.automation.alerts import HIDDEN, MAX_LINES, MAX_MESSAGES
from ecommerce_assets_tests.integration.automation.source_ticks import OCT, Ticks
from ecommerce_assets_tests.support.servers.inbox import Inbox

PASSWORD = "pa55word-of-the-channel"
ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN


@dataclass
class Reporter:
    """The sensor with its cursor, and the runs that it has to report."""

    definitions: dg.Definitions
    instance: dg.DagsterInstance
    inbox: Inbox
    cursor: str | None = None
    reason: str = ""

    def tick(self) -> None:
        with dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursor,
            definitions=self.definitions,
            resources={"lakehouse": Lakehouse()},
        ) as context:
            result = self.definitions.resolve_sensor_def(NAME).evaluate_tick(context)
        assert not result.run_requests
        self.cursor, self.reason = result.cursor, result.skip_message or ""

    def fail(self, text: str = "the disk is full — what to do: make room") -> str:
        """A run that fails; gives its id."""

        @dg.op
        def broken() -> None:
            raise dg.Failure(description=text, allow_retries=False)

        @dg.job
        def nightly() -> None:
            broken()

        done = nightly.execute_in_process(instance=self.instance, raise_on_error=False)
        assert not done.success
        return done.run_id

    def kill(self) -> None:
        """A run whose process is gone."""

        @dg.job
        def nightly() -> None:
            pass

        run = self.instance.create_run_for_job(nightly, status=dg.DagsterRunStatus.STARTED)
        self.instance.report_run_failed(run, "the process of this run was killed")

    def check(self, *severities: dg.AssetCheckSeverity) -> None:
        """A run that goes well and whose checks fail with these severities."""
        key = dg.AssetKey(["cosmetics", "lake", "events"])
        names = [f"check_{severity.value.lower()}" for severity in severities]

        @dg.asset(key=key, check_specs=[dg.AssetCheckSpec(name, asset=key) for name in names])
        def checked() -> Iterator[object]:
            yield dg.MaterializeResult()
            for name, severity in zip(names, severities, strict=True):
                yield dg.AssetCheckResult(
                    passed=False, check_name=name, severity=severity, metadata={"rows": 7}
                )

        assert dg.materialize([checked], instance=self.instance).success

    def got(self, path: str = "/a") -> list[tuple[str, str]]:
        return self.inbox.received.get(path, [])


@pytest.fixture
def reporter(
    definitions: dg.Definitions, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Reporter]:
    with Inbox() as inbox:
        monkeypatch.setenv("ECOMMERCE_ALERT_URLS", inbox.address("a", PASSWORD))
        found = Reporter(definitions, instance, inbox)
        found.tick()
        yield found


def test_a_failed_run_is_reported_once_with_what_happened_and_what_to_do(
    reporter: Reporter,
) -> None:
    run_id = reporter.fail()
    reporter.tick()
    reporter.tick()
    ((title, body),) = reporter.got()
    assert title == "ecommerce local: nightly failed"
    assert "the disk is full — what to do: make room" in body
    assert run_id in body


def test_a_failed_month_names_its_job_its_month_and_the_cure(
    reporter: Reporter, landing: Ticks
) -> None:
    assert not landing.load(OCT)
    reporter.tick()
    ((title, body),) = reporter.got()
    assert title == "ecommerce local: load_cosmetics_month 2019-10 failed"
    assert "there is no" in body and "put the file there" in body


def test_what_failed_before_the_first_look_is_not_reported(
    definitions: dg.Definitions, instance: dg.DagsterInstance, reporter: Reporter
) -> None:
    reporter.fail()
    late = Reporter(definitions, instance, reporter.inbox)
    late.tick()
    late.tick()
    assert reporter.got() == []


def test_without_an_address_nothing_is_sent_and_nothing_is_kept_for_later(
    reporter: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = reporter.inbox.address("a")
    monkeypatch.delenv("ECOMMERCE_ALERT_URLS")
    reporter.fail()
    reporter.tick()
    assert "ECOMMERCE_ALERT_URLS" in reporter.reason
    monkeypatch.setenv("ECOMMERCE_ALERT_URLS", address)
    reporter.tick()
    assert reporter.got() == []


def test_many_failures_are_one_message(reporter: Reporter) -> None:
    number = max(MAX_MESSAGES, MAX_LINES) + 2
    for _ in range(number):
        reporter.kill()
    reporter.tick()
    ((title, body),) = reporter.got()
    assert title == f"ecommerce local: {number} failures"
    assert "and 2 more" in body


def test_a_failed_check_of_a_run_that_went_well_is_reported_with_its_warnings_marked(
    reporter: Reporter,
) -> None:
    reporter.check(ERROR, WARN)
    reporter.tick()
    ((title, body),) = reporter.got()
    assert title.endswith("1 checks failed")
    assert "check failed: cosmetics/lake/events: check_error — rows: 7" in body
    assert "(warning) check failed: cosmetics/lake/events: check_warn" in body


def test_warnings_alone_are_reported_where_the_setting_says_so(
    reporter: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter.check(WARN)
    reporter.tick()
    assert reporter.got() == []
    monkeypatch.setenv("ECOMMERCE_ALERT_WARNINGS", "true")
    reporter.check(WARN)
    reporter.tick()
    assert len(reporter.got()) == 1


def test_a_message_holds_neither_a_secret_nor_an_address(
    reporter: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_KEY", "the-key-of-kaggle")
    address = reporter.inbox.address("a", PASSWORD)
    reporter.fail(f"HTTP 401 with the-key-of-kaggle at {address}, password {PASSWORD}")
    reporter.tick()
    ((title, body),) = reporter.got()
    for secret in ("the-key-of-kaggle", address, PASSWORD):
        assert secret not in title + body
    assert f"HTTP 401 with {HIDDEN} at {HIDDEN}, password {HIDDEN}" in body


def test_an_address_out_of_reach_fails_the_tick_and_gets_everything_later(
    reporter: Reporter, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    reporter.inbox.refused = {"/a"}
    before = reporter.cursor
    reporter.fail()
    for _ in range(2):
        with pytest.raises(dg.Failure, match=r"address 1 \(json\) of ECOMMERCE_ALERT_URLS") as told:
            reporter.tick()
        assert PASSWORD not in str(told.value.description)
    assert reporter.cursor == before
    captured = capfd.readouterr()
    assert PASSWORD not in captured.out + captured.err + caplog.text
    reporter.inbox.refused = set()
    reporter.tick()
    assert len(reporter.got()) == 1


def test_an_address_that_is_reached_is_not_told_again_while_another_is_not(
    reporter: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = reporter.inbox
    monkeypatch.setenv("ECOMMERCE_ALERT_URLS", f"{inbox.address('a')}, {inbox.address('b')}")
    inbox.refused = {"/b"}
    reporter.fail()
    reporter.tick()
    assert "not reached: address 2 (json)" in reporter.reason
    with pytest.raises(dg.Failure):
        reporter.tick()
    reporter.fail()
    reporter.tick()
    assert (len(reporter.got("/a")), len(reporter.got("/b"))) == (2, 0)
    inbox.refused = set()
    reporter.tick()
    reporter.tick()
    assert (len(reporter.got("/a")), len(reporter.got("/b"))) == (2, 2)
    assert reporter.reason == "nothing failed"


def test_an_address_that_apprise_does_not_understand_holds_up_no_other(
    reporter: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECOMMERCE_ALERT_URLS", f"nosuch://x {reporter.inbox.address('a')}")
    reporter.fail()
    reporter.tick()
    assert len(reporter.got()) == 1
    assert "at least one that Apprise does not understand" in reporter.reason
    with pytest.raises(dg.Failure):
        reporter.tick()


def test_a_process_that_was_killed_is_reported_by_its_runs_message(reporter: Reporter) -> None:
    reporter.kill()
    reporter.tick()
    ((_, body),) = reporter.got()
    assert "what happened: the process of this run was killed" in body
    assert "what to do: open the run" in body


def test_apprise_is_not_loaded_with_the_definitions() -> None:
    script = "import sys; import ecommerce_assets.defs.ops.alerts; print('apprise' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr[-2000:]
