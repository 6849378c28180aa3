"""`kb search` answers customers' questions from this product's own help centre: the right article first, and none for another subject."""

import json

import pytest

QUESTIONS = {
    "en": {
        "why does another article come before mine": "agents/why-it-ranks-there",
        "how do I back up everything": "administrators/backup",
        "kb says the port is already in use": "administrators/error-port-in-use",
        "is my phone number kept when I search": "customers/privacy-of-searches",
        "how fast will somebody reply to me": "policies/response-times",
        "can I take back my vote": "customers/vote",
        "send a link to an answer to a colleague": "customers/share-an-address",
        "put kb behind nginx": "administrators/nginx",
        "database is locked": "administrators/error-database-locked",
        "rename an article without breaking links": "agents/rename-an-article",
        "install it on a machine without internet": "administrators/offline",
        "review_by is not a date": "administrators/error-review-by-not-a-date",
        "what counts as a P1": "policies/priorities",
        "dark background": "customers/language-and-dark-mode",
        "where is my question": "customers/ask-the-team",
        "delete everything you know about me": "customers/my-data",
        "how long are my searches kept": "customers/privacy-of-searches",
        "how do I reply to a customer question": "agents/answer-questions",
        "how do I join two gaps into one": "agents/gap-list",
        "what does the money figure beside a gap mean": "leads/cost-of-a-gap",
        "how many people solved it themselves": "leads/self-service-numbers",
        "add an account for a colleague": "administrators/staff-accounts",
        "I forgot my staff password": "administrators/error-sign-in",
        "single sign-on with Keycloak": "administrators/company-sign-in",
        "make an account for a customer": "administrators/staff-accounts",
        "somebody asks us to wipe all their records": "administrators/erase-a-person",
        "where do I find my drafts": "agents/writing-workspace",
        "the tab closed before I saved, is my text lost": "agents/write-in-the-editor",
        "who has to approve my article": "agents/review-and-publish",
        "my colleague edited the article at the same time as me": "agents/somebody-saved-first",
        "undo what somebody changed in an article": "agents/article-history",
        "how do I close a gap": "agents/close-a-gap",
        "it says the replay advises against publishing": "agents/replay",
        "why is the gap open again": "agents/gap-reopened",
        "tell customers that there is an answer now": "agents/tell-customers",
        "check a pull request of articles": "administrators/replay-in-ci",
    },
    "zh": {
        "数据库怎么备份": "administrators/backup",
        "端口被占用了": "administrators/error-port-in-use",
        "搜索会保存我的手机号吗": "customers/privacy-of-searches",
        "多久能有人回复我": "policies/response-times",
        "点错了赞能撤回吗": "customers/vote",
        "怎么把链接发给同事": "customers/share-an-address",
        "nginx 反向代理怎么配": "administrators/nginx",
        "database is locked 怎么解决": "administrators/error-database-locked",
        "文章改名后旧链接还能用吗": "agents/rename-an-article",
        "断网的机器上怎么安装": "administrators/offline",
        "文件不是 UTF-8": "administrators/error-not-utf8",
        "什么情况算 P1": "policies/priorities",
        "怎麼在文章裡加圖片": "agents/add-images",
        "满意度怎么算": "policies/satisfaction",
        "丢了查询编号怎么办": "customers/ask-the-team",
        "把你们存的我的记录都删掉": "customers/my-data",
        "搜索记录多少天后删除": "customers/privacy-of-searches",
        "客户发来的问题怎么回": "agents/answer-questions",
        "两个缺口其实是一回事怎么办": "agents/gap-list",
        "缺口旁边的金额怎么来的": "leads/cost-of-a-gap",
        "有多少人没找客服就解决了": "leads/self-service-numbers",
        "给新同事开个账号": "administrators/staff-accounts",
        "员工密码忘了": "administrators/error-sign-in",
        "怎么接入单点登录": "administrators/company-sign-in",
        "文章只想给部分客户看": "agents/visibility-and-status",
        "怎么用查询编号删掉客户的数据": "administrators/erase-a-person",
        "草稿都在哪里": "agents/writing-workspace",
        "写到一半电脑死机了，文章还在吗": "agents/write-in-the-editor",
        "谁来审核我的文章": "agents/review-and-publish",
        "两个人同时改同一篇文章": "agents/somebody-saved-first",
        "这篇文章最后是谁改的": "agents/article-history",
        "怎样关闭一个缺口": "agents/close-a-gap",
        "草稿会不会把别的好文章挤下去": "agents/replay",
        "关闭的缺口怎么又回来了": "agents/gap-reopened",
        "怎么通知留了联系方式的客户": "agents/tell-customers",
        "合并请求里怎么检查文章": "administrators/replay-in-ci",
    },
}
ELSEWHERE = ["how long do I bake a pizza", "who won the world cup", "明天天气怎么样", "红烧肉怎么做"]


@pytest.fixture(scope="module")
def answers(help_centre, warm_kb, tmp_path_factory):
    """Every question asked in one batch: text -> the line that kb wrote."""
    asked = [(lang, text) for lang, pairs in QUESTIONS.items() for text in pairs] + [(None, text) for text in ELSEWHERE]
    file = tmp_path_factory.mktemp("questions") / "questions.jsonl"
    file.write_text("".join(json.dumps({"id": text, "text": text} | ({"lang": lang} if lang else {})) + "\n" for lang, text in asked), "utf-8")
    places = {"KB_ARTICLES": str(help_centre.articles), "KB_DATA": str(help_centre.data), "KB_MODEL": help_centre.model}
    told = warm_kb("search", "--batch", str(file), environment=places)
    assert told.returncode == 0, told.stderr
    return {row["id"]: row for row in map(json.loads, told.stdout.splitlines())}


@pytest.mark.parametrize(("lang", "text", "article"), [(lang, *pair) for lang, pairs in QUESTIONS.items() for pair in pairs.items()])
def test_the_right_article_comes_first_in_the_language_of_the_question(answers, lang, text, article):
    assert answers[text]["hits"][0]["article"] == f"{lang}/{article}"


@pytest.mark.parametrize("text", ELSEWHERE)
def test_a_question_about_something_else_is_not_claimed_to_be_answered(answers, text):
    assert answers[text]["outcome"] != "answered"
