"""A process ends in order when it is told to, at whatever moment; and it loads what it runs, nothing else."""

import subprocess
import sys

import click
import pytest

from service.running.process import running
from teekond import COMMANDS, main
from tests.paths import ROOT

STOPPED_AT_ONCE = """
import os, signal, sys
from service.running.process import stop_on_signals, until_stopped

for turn in range(300):
    ready, says = os.pipe()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may ignore it
        stop_on_signals()
        os.write(says, b".")
        try:
            until_stopped()
        except SystemExit as ended:
            os._exit(ended.code)
        os._exit(9)
    os.read(ready, 1)
    os.kill(child, (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)[turn % 3])
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(ready), os.close(says)
    if code:
        sys.exit(f"a process ended with {code}")
print("all ended")
"""


def python(code: str, seconds: float) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_signal_ends_the_wait_however_early_it_comes() -> None:
    assert python(STOPPED_AT_ONCE, 120) == "all ended"


class Part:
    """Says when it is started and stopped; one of them cannot start."""

    def __init__(self, name: str, said: list[str]) -> None:
        self.name, self.said = name, said

    def start(self) -> None:
        if self.name == "broken":
            raise OSError("the port is taken")
        self.said.append(f"{self.name} starts")

    def stop(self) -> None:
        self.said.append(f"{self.name} stops")


def test_parts_stop_in_the_other_order() -> None:
    said: list[str] = []
    with running(Part("receiver", said), Part("worker", said)):
        said.append("at work")
    assert said == ["receiver starts", "worker starts", "at work", "worker stops", "receiver stops"]


def test_what_has_started_stops_when_the_next_part_cannot_start() -> None:
    said: list[str] = []
    with pytest.raises(OSError, match="port is taken"):
        with running(Part("receiver", said), Part("broken", said), Part("worker", said)):
            said.append("at work")
    assert said == ["receiver starts", "receiver stops"]


def test_showing_the_list_of_commands_imports_click_alone() -> None:
    shown = "import sys, teekond; teekond.main(['--help'], standalone_mode=False)"
    lines = python(f"{shown}; print(*{{m.partition('.')[0] for m in sys.modules}})", 60).splitlines()
    ours_and_others = set(lines[-1].split()) - set(sys.stdlib_module_names)
    assert {"click", "teekond"} <= ours_and_others
    assert not ours_and_others & {"service", "web", "mail", "workflow", "rehearsal", "sqlalchemy", "pydantic", "rich"}
    assert all(f"  {name} " in "\n".join(lines) for name in COMMANDS)


def test_a_service_that_runs_holds_nothing_of_a_rehearsal() -> None:
    loaded = python("import sys, service.commands.run; print(*sys.modules)", 60).split()
    rooms = {name for name in loaded if name.startswith("service.commands.")}
    assert rooms == {"service.commands.run", "service.commands.options"}
    assert {name.split(".")[0] for name in loaded} & {"web", "mail", "rehearsal", "rich"} == {"web", "mail"}


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_in_the_room_that_the_list_names(name: str) -> None:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    assert found.name == name
    assert found.get_short_help_str()


def test_every_function_that_is_a_command_is_in_the_list() -> None:
    rooms = sorted((ROOT / "service" / "commands").glob("*.py"))
    written = "".join(room.read_text(encoding="utf-8") for room in rooms)
    assert written.count("@click.command(") + written.count("@click.group(") == len(COMMANDS)


def test_an_unknown_command_is_told_so() -> None:
    assert main.get_command(click.Context(main), "nonesuch") is None
