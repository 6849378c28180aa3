"""A Zendesk help centre comes in article by article: translations side by side, links led on, restrictions kept."""

import json
from datetime import date

import pytest

from kb.articles import load_articles, translations
from kb.importing import import_articles
from tests.kb.import_samples import write, zendesk_article

REFUND = '<h2 id="h_steps">Steps</h2><p>See <a href="https://acme.zendesk.com/hc/en-us/articles/2-Orders#h_find">orders</a>, <a href="/hc/en-us/articles/99">old</a>.</p>'
ORDERS = '<h2 id="h_find">Find it</h2><p>Text</p>'
FOLDERS = {
    "sections.json": {"sections": [{"id": 7, "name": "退款", "locale": "zh-cn", "category_id": 8}, {"id": 7, "name": "Refunds & money", "locale": "en-us", "category_id": 8}]},
    "categories.json": {"categories": [{"id": 8, "name": "Billing", "locale": "en-us"}]},
}  # fmt: skip


@pytest.fixture
def bring_in(tmp_path):
    """Import an export of these files; the report."""

    def run(files: dict, **options):
        (tmp_path / "articles").mkdir(exist_ok=True)
        return import_articles(write(tmp_path / "export", files), tmp_path / "articles", **options)

    return run


def articles_in(tmp_path):
    return {article.id: article for article in load_articles(tmp_path / "articles").articles}


def test_translations_land_on_one_path_and_links_lead_to_the_new_places(bring_in, tmp_path):
    report = bring_in({**FOLDERS, "articles.json": {"articles": [
        zendesk_article(1, "Get a refund", REFUND), zendesk_article(2, "Orders", ORDERS),
        zendesk_article(1, "申请退款", '<p>请看<a href="https://acme.zendesk.com/hc/zh-cn/articles/2">订单</a>的说明。</p>', locale="zh-cn"),
        zendesk_article(2, "订单", "<p>所有订单都在这里。</p>", locale="zh-cn"),
    ]}})  # fmt: skip
    found = articles_in(tmp_path)
    assert report.refused == () and sorted(found) == [
        "en/billing/refunds-money/get-a-refund", "en/billing/refunds-money/orders", "zh/billing/refunds-money/get-a-refund", "zh/billing/refunds-money/orders",
    ]  # fmt: skip
    assert translations(found.values())["en/billing/refunds-money/orders"] == ("zh/billing/refunds-money/orders",)
    refund = found["en/billing/refunds-money/get-a-refund"]
    assert refund.body.strip() == "## Steps\n\nSee [orders](orders.md#h_find), [old](https://acme.zendesk.com/hc/en-us/articles/99)."
    assert "## Find it {#h_find}" in found["en/billing/refunds-money/orders"].body
    assert "[订单](orders.md)" in found["zh/billing/refunds-money/get-a-refund"].body
    assert (refund.tags, refund.updated, refund.extra["source"], refund.status) == (("billing",), date(2026, 2, 3), "zendesk 1", "draft")


def test_a_translation_that_comes_later_joins_the_path_of_the_first(bring_in, tmp_path):
    bring_in({"one.json": {"article": zendesk_article(1, "Get a refund", REFUND)}}, into="help")
    report = bring_in({"one.json": {"article": zendesk_article(1, "申请退款", "<p>打开订单。</p>", locale="zh-cn")}})
    assert [one.id for one in report.converted] == ["zh/help/get-a-refund"]


def test_published_is_believed_only_when_asked_and_a_draft_stays_one(bring_in):
    pages = {"1.json": {"articles": [zendesk_article(1, "Out", ORDERS)]}, "2.json": {"articles": [zendesk_article(2, "Draft", ORDERS, draft=True)]}}
    assert {one.title: one.status for one in bring_in(pages, publish=True, dry=True).converted} == {"Out": "published", "Draft": "draft"}
    assert {one.status for one in bring_in(pages).converted} == {"draft"}


def test_an_article_for_some_people_only_stays_hidden_from_the_others(bring_in, tmp_path):
    report = bring_in({"a.json": {"articles": [zendesk_article(1, "Secret", ORDERS, user_segment_id=5)]}}, publish=True)
    assert articles_in(tmp_path)["en/secret"].visibility == "internal"
    assert "its visibility is internal" in report.converted[0].changes[0].fact


def test_translations_beside_or_inside_an_article_come_in_too(bring_in):
    inside = zendesk_article(1, "Inside", ORDERS, translations=[{"locale": "en-us", "title": "Inside", "body": ORDERS}, {"locale": "zh-cn", "title": "里面", "body": "<p>正文在这里</p>", "draft": True}])
    beside = {"translations": [{"source_id": 2, "source_type": "Article", "locale": "zh-cn", "title": "旁边", "body": "<p>正文在这里</p>"}]}
    report = bring_in({"a.json": {"articles": [inside, zendesk_article(2, "Beside", ORDERS)]}, "t.json": beside})
    assert [(one.id, one.title) for one in report.converted] == [
        ("en/beside", "Beside"), ("en/inside", "Inside"), ("zh/beside", "旁边"), ("zh/inside", "里面"),
    ]  # fmt: skip


def test_a_list_of_articles_is_an_export_too(bring_in):
    assert [one.id for one in bring_in({"a.json": [zendesk_article(1, "One", ORDERS), zendesk_article(2, "Two", ORDERS)]}).converted] == ["en/one", "en/two"]


def test_images_stay_on_their_server_as_links_and_are_told(bring_in, tmp_path):
    report = bring_in({"a.json": {"articles": [zendesk_article(1, "Pic", '<p><img src="/hc/article_attachments/5/a.png" alt="Menu"></p>')]}})
    assert articles_in(tmp_path)["en/pic"].body.strip() == "![Menu](https://acme.zendesk.com/hc/article_attachments/5/a.png)"
    assert report.converted[0].changes[0].fact == "image of another server left as a link: https://acme.zendesk.com/hc/article_attachments/5/a.png"


def test_what_cannot_come_in_is_named_by_line_and_number_and_stops_nothing(bring_in):
    report = bring_in({"a.json": {"articles": [
        zendesk_article(1, "Fine", ORDERS), zendesk_article(2, "Vide", ORDERS, locale="fr"), zendesk_article(3, "Empty", "  "),
        {"title": "No id", "body": "<p>x</p>"},
    ]}})  # fmt: skip
    assert [one.id for one in report.converted] == ["en/fine"]
    assert sorted(str(refused) for refused in report.refused) == [
        "a.json: article 'No id' has no id; export it again",
        "a.json:18: article 2 is in 'fr'; kb serves zh and en, so leave it out of the source",
        "a.json:32: article 3 has no text; write it, or leave it out of the export",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"articles": [\n{"id": 1,\n "title"}]}', "a.json:3: is not valid JSON: Expecting ':' delimiter (column 9); export it again"),
        (b'{"articles": [\n "\xff"]}', "a.json:2: is not UTF-8; save it as UTF-8"),
        (b"[" * 100_000, "a.json: is JSON nested too deeply; export it again"),
        (b'{"id": ' + b"9" * 10_000 + b"}", "a.json: holds a number that is too long; export it again"),
    ],
)  # fmt: skip
def test_json_that_cannot_be_read_is_refused_with_its_line(bring_in, content, told):
    report = bring_in({"a.json": content, "b.json": {"articles": [zendesk_article(1, "Fine", ORDERS)]}})
    assert [one.id for one in report.converted] == ["en/fine"]
    assert [str(refused) for refused in report.refused] == [told]


def test_json_of_another_kind_is_refused_alone_and_left_out_of_a_folder(bring_in, tmp_path):
    write(tmp_path, {"alone.json": {"name": "package"}})
    (tmp_path / "articles").mkdir()
    report = import_articles(tmp_path / "alone.json", tmp_path / "articles")
    assert "neither a Zendesk export" in str(report.refused[0])
    report = bring_in({"package.json": json.dumps({"name": "x"}), "a.json": {"article": zendesk_article(1, "One", ORDERS)}})
    assert (report.refused, report.left_out) == ((), ("package.json",))
