"""`pilot serve STUDY`: the board's site, on this computer only, until it is stopped."""

import argparse
import socket
import sys
from pathlib import Path
from typing import Any

from evaluation.cli.output import emit, verb
from evaluation.errors import MachineError, UsageError
from evaluation.study import Study

SAYS = "show the board's site of a study on this computer, marked as not approved"
HOST, THREADS = "127.0.0.1", 8


def add(subparsers: Any) -> None:
    """Enter the verb."""
    parser = verb(subparsers, "serve", SAYS, codes=(0, 2, 7))
    parser.add_argument("study", metavar="STUDY", help="folder of the study")
    parser.add_argument("--port", type=int, default=8050, help="port on this computer (default 8050)")


def handler(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    releases = Study.open(args.study).releases
    check_port(args.port)
    address = f"http://{HOST}:{args.port}/"
    said = f"The board's site, preview, not approved: {address}\nStop it with Ctrl+C."
    emit(args, {"address": address, "status": "preview"}, said)
    sys.stdout.flush()
    serve(releases, args.port)
    return 0


def check_port(port: int) -> None:
    """Refuse a port that cannot be had.

    Raises:
        UsageError: it is not a port number.
        MachineError: something else answers there.
    """
    if not 1 <= port <= 65535:
        raise UsageError(f"{port} is not a port.", fix="give a number from 1024 to 65535, e.g. --port 8050.")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        taken = probe.connect_ex((HOST, port)) == 0
    if taken:
        fix = f"stop it, or choose another: --port {port + 1 if port < 65535 else 8050}"
        raise MachineError(f"something already answers at port {port} of this computer.", fix=fix, code="port")


def serve(releases: Path, port: int) -> None:
    """Answer requests from this computer until interrupted; reads the folder `releases` only."""
    import waitress

    from dashboards.app import create

    server = waitress.create_server(create(releases).server, host=HOST, port=port, threads=THREADS, ident=None)
    try:
        server.run()
    finally:
        server.close()
