"""Every command ends in words and a code: faults of the machine, signals, what nobody foresaw."""

from __future__ import annotations

import grp
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.ingest.sharing import share_copy
from ecommerce_assets_tests.support.builders import start_python

COMMAND = Path(sys.executable).with_name("ecommerce")
FAILS = """
import sys
import typer
from ecommerce_assets.cli.frame import Guarded
app = typer.Typer(cls=Guarded)
inner = typer.Typer()
app.add_typer(inner, name="inner")
@inner.command()
def unforeseen():
    raise ZeroDivisionError("[/red] by chance\\nsecond line")
@inner.command()
def full():
    raise RuntimeError("dbt") from OSError(28, "No space left on device", "/data/x")
@app.command()
def full_log():
    import os
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)  # as Dagster does with a step's output
    sys.stdout.write("half a line")
    raise OSError(28, "No space left on device", "/data/x")
@app.command()
def exits():
    raise typer.Exit(3)
@app.command()
def wrong():
    raise typer.BadParameter("no such month")
@app.command()
def waits():
    import time
    print("up", flush=True)
    time.sleep(60)
@app.command()
def writes(path: str):
    open(path, "w").close()
app()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("ECOMMERCE_HOME", str(folder))
    monkeypatch.setenv("COLUMNS", "300")
    return folder


def called(*arguments: str, program: str = FAILS) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_output_that_leads_into_a_full_file_changes_no_exit_code(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    code, output = called("full-log")

    assert (code, output) == (1, "")


def test_what_nobody_foresaw_is_one_sentence_and_a_file(home: Path) -> None:
    code, output = called("inner", "unforeseen")
    assert code == 1 and len(output.splitlines()) == 2, output
    assert "ZeroDivisionError: [/red] by chance" in output and "Traceback" not in output
    (log,) = (home / "logs").iterdir()
    assert str(log) in output
    assert "Traceback" in log.read_text() and stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_full_disk_is_two_sentences_whoever_met_it(home: Path) -> None:
    code, output = called("inner", "full")
    assert code == 1
    assert output.splitlines() == [
        "no space is left on the disk of /data/x",
        "What to do: free some space there, then run the same command again: what was there before "
        "is unharmed",
    ]


def test_codes_and_wrong_calls_pass_through(home: Path) -> None:
    assert called("exits") == (3, "")
    code, output = called("wrong")
    assert code == 2 and "no such month" in output


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_command_with_its_code(signo: signal.Signals, home: Path) -> None:
    process = start_python(FAILS, "waits")
    assert process.stdout and process.stdout.readline() == "up\n"
    process.send_signal(signo)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signo
    assert output.startswith("Ended before it was done.") and "Traceback" not in output


def test_what_a_command_writes_is_its_owners_alone(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "written"
    assert called("writes", str(path)) == (0, "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


OPENS = """
import sys
from ecommerce_assets.cli.frame import guarded
from ecommerce_assets.runs.home import private_home
from ecommerce_assets.settings import load_settings
with guarded():
    private_home(load_settings().home)
"""


def test_a_home_is_its_owners_alone_and_an_open_one_is_closed_with_a_word(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert called(program=OPENS) == (0, "")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    home.chmod(0o755)
    code, output = called(program=OPENS)
    assert code == 0 and "was open to other users" in output
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert called(program=OPENS) == (0, "")
    home.chmod(0o710)
    monkeypatch.setenv("ECOMMERCE_SHARE_WITH_GROUP", "root")
    assert called(program=OPENS) == (0, "")
    assert stat.S_IMODE(home.stat().st_mode) == 0o710


def test_a_group_may_read_the_copy_and_nothing_else(tmp_path: Path) -> None:
    copy, other = tmp_path / "published.duckdb", tmp_path / "warehouse.duckdb"
    for path in (copy, other):
        path.write_bytes(b"x")
        path.chmod(0o600)
    tmp_path.chmod(0o700)
    share_copy(copy, None)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600

    group = grp.getgrgid(os.getgid())
    share_copy(copy, group.gr_name)

    assert stat.S_IMODE(copy.stat().st_mode) == 0o440 and copy.stat().st_gid == group.gr_gid
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o710
    assert stat.S_IMODE(other.stat().st_mode) == 0o600
    with pytest.raises(PermanentFailure, match="cannot be shared with the group 'nobody-here'"):
        share_copy(copy, "nobody-here")


# The real command -------------------------------------------------------------------------------


def real(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [str(COMMAND), *arguments], capture_output=True, text=True, timeout=300, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("command", ["dev", "dashboard"])
def test_a_taken_port_is_said_before_anything_starts(command: str, home: Path, taken: int) -> None:
    code, output = real(command, "--port", str(taken))
    assert code == 1, output
    assert output.splitlines() == [
        f"port {taken} of 127.0.0.1 is taken by another program",
        f"What to do: end that program, or choose another port: ecommerce {command} --port "
        f"{taken + 1}",
    ]


@pytest.fixture
def read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that takes nothing; root needs a mount for that."""
    folder = tmp_path / "closed"
    folder.mkdir()
    if os.geteuid():
        folder.chmod(0o500)
    elif subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", str(folder)], check=False
    ).returncode:
        pytest.skip("root may write everywhere, and cannot mount a read-only folder here")
    monkeypatch.setenv("ECOMMERCE_HOME", str(folder / "home"))
    yield folder
    if not os.geteuid():
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(
    "arguments", [["backfill", "cosmetics"], ["backfill", "cosmetics", "--plan"], ["dev"]]
)
def test_a_home_that_cannot_be_written_is_two_sentences(
    arguments: list[str], read_only: Path
) -> None:
    code, output = real(*arguments)
    assert code == 1, output
    said = [line for line in output.splitlines() if "start Dagster" not in line]
    assert len(said) == 2, output
    assert f"{read_only}/home cannot be written" in said[0] and "ECOMMERCE_HOME" in said[1]
