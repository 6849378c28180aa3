"""The simulation runs on a base of the size of a help centre, finds what was taken away, and does the same thing twice."""

import json

import pytest

from kb.settings import Settings
from portal.simulated_base import open_simulated_base
from portal.simulated_customers import Clock
from portal.simulated_topics import read_cast
from portal.simulation import simulate

TOPICS = {
    "refund": ("Get your money back", "Ask for a refund within 30 days under Orders.", ("how do I get a refund", "i want my money back for an order")),
    "invoice": ("Download an invoice", "Invoices are under Billing, one PDF a month.", ("where is my invoice pdf", "download last month's invoice")),
    "password": ("Reset your password", "Choose Forgot password and follow the link.", ("i forgot my password", "cannot sign in, reset password")),
    "printer": ("The printer is offline", "Restart the print spooler and the printer.", ("printer shows offline", "my printer does not print any more")),
    "export": ("Export your contacts", "Choose Contacts, Export, CSV.", ("export contacts as csv", "how can I get my address book out")),
    "team": ("Invite a colleague", "Choose Team, Invite, and type an address.", ("add a colleague to the team", "invite somebody to my account")),
    "dark": ("Dark mode", "Choose Settings, Appearance, Dark.", ("turn on dark mode", "make the screen black at night")),
    "close": ("Close your account", "Choose Settings, Account, Close for good.", ("delete my account", "how do I close my account for good")),
    "webhook": ("Webhooks time out", "Answer within ten seconds and queue the work.", ("webhook timeout error", "webhooks are delivered twice after a timeout")),
    "vat": ("Add a VAT number", "Type the number under Billing, Tax.", ("enter vat number", "tax id missing on the bill")),
    "sso": ("Single sign-on with SAML", "Upload the metadata of your identity provider.", ("set up saml single sign-on", "where do I upload idp metadata")),
    "backup": ("Restore a backup", "Choose Backups, a day, Restore.", ("restore yesterday's backup", "get deleted records back from backup")),
}  # fmt: skip


@pytest.fixture(scope="module")
def labelled_set(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sets") / "help"
    (folder / "articles").mkdir(parents=True)
    rows = []
    for name, (title, body, questions) in TOPICS.items():
        (folder / "articles" / f"{name}.md").write_text(f"# {title}\n\n{body}\n", "utf-8")
        rows += [{"id": f"{name}-{number}", "text": text, "lang": "en", "gold": [name]} for number, text in enumerate(questions)]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return folder


def run(labelled_set, folder, model):
    cast, clock = read_cast([labelled_set], split="a", seed=1, most=100), Clock()
    knowledge = open_simulated_base(cast.topics, Settings(model=str(model)), folder, now=clock)
    replays = []
    return cast, list(simulate(knowledge, cast, clock, points=(60,), seed=1, replays=replays)), replays


def test_a_removed_topic_becomes_a_gap_and_two_runs_agree(labelled_set, tmp_path, prepared_model):
    cast, [(figures, verdicts)], [replays] = run(labelled_set, tmp_path, prepared_model)
    removed = {topic.name for topic in cast.topics if topic.truth == "removed"}
    assert len(removed) == 2
    assert figures.removed_asked == figures.removed_found > 0
    assert {verdict.topic for verdict in verdicts if verdict.kind == "missing" and verdict.real} & removed
    restored = [trial for trial in replays.trials if trial.kind == "restored"]
    assert restored and all(trial.answers == 1 and trial.verdict == "closes" for trial in restored)
    assert not any(trial.passed for trial in replays.trials if trial.kind in ("other", "alike"))
    _, [(_, again)], _ = run(labelled_set, tmp_path, prepared_model)
    assert [(each.kind, each.items, each.topic, each.title) for each in again] == [(each.kind, each.items, each.topic, each.title) for each in verdicts]


def test_a_topic_s_articles_are_kept_out_of_the_base_as_its_truth_says(labelled_set, tmp_path, prepared_model):
    cast = read_cast([labelled_set], split="b", seed=1, most=100)
    knowledge = open_simulated_base(cast.topics, Settings(model=str(prepared_model)), tmp_path, now=Clock())
    answer = knowledge.search("anything")
    assert {hit.article for hit in answer.hits} == {article for topic in cast.topics for article in topic.answers}
