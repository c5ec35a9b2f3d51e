"""`pilot serve`: on this computer only, marked as a preview, stopped without complaint. Source: the command-line contract."""

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from evaluation.cli.main import main
from evaluation.release.publish import write_release
from tests.conftest import REPOSITORY
from tests.dashboards.sample import release
from tests.studies import tiny_study


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(address: str, seconds: float = 30) -> str:
    end = time.monotonic() + seconds
    while True:
        try:
            with urlopen(address, timeout=5) as page:
                return page.read().decode()
        except URLError:
            assert time.monotonic() < end
            time.sleep(0.1)


@pytest.mark.skipif(sys.platform == "win32", reason="an interrupt cannot be sent to one process on Windows")
def test_serve_answers_on_loopback_until_it_is_interrupted(tmp_path: Path) -> None:
    study, port = tiny_study(tmp_path / "study"), free_port()
    write_release(release(), study / "releases" / "preview" / "release.json")
    command = [sys.executable, "-m", "evaluation", "serve", str(study), "--port", str(port), "--json"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert '<html lang="en-GB">' in answer(f"http://127.0.0.1:{port}/")
            assert answer(f"http://127.0.0.1:{port}/data/findings.csv").startswith("estimand,status,measure")
            bound = subprocess.run([sys.executable, "-c", LISTENING, str(server.pid)], capture_output=True, text=True, check=True)
            assert bound.stdout.split() == [f"127.0.0.1:{port}"]
        finally:
            server.send_signal(signal.SIGINT)
            said, complained = server.communicate(timeout=20)
    assert json.loads(said) == {"address": f"http://127.0.0.1:{port}/", "status": "preview"}
    assert server.returncode == 0, complained
    assert "Traceback" not in complained


LISTENING = """
import sys, psutil
for link in psutil.Process(int(sys.argv[1])).net_connections(kind="inet"):
    if link.status == psutil.CONN_LISTEN:
        print(f"{link.laddr.ip}:{link.laddr.port}")
"""


def test_a_port_that_is_taken_is_refused_with_another_to_try(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = tiny_study(tmp_path / "study")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["serve", str(study), "--port", str(port)]) == 7
    said = capsys.readouterr().err
    assert f"something already answers at port {port}" in said
    assert "--port" in said


@pytest.mark.parametrize("port", ["0", "70000", "-1"])
def test_what_is_no_port_is_a_usage_error(tmp_path: Path, port: str) -> None:
    assert main(["serve", str(tiny_study(tmp_path / "study")), f"--port={port}"]) == 2


def test_a_folder_that_is_no_study_is_a_usage_error(tmp_path: Path) -> None:
    assert main(["serve", str(tmp_path)]) == 2
