"""A script of a demonstration small enough for tests: a handful of articles in two languages, one of which is taken away and comes back."""

from pathlib import Path

import yaml

from portal.demo_script import LANGS, Script, read_script

ARTICLES = {
    "money/refund": (("Get your money back", "Ask for a refund within 30 days under Orders.", "how do i get a refund", "want my money back"),
                     ("怎么申请退款", "三十天内在“订单”里申请退款。", "怎么退钱", "我要退款")),
    "money/invoice": (("Download an invoice", "Invoices are under Billing, one PDF a month.", "where is my invoice pdf", "need last month's bill"),
                      ("下载发票", "发票在“账单”里，每月一份 PDF。", "发票在哪里下载", "上个月的账单")),
    "account/password": (("Reset your password", "Choose Forgot password and follow the link.", "i forgot my password", "cannot get in, new password"),
                         ("重置密码", "点“忘记密码”，按邮件里的链接操作。", "密码忘了怎么办", "登不进去要改密码")),
    "account/export": (("Export your contacts", "Choose Contacts, Export, CSV.", "contacts as csv file", "get my address book out"),
                       ("导出联系人", "依次选“联系人”“导出”“CSV”。", "通讯录怎么导出来", "联系人存成 csv")),
    "devices/printer": (("The printer is offline", "Restart the print spooler and the printer.", "printer does not print", "my printer shows offline"),
                        ("打印机脱机", "重启打印服务和打印机。", "打印机打不出来", "打印机显示脱机")),
}  # fmt: skip
UNANSWERED = {"en": ["does it work with fax machines", "send a fax from here"], "zh": ["能发传真吗", "传真机怎么接"]}
STORY = [
    {"topic": "devices/printer", "begins": "removed", "taken_up": 0.35, "by": "Maya", "checked_by": "Jonas"},
    {"topic": "fax", "begins": "missing"},
]


def write_script(folder: Path) -> Script:
    """The script, written below the folder and read as the real one is."""
    for name, versions in ARTICLES.items():
        for lang, (title, body, *_) in zip(LANGS, versions, strict=True):
            file = folder / "articles" / lang / f"{name}.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"---\ntitle: {title}\nsummary: {body}\n---\n\n{body}\n", "utf-8")
    answered = {name: {lang: list(asked) for lang, (_, _, *asked) in zip(LANGS, versions, strict=True)} for name, versions in ARTICLES.items()}
    questions = {
        "answered": answered, "unanswered": {"fax": {**UNANSWERED, "reply": {"en": "Faxes are not supported.", "zh": "不支持传真。"}}},
        "strays": {"en": ["weather tomorrow"], "zh": ["明天天气"]}, "comments": {"en": ["too short"], "zh": ["太短"]},
    }  # fmt: skip
    (folder / "questions.yaml").write_text(yaml.safe_dump(questions, allow_unicode=True), "utf-8")
    (folder / "story.yaml").write_text(yaml.safe_dump(STORY, allow_unicode=True), "utf-8")
    return read_script(folder, articles=folder / "articles")
