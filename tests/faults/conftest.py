"""A small base with a tiny model, so that real processes can be killed hundreds of times; and what does the killing."""

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from kb.settings import Settings

ARTICLES = {
    "en/billing/refunds.md": "---\ntags: [money]\nproduct: shop\n---\n# How do I get my money back?\n\nRefunds arrive within five working days.\n\n"
    "## Ask for a refund\n\n1. Open your order.\n2. Press **Refund**.\n3. Choose a reason.\n",
    "zh/billing/refunds.md": "---\ntags: [money]\nproduct: shop\n---\n# 怎么退款？\n\n退款会在五个工作日内到账。\n\n## 申请退款\n\n1. 打开订单。\n2. 点击退款。\n",
    "en/account/password.md": "# Reset your password\n\nOpen the sign-in page and press *Forgot password*. A link is sent by e-mail.\n",
    "zh/account/two-step.md": "# 开启两步验证\n\n在安全设置里扫描二维码，然后输入六位验证码。\n",
    "en/errors/update.md": "# The update stops with 0x80070005\n\nThe service account may not write to the program folder. Grant it the right *Modify*.\n",
    "en/staff/discounts.md": "---\nvisibility: internal\n---\n# Secret discount codes\n\nGive the code MELON42 to customers who threaten to leave.\n",
}  # fmt: skip
QUERIES = ("how do I get my money back", "怎么退款", "reset password", "两步验证", "0x80070005", "discount code MELON42")

KILLED_AT = """
import os, signal, sys
names = {{"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "sqlite3.connect", "subprocess.Popen", "shutil.rmtree"}}
steps = []
def count(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wxa+")
    opens = event == "open" and arguments[1] is None and arguments[2] & (os.O_WRONLY | os.O_RDWR)
    if event in names or writes or opens:
        steps.append(event)
        if len(steps) == {step}:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
"""
"""Kills its own process right before the step with that number: each file written, renamed or removed, each connection to the database."""

ORDINARY_USER = """
import ctypes, struct
# Without CAP_DAC_OVERRIDE, root may write only what its permissions allow, as any other owner. See capabilities(7), capset(2).
header, word = struct.pack("Ii", 0x20080522, 0), struct.calcsize("I")
kept = bytearray(24)
libc = ctypes.CDLL(None, use_errno=True)
found = ctypes.create_string_buffer(24)
assert libc.capget(header, found) == 0
words = list(struct.unpack("6I", found.raw))
words[0] &= ~0b110
assert libc.capset(header, struct.pack("6I", *words)) == 0
"""


def make_tiny_model(folder: Path, *, dimension: int) -> Path:
    """A sentence-transformers model with random weights over single bytes: real, useless, and loaded in a tenth of a second."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    special, letters = ["<s>", "<pad>", "</s>", "<unk>"], sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {piece: number for number, piece in enumerate([*special, *letters])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_special_tokens(special)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    torch.manual_seed(20261125)
    shape = {"hidden_size": dimension, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": dimension}
    BertModel(BertConfig(vocab_size=len(vocabulary), **shape)).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    marks = {"cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    parts = ("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")
    files = {
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, "model_input_names": ["input_ids", "attention_mask"], **marks},
        "sentence_bert_config.json": {"max_seq_length": 512, "do_lower_case": False},
        "1_Pooling/config.json": {"word_embedding_dimension": dimension, "pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False},
        "modules.json": [
            {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{part}"} for number, (part, path) in enumerate(parts)
        ],
    }  # fmt: skip
    for name, value in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(value), encoding="utf-8")
    return folder


def write_articles(folder: Path, articles: dict[str, str]) -> None:
    for name, content in articles.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny", dimension=32)


@pytest.fixture(scope="session")
def sound_base(tmp_path_factory, tiny_model) -> Settings:
    """ARTICLES, indexed; to be copied and never changed."""
    import kb.account_schema
    import kb.workspace_schema  # noqa: F401
    from feedback import schema  # noqa: F401  as every command has them
    from indexer.indexing import index_articles

    folder = tmp_path_factory.mktemp("sound")
    settings = Settings(articles=folder / "articles", data=folder / "data", model=str(tiny_model))
    write_articles(settings.articles, ARTICLES)
    index_articles(settings, embedder_of(settings.model))
    return settings


@pytest.fixture
def base(sound_base, tmp_path) -> Settings:
    """A copy of the sound base that a test may break."""
    return copy_base(sound_base, tmp_path / "base")


def copy_base(settings: Settings, folder: Path) -> Settings:
    for name in ("articles", "data"):
        shutil.copytree(getattr(settings, name), folder / name)
    return replace(settings, articles=folder / "articles", data=folder / "data")


@pytest.fixture
def kb(warm_kb):
    """Runs `kb` on a base: `kb(base, "search", "refund", step=7)` is killed right before its seventh step."""

    def run(settings: Settings, *arguments: str, step: int | None = None, before: str = "", **chosen) -> subprocess.CompletedProcess:
        places = {"KB_ARTICLES": str(settings.articles), "KB_DATA": str(settings.data), "KB_MODEL": settings.model}
        return warm_kb(*arguments, environment=places, before=before + (KILLED_AT.format(step=step) if step else ""), **chosen)

    return run


def find_hits(settings: Settings, *, staff: bool = False) -> list:
    """What every one of QUERIES finds, read from the files anew as a process just started would."""
    from indexer.retriever import Retriever
    from kb.readers import PUBLIC, STAFF, Scope

    retriever = Retriever(settings, embedder_of(settings.model))
    reader = STAFF if staff else PUBLIC
    return [[(hit.article, hit.title, hit.passage, hit.answer_html) for hit in retriever.retrieve(text, scope=Scope(reader)).hits] for text in QUERIES]


_embedders: dict = {}


def embedder_of(model: str):
    from indexer.embedder import Embedder

    return _embedders.setdefault(model, Embedder(model))


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 8 MB, mounted. Where nothing may be mounted, the test is skipped."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def levels(findings) -> dict[str, list[str]]:
    """Messages by level."""
    found = list(findings)
    return {level: [finding.message for finding in found if finding.level == level] for level in ("ok", "warning", "fault")}


os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
