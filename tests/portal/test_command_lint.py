"""`kb lint`: findings for people, editors and pipelines, of every floor, for files, folders and texts that are not saved."""

import json
from datetime import date

import pytest

from indexer.embedder import Embedder
from kb.lint_words import WORDS
from kb.settings import Settings
from portal.linting import RULES, NoSuchPath, describe_finding, lint, lint_text
from portal.messages import Messages, read_catalogue

TODAY = date(2026, 11, 26)
ARTICLES = {
    "en/billing/refunds.md": "---\ntitle: Refunds\nsummary: How long a refund takes.\n---\nFive days. See [the steps](steps.md).\n",
    "en/billing/other.md": "# Other\n\nText.\n",
    "en/account.md": "---\ntitle: Account\nsummary: Open one.\n---\nPress Open.\n",
    "en/broken.md": "---\nstatus: done\n---\nText.\n",
}


@pytest.fixture
def settings(tmp_path, prepared_model):
    """Settings of a base with a dead link, a missing summary, a broken file and a sound article; not indexed."""
    settings = Settings(articles=tmp_path / "articles", data=tmp_path / "data", model=str(prepared_model))
    for name, text in ARTICLES.items():
        (settings.articles / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.articles / name).write_text(text, encoding="utf-8")
    return settings


@pytest.fixture
def embedder(settings):
    return Embedder(settings.model)


@pytest.fixture
def kb_lint(settings, warm_kb):
    """Runs `kb lint` on these settings."""
    places = {"KB_ARTICLES": str(settings.articles), "KB_DATA": str(settings.data), "KB_MODEL": settings.model}
    return lambda *arguments: warm_kb("lint", *arguments, environment=places)


def told(findings) -> list[tuple[str, str]]:
    return [(finding.path, finding.rule) for finding in findings]


def test_findings_are_lines_of_path_line_rule_fact_and_remedy(kb_lint, settings):
    told = kb_lint()
    assert told.stdout.splitlines() == [
        f"{settings.database}: index-behind: nothing is indexed in {settings.data}, so articles were not compared with each other;"
        " run `kb index`, then lint again",
        "en/billing/other.md:1: missing-summary: the article has no summary, so lists show nothing below its title;"
        " add a `summary`: one sentence that says what the reader gets",
        "en/billing/refunds.md:5: dead-link: the link 'steps.md' leads to no article: en/billing/steps; mend the path, or remove the link",
        "en/broken.md:2: unreadable: status is unknown: 'done'; want one of draft, review, published, archived",
    ]
    assert (told.returncode, told.stderr) == (1, "2 errors, 1 warning, 1 note\n")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("en/billing/other.md",), 0),
        (("--strict", "en/billing/other.md"), 1),
        (("--strict", "en/account.md"), 0),
        (("en/billing",), 1),
        (("--rule", "missing-summary"), 0),
        (("--strict", "--rule", "index-behind"), 0),
    ],
)
def test_errors_fail_a_pipeline_and_strictly_so_does_all_but_an_index_that_is_behind(kb_lint, arguments, code):
    assert kb_lint(*arguments).returncode == code


def test_json_holds_the_same_findings(kb_lint):
    told = kb_lint("--json", "--rule", "dead-link", "--rule", "missing-summary", "en/billing")
    rows = json.loads(told.stdout)
    assert [(row["path"], row["line"], row["rule"], row["level"]) for row in rows] == [
        ("en/billing/other.md", 1, "missing-summary", "warning"), ("en/billing/refunds.md", 5, "dead-link", "error"),
    ]  # fmt: skip
    assert set(rows[0]) == {"path", "line", "rule", "level", "fact", "remedy"} and told.stderr == ""


def test_nothing_to_change_is_said_apart_from_the_findings(kb_lint):
    told = kb_lint("en/account.md", "--rule", "dead-link")
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "nothing to change\n")


@pytest.mark.parametrize("arguments", [("nowhere.md",), ("--rule", "spelling"), ("/etc/passwd",), ("--quick",)])
def test_wrong_usage_exits_2_and_says_how(kb_lint, arguments):
    told = kb_lint(*arguments)
    assert (told.returncode, told.stdout) == (2, "") and "Error: " in told.stderr


def test_the_rules_can_be_listed(kb_lint):
    assert tuple(kb_lint("--rules").stdout.split()) == RULES


def test_a_path_is_what_the_shell_completes_what_kb_prints_or_an_id(settings, embedder):
    root = settings.articles
    for path in (root / "en/billing/refunds.md", str(root / "en/billing"), "en/billing/refunds.md", "en/billing/refunds", "en/billing"):
        assert ("en/billing/refunds.md", "dead-link") in told(lint(settings, embedder, today=TODAY, paths=[path]))
    assert told(lint(settings, embedder, today=TODAY, paths=["en/broken.md"], only=["unreadable"])) == [("en/broken.md", "unreadable")]
    assert lint(settings, embedder, today=TODAY, paths=["en/account"], only=["dead-link"]) == []
    with pytest.raises(NoSuchPath, match="no 'en/nowhere' in"):
        lint(settings, embedder, today=TODAY, paths=["en/nowhere"])


def test_a_folder_next_to_one_of_a_longer_name_is_told_apart(settings, embedder):
    (settings.articles / "en/billing-old").mkdir()
    (settings.articles / "en/billing-old/x.md").write_text("# X\n\nText.\n", "utf-8")
    assert "en/billing-old/x.md" not in {path for path, _ in told(lint(settings, embedder, today=TODAY, paths=["en/billing"]))}


def test_a_damaged_database_takes_nothing_from_the_findings_of_files(settings, embedder):
    settings.data.mkdir()
    settings.database.write_bytes(b"not a database" * 100)
    found = lint(settings, embedder, today=TODAY, paths=["en/billing"])
    assert ("en/billing/refunds.md", "dead-link") in told(found)
    assert [finding.level for finding in found if finding.rule == "index-behind"] == ["note"]
    assert told(lint_text("# New\n\n[x](nowhere.md)\n", "en/new", settings, embedder, today=TODAY))[1:] == [
        ("en/new.md", "missing-summary"), ("en/new.md", "dead-link"),
    ]  # fmt: skip


def test_a_text_that_is_not_saved_is_linted_without_an_index_too(settings, embedder):
    found = lint_text("---\ntitle: New\nsummary: S.\n---\n[x](account.md) [y](nowhere.md)\n", "en/new", settings, embedder, today=TODAY)
    assert [(finding.path, finding.line, finding.rule) for finding in found if finding.level == "error"] == [("en/new.md", 5, "dead-link")]


def test_the_help_centre_has_nothing_to_change(help_centre):
    assert lint(help_centre, Embedder(help_centre.model), today=TODAY) == []


def test_a_text_beside_the_help_centre_is_compared_with_its_articles(help_centre):
    text = (help_centre.articles / "en/customers/vote.md").read_text("utf-8").replace("up to 500 characters", "up to 800 characters")
    text = text.replace("title: How do I tell you whether an article helped?", "title: Rate an article")
    found = lint_text(text, "en/customers/rate-an-article", help_centre, Embedder(help_centre.model), today=TODAY)
    assert {(finding.rule, finding.values.get("other", finding.values.get("theirs"))) for finding in found if finding.level == "warning"} == {
        ("near-duplicate", "en/customers/vote"), ("contradicting-numbers", "500 characters"),
    }  # fmt: skip


@pytest.mark.parametrize("code", WORDS)
def test_pages_say_every_finding_in_both_languages(code):
    key = f"lint_{code.replace('-', '_').replace('.', '_')}"
    english = read_catalogue("en")
    assert (english[key], english[f"{key}_remedy"]) == WORDS[code]
    assert key in read_catalogue("zh") and f"{key}_remedy" in read_catalogue("zh")


def test_a_finding_is_described_in_the_readers_language(settings, embedder):
    (finding,) = lint(settings, embedder, today=TODAY, paths=["en/billing/refunds"], only=["dead-link"])
    assert describe_finding(finding, Messages("en")) == (finding.fact, finding.remedy)
    assert describe_finding(finding, Messages("zh")) == ("链接“steps.md”指向的文章不存在：en/billing/steps", "改正路径，或去掉链接")
