"""What tests of every floor share: nothing may reach for a network, the bundled model is prepared once, `kb` starts warm."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings

from tests.outbound import attempts, guarded

ROOT = Path(__file__).parents[1]

for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
    os.environ[name] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# A company's own settings on this machine are not the tests' business.
for name in [name for name in os.environ if name.startswith("KB_")]:
    del os.environ[name]


# The same examples in every run, so that a change is to blame for what fails; HYPOTHESIS_PROFILE=search draws new ones, and more.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("search", derandomize=False, deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(scope="session")
def prepared_model(tmp_path_factory) -> Path:
    """The bundled model's folder, to be named by `KB_MODEL` so that no test prepares it again."""
    from indexer.model import model_folder
    from kb.settings import Settings

    return Path(model_folder(Settings(data=tmp_path_factory.mktemp("model"))))


@pytest.fixture(scope="session")
def help_centre(tmp_path_factory, prepared_model):
    """Settings of this product's own help centre, `articles/`, indexed once, also when several processes run the tests."""
    from filelock import FileLock

    from kb.settings import Settings
    from portal.knowledge import open_knowledge_base

    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "help-centre"
    with FileLock(f"{shared}.lock"):
        indexed = Settings(articles=ROOT / "articles", data=shared, model=str(prepared_model))
        open_knowledge_base(indexed).index()
    # Each process has its own copy: tests search it, and searches are recorded.
    data = tmp_path_factory.mktemp("help-centre")
    shutil.copytree(shared, data, dirs_exist_ok=True)
    return Settings(articles=ROOT / "articles", data=data, model=str(prepared_model))


# Importing torch takes seconds. This process does it once and then forks one real `kb` for every line it reads.
NURSERY = """
import json, os, sys
import torch, sentence_transformers, faiss, portal.knowledge
from transformers import BertModel, PreTrainedTokenizerFast
from portal.command import main
print("ready", flush=True)
for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if child == 0:
        os.environ.update(order["environment"])
        for number, (name, flags) in enumerate(zip(order["files"], (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY))):
            os.dup2(os.open(name, flags), number)
        status = 70
        try:
            exec(order["before"], {})
            main(order["arguments"])
        except SystemExit as end:
            status = end.code or 0
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            os._exit(status)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class WarmCommand:
    """Runs the `kb` command in processes that do not have to import torch first."""

    def __init__(self, folder: Path) -> None:
        self._files = [folder / name for name in ("stdin", "stdout", "stderr")]
        self._asked = folder / "asked-of-others.txt"
        self._nursery = subprocess.Popen(
            [sys.executable, "-c", NURSERY], cwd=ROOT, env=guarded(os.environ, self._asked), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._nursery.stdout.readline() == "ready\n"

    def __call__(
        self, *arguments: str, environment: dict[str, str], typed: str = "", kill_after: float | None = None, before: str = ""
    ) -> subprocess.CompletedProcess:
        """What the command did; its returncode is -9 when it was killed after so many seconds. `before` is Python that its process runs first."""
        for file, text in zip(self._files, (typed, "", ""), strict=True):
            file.write_text(text, encoding="utf-8")
        order = {"arguments": arguments, "environment": environment, "files": [str(file) for file in self._files], "before": before}
        self._nursery.stdin.write(json.dumps(order) + "\n")
        self._nursery.stdin.flush()
        child = int(self._nursery.stdout.readline())
        if kill_after is not None:
            time.sleep(kill_after)
            with suppress(ProcessLookupError):  # it was quicker
                os.kill(child, signal.SIGKILL)
        status = int(self._nursery.stdout.readline())
        _, out, err = (file.read_text(encoding="utf-8") for file in self._files)
        return subprocess.CompletedProcess(arguments, status, out, err)

    def close(self) -> None:
        """Let the waiting process end. No command may have asked anything of another machine."""
        self._nursery.stdin.close()
        self._nursery.wait(timeout=60)
        assert attempts(self._asked) == []


@pytest.fixture(scope="session")
def warm_kb(tmp_path_factory):
    """Runs `kb`: `warm_kb("search", "refund", environment={"KB_DATA": …})`."""
    command = WarmCommand(tmp_path_factory.mktemp("warm-kb"))
    yield command
    command.close()
