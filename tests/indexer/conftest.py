"""A small bilingual base, indexed once by the real model."""

from pathlib import Path

import pytest

from indexer.embedder import Embedder
from indexer.indexing import index_articles
from indexer.retriever import Retriever
from kb.settings import Settings

SMALL_BASE = {
    "en/billing/refunds.md": "---\ntags: [money]\nproduct: shop\n---\n# How do I get my money back?\n\nRefunds arrive within five working days.\n\n"
    "## Ask for a refund\n\n1. Open your order.\n2. Press **Refund**.\n3. Choose a reason.\n",
    "zh/billing/refunds.md": "---\ntags: [money]\nproduct: shop\n---\n# 怎么退款？\n\n退款会在五个工作日内到账。\n\n## 申请退款\n\n1. 打开订单。\n2. 点击退款。\n3. 选择原因。\n",
    "en/account/password.md": "---\nproduct: account\n---\n# Reset your password\n\nOpen the sign-in page and press *Forgot password*. A link is sent by e-mail.\n",
    "zh/account/two-step.md": "# 开启两步验证\n\n在安全设置里扫描二维码，然后输入六位验证码。\n",
    "en/errors/update.md": "# The update stops with 0x80070005\n\nThe service account may not write to the program folder. Grant it the right *Modify*.\n",
    "en/errors/certificate.md": "# ERR_SSL_PROTOCOL_ERROR in the browser\n\nThe certificate chain is incomplete since v2.4.5. Install the intermediate certificate.\n",
    "en/staff/discounts.md": "---\nvisibility: internal\n---\n# Secret discount codes\n\nGive the code MELON42 to customers who threaten to leave.\n",
    "en/plans/limits.md": "---\nvisibility: customers\n---\n# Limits of the enterprise plan\n\nUp to 900 seats and 40 projects.\n",
    "en/drafts/soon.md": "---\nstatus: draft\n---\n# Teleportation of invoices\n\nNot released.\n",
}


def write_articles(folder: Path, articles: dict[str, str]) -> None:
    for name, content in articles.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")


@pytest.fixture(scope="session")
def embedder(prepared_model) -> Embedder:
    return Embedder(str(prepared_model))


@pytest.fixture(scope="session")
def small_base(tmp_path_factory, embedder) -> tuple[Settings, Retriever]:
    """Settings and retriever of SMALL_BASE; for reading only."""
    folder = tmp_path_factory.mktemp("small-base")
    settings = Settings(articles=folder / "articles", data=folder / "data", model=embedder.model)
    write_articles(settings.articles, SMALL_BASE)
    index_articles(settings, embedder)
    return settings, Retriever(settings, embedder)


@pytest.fixture
def own_base(tmp_path, embedder) -> Settings:
    """Settings of a small base that a test may change; not indexed yet."""
    settings = Settings(articles=tmp_path / "articles", data=tmp_path / "data", model=embedder.model)
    write_articles(settings.articles, {name: SMALL_BASE[name] for name in ("en/billing/refunds.md", "en/account/password.md")})
    return settings
