"""Rules that need the index: duplicates and not relatives, contradictions and not other plans, sections that no answer can show."""

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from indexer.indexing import index_articles
from indexer.lint_base import read_indexed_articles
from indexer.lint_duplicates import nearest_pairs
from indexer.linting import lint_index
from kb.database import read
from kb.linting import lint_text, read_base, read_draft
from kb.settings import Settings

TODAY = date(2026, 11, 26)

REFUND = (
    "Refunds arrive within **30 days** on the card that you paid with. We send a message as soon as your bank has confirmed the transfer.\n\n"
    "## Ask for a refund\n\n1. Open the order in your account.\n2. Press Return items and choose a reason.\n3. Print the label and send the parcel.\n\n"
    "## What cannot be returned\n\nGift cards, opened software and food cannot be returned.\n"
)
MONEY_BACK = (
    "Your refund arrives within **14 days** on the card that you paid with. As soon as the bank has confirmed the transfer, we send you a message.\n\n"
    "## How to ask for it\n\n1. In your account, open the order.\n2. Choose a reason under Return items.\n3. Print the label, then send the parcel.\n\n"
    "## Exceptions\n\nFood, gift cards and opened software cannot be returned.\n"
)
RELATED = {
    "en/orders/exchange.md": "# Exchange an item for another size\n\nOpen the order, press Exchange and choose the size. We send the new parcel when the old one"
    " has arrived in our warehouse, usually after four days.\n",
    "en/orders/cancel.md": "# Cancel an order before it is sent\n\nPress Cancel in the order. This works until the parcel has been handed to the carrier; afterwards"
    " you can only return the items.\n",
    "en/account/password.md": "# Reset your password\n\nOpen the sign-in page and press Forgot password. A link is sent by e-mail and works for one hour.\n",
    "en/account/invoice.md": "# Download an invoice\n\nEvery order has its invoice as a PDF under Documents. Companies enter their tax number before they pay.\n",
}
REFUND_ZH = (
    "退款会在三十天内退回您付款时使用的银行卡。银行确认转账之后，我们会马上发消息通知您。\n\n## 申请退款\n\n1. 在账户里打开订单。\n2. 点击“退货”，选择原因。\n"
    "3. 打印面单并寄出包裹。\n\n## 不能退的商品\n\n礼品卡、拆封的软件和食品不能退货。\n"
)
MONEY_BACK_ZH = (
    "退款会在 14 天内退回到您付款时用的银行卡。银行一确认转账，我们就马上发消息通知您。\n\n## 怎样申请\n\n1. 打开账户里的订单。\n2. 选择原因，点击“退货”。\n"
    "3. 把面单打印出来，寄出包裹。\n\n## 例外\n\n食品、礼品卡和拆封的软件不能退货。\n"
)


def titled(title: str, body: str, **fields: str) -> str:
    return f"---\ntitle: {title}\n" + "".join(f"{name}: {value}\n" for name, value in fields.items()) + f"---\n{body}"


PAIR = {
    "en/orders/refunds.md": titled("When do I get my refund?", REFUND),
    "en/returns/money-back.md": titled("Getting your money back", MONEY_BACK),
}


@pytest.fixture(scope="module")
def embedded(tmp_path_factory, embedder):
    """A data folder in which the texts of most tests are embedded already."""
    folder = tmp_path_factory.mktemp("embedded")
    settings = Settings(articles=folder / "articles", data=folder / "data", model=embedder.model)
    write(settings, PAIR | RELATED)
    index_articles(settings, embedder)
    return settings.data


@pytest.fixture
def base(tmp_path, embedder, embedded):
    """Settings of a base with the given articles, indexed: `base({"en/refunds.md": "…"})`."""

    def build(articles: dict[str, str], **chosen: object) -> Settings:
        settings = Settings(articles=tmp_path / "articles", data=tmp_path / "data", model=embedder.model, **chosen)
        shutil.copytree(embedded, settings.data, dirs_exist_ok=True)
        write(settings, articles)
        index_articles(settings, embedder)
        return settings

    return build


@pytest.fixture
def lint(embedder):
    """Findings of the index rules in a base, as they are."""

    def run(settings: Settings, ids=None):
        return lint_index(settings, read_base(settings.articles)[0], embedder, ids=ids)

    return run


def write(settings: Settings, articles: dict[str, str]) -> None:
    for name, text in articles.items():
        (settings.articles / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.articles / name).write_text(text, encoding="utf-8")


def duplicates(findings) -> list[tuple[str, str]]:
    return [(finding.path, finding.values["other"]) for finding in findings if finding.rule == "near-duplicate"]


def test_an_article_written_twice_in_other_words_is_told_once(base, lint):
    found = lint(base(PAIR | RELATED))
    assert duplicates(found) == [("en/returns/money-back.md", "en/orders/refunds")]
    (finding,) = [each for each in found if each.rule == "near-duplicate"]
    assert (finding.line, finding.level) == (2, "warning") and "redirect_from" in finding.remedy


def test_chinese_duplicates_are_found_like_english_ones(base, lint):
    pair = {
        "zh/orders/refunds.md": titled("退款什么时候到账？", REFUND_ZH),
        "zh/returns/money-back.md": titled("怎样拿回货款", MONEY_BACK_ZH),
    }
    found = lint(base(pair))
    assert duplicates(found) == [("zh/returns/money-back.md", "zh/orders/refunds")]
    assert [(each.values["mine"], each.values["theirs"]) for each in found if each.rule == "contradicting-numbers"] == [("14 天", "三十天")]


def test_a_pair_is_told_of_the_article_that_was_named(base, lint):
    assert duplicates(lint(base(PAIR | RELATED), ids=["en/orders/refunds"])) == [("en/orders/refunds.md", "en/returns/money-back")]
    assert duplicates(lint(base(PAIR | RELATED), ids=["en/orders/cancel"])) == []


def test_related_articles_and_translations_are_no_duplicates(base, lint):
    assert (
        lint(
            base(
                RELATED
                | {"en/orders/refunds.md": PAIR["en/orders/refunds.md"], "zh/orders/refunds.md": titled("退款多久到账？", REFUND_ZH)}
            )
        )
        == []
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"product": "shop", "other_product": "market"},
        {"title": "Refunds in version 3", "other_title": "Refunds in version 4"},
        {"link": "\nSee also [the other](../orders/refunds.md).\n"},
        {"other_status": "draft"},
        {"other_visibility": "internal"},
    ],
)
def test_articles_that_their_authors_have_told_apart_are_no_duplicates(base, lint, changed):
    one = {name: changed[name] for name in ("product",) if name in changed}
    other = {name.removeprefix("other_"): value for name, value in changed.items() if name.startswith("other_") and name != "other_title"}
    articles = {
        "en/orders/refunds.md": titled(changed.get("title", "When do I get my refund?"), REFUND, **one),
        "en/returns/money-back.md": titled(
            changed.get("other_title", "Getting your money back"), MONEY_BACK + changed.get("link", ""), **other
        ),
    }
    assert duplicates(lint(base(articles | RELATED))) == []


def test_other_numbers_in_the_same_sentence_are_a_contradiction_with_both_places(base, lint):
    (found,) = [each for each in lint(base(PAIR | RELATED)) if each.rule == "contradicting-numbers"]
    assert (found.path, found.line, found.level) == ("en/returns/money-back.md", 4, "warning")
    assert found.fact.startswith(
        "'14 days' here, '30 days' in en/orders/refunds.md:4, where the sentence is nearly the same: 'Your refund arrives"
    )


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("within **30 days**", "within **four weeks and two days**"),  # two amounts say more than one
        ("within **24 hours**", "within **one day**"),
        ("within **30 days** (see version 2.4.1)", "within **30 days** (see version 2.4.2)"),
        ("within **30 days**, plan P1", "within **14 days**, plan P2"),
    ],
)
def test_the_same_amount_or_another_subject_is_no_contradiction(base, lint, said, meant):
    articles = {
        "en/orders/refunds.md": titled("When do I get my refund?", REFUND.replace("within **30 days**", said)),
        "en/returns/money-back.md": titled("Getting your money back", MONEY_BACK.replace("within **14 days**", meant)),
    }
    assert [each for each in lint(base(articles)) if each.rule == "contradicting-numbers"] == []


def test_a_section_that_no_answer_can_show_is_named_with_its_line_and_tokens(base, lint):
    long = "Every switch of the printer has a lamp. " * 12
    settings = base({"en/printer.md": titled("Printer", f"Short.\n\n## Every switch\n\n{long}\n\n## Paper\n\nA4.\n")}, passage_tokens=40)
    (found,) = lint(settings)
    assert (found.path, found.line, found.rule, found.level) == ("en/printer.md", 6, "long-section", "note")
    assert found.values["heading"] == "Every switch" and found.values["tokens"] > 80
    assert "one answer shows at most 40" in found.fact


def test_steps_that_are_cut_are_told_and_long_code_and_tables_are_not(base, lint):
    steps = "\n".join(f"{number}. Turn switch {number} to the right." for number in range(1, 7))
    code = "```\n" + "\n".join(f"option_{number} = {number}" for number in range(12)) + "\n```"
    table = "| name | meaning |\n|---|---|\n" + "\n".join(f"| {number} | what option {number} does |" for number in range(12))
    text = titled("Printer", f"## Steps\n\n{steps}\n\n## File\n\n{code}\n\n## Options\n\n{table}\n")
    (found,) = lint(base({"en/printer.md": text}, passage_tokens=40))
    assert (found.line, found.code, found.values["steps"]) == (4, "long-section.steps", 6)


def test_articles_that_changed_since_they_were_indexed_are_left_out_and_counted(base, lint):
    settings = base(PAIR | RELATED)
    write(settings, {"en/returns/money-back.md": titled("Getting your money back", MONEY_BACK + "\nMore.\n")})
    (found,) = lint(settings)
    assert (found.rule, found.level, found.path) == ("index-behind", "note", str(settings.database))
    assert found.fact == "1 of 6 articles changed since they were indexed and were not compared"


def test_without_an_index_there_is_one_note(own_base, embedder):
    (found,) = lint_index(own_base, read_base(own_base.articles)[0], embedder)
    assert (found.rule, found.level, found.remedy) == ("index-behind", "note", "run `kb index`, then lint again")


def test_a_text_that_is_not_saved_is_compared_with_what_is_indexed(base, embedder):
    settings = base({"en/orders/refunds.md": PAIR["en/orders/refunds.md"]} | RELATED)
    drafted, _ = read_draft(PAIR["en/returns/money-back.md"], "en/returns/money-back", settings.articles)
    found = lint_index(settings, drafted, embedder, ids=["en/returns/money-back"])
    assert [(each.path, each.rule) for each in found] == [
        ("en/returns/money-back.md", "near-duplicate"), ("en/returns/money-back.md", "contradicting-numbers"),
    ]  # fmt: skip


def test_a_changed_text_is_not_compared_with_its_own_older_version(base, embedder):
    settings = base(RELATED)
    text = RELATED["en/orders/exchange.md"] + "\nOne more sentence.\n"
    drafted, _ = read_draft(text, "en/orders/exchange", settings.articles)
    assert lint_index(settings, drafted, embedder, ids=["en/orders/exchange"]) == []


def test_the_indexed_articles_stand_in_for_their_files(base):
    linked = titled("Refunds", "Text.\n\n## Ask\n\nText.\n", summary="S", redirect_from="[en/old]", updated="2026-10-01")
    settings = base({"en/refunds.md": linked, "zh/refunds.md": titled("退款", "正文。\n", summary="摘要", updated="2026-11-02")})
    with read(settings.database) as database:
        others = read_indexed_articles(database)
    text = titled("New", "[a](old.md#ask) [b](refunds.md#nowhere)\n", summary="S")
    assert [each.code for each in lint_text(text, "en/new", Path("nowhere"), today=TODAY, others=others)] == [
        "missing-translation.zh", "dead-section",
    ]  # fmt: skip
    assert [each.code for each in lint_text(linked, "en/refunds", Path("nowhere"), today=TODAY, others=others)] == ["stale-translation"]


def test_the_nearest_rows_are_paired_once_however_many_blocks_they_take():
    angles = np.linspace(0, np.pi / 2, 3000)
    heads = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    pairs = list(nearest_pairs(heads, at_least=0.9, nearest=2))
    assert len(pairs) == len(set(pairs)) and {(row, row + 1) for row in range(2999)} <= set(pairs)
    assert all(one < other for one, other in pairs)
    assert list(nearest_pairs(heads[:1], at_least=0.0)) == []
