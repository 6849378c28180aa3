"""kb asks nothing of other machines: no module can, no page loads from elsewhere, and what would try is caught."""

import ast
import os
import re
import subprocess
import sys

import pytest

from tests.outbound import attempts, guarded
from tests.test_floors import MODULES, ROOT, imported

# What reaches over a network, or starts what may; the few modules that need one are named with their reason.
DOORS = {
    "socket": {"portal/server.py"},  # listens
    "httpx2": {"portal/provider.py"},  # asks the sign-in provider that the company names, and nobody without one
    "huggingface_hub": {"indexer/embedder.py"},  # is told to stay offline
    "subprocess": {"kb/git_runs.py", "kb/worker.py"},  # git, and the child that renders
}
CLOSED = (
    "requests", "httpx", "urllib.request", "urllib3", "http.client", "http.server", "aiohttp", "ftplib", "smtplib", "imaplib", "poplib", "telnetlib", "nntplib", "xmlrpc",
    "websockets", "websocket", "ssl", "socketserver", "asyncio", "webbrowser", "ctypes", "cffi", "multiprocessing", "paramiko", "boto3", "sentry_sdk",
)  # fmt: skip
REMOTE_GIT = {"fetch", "pull", "push", "clone", "remote", "ls-remote", "submodule", "archive"}
NAMESPACES = ("http://www.w3.org/", "http://schemas.openxmlformats.org/", "http://atlassian.com/")


def test_no_module_can_reach_another_machine():
    closed, unexpected = {}, {}
    for module in MODULES:
        names = imported(module)
        closed[module] = {name for name in names for library in CLOSED if name == library or name.startswith(f"{library}.")}
        unexpected[module] = {library for library, users in DOORS.items() if library in {name.split(".")[0] for name in names} and module not in users}
    assert {module: names for module, names in closed.items() if names} == {}
    assert {module: names for module, names in unexpected.items() if names} == {}


def test_git_is_never_asked_for_another_repository():
    asked = {}
    for module in MODULES:
        text = (ROOT / module).read_text(encoding="utf-8")
        if "run_git" in text:
            asked[module] = {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant) and isinstance(node.value, str)} & REMOTE_GIT
    # A backup's history lies in a file, which git fetches from.
    assert {module: words for module, words in asked.items() if words} == {"kb/history_bundle.py": {"fetch"}}


@pytest.mark.parametrize("file", sorted(path.relative_to(ROOT).as_posix() for folder in ("static", "templates") for path in (ROOT / "portal" / folder).iterdir()))
def test_no_page_script_or_look_names_another_host(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert [address for address in re.findall(r"""(?:https?:)?//[A-Za-z0-9][\w.-]*\.[a-z]{2,}[^\s"')]*""", text) if not address.startswith(NAMESPACES)] == []


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)",
        "import urllib.request; urllib.request.urlopen('http://example.com', timeout=1)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('8.8.8.8', 1))",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', \"import socket; socket.gethostbyname('example.com')\"], check=True)",
    ],
)
def test_an_attempt_would_be_refused_and_seen(tmp_path, attempt):
    log = tmp_path / "asked.txt"
    done = subprocess.run([sys.executable, "-c", attempt], env=guarded(os.environ, log), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1 and len(attempts(log)) == 1


def test_a_model_that_is_not_on_this_machine_is_not_fetched(tmp_path, warm_kb):
    (tmp_path / "a.md").write_text("# Refunds\n\nThey take five days.\n", encoding="utf-8")
    # That nothing was asked for is seen when the fixture ends.
    done = warm_kb("index", environment={"KB_ARTICLES": str(tmp_path), "KB_DATA": str(tmp_path / "data"), "KB_MODEL": "acme/no-such-model"})
    assert done.returncode == 1
    assert "the model 'acme/no-such-model' cannot be loaded" in done.stderr
