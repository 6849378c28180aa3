"""Articles that a browser reads in tests: ordinary ones in both languages, and one for each way to attack a reader."""

RUN = "window.__pwned=1"
PAYLOADS = (
    f"<script>{RUN}</script>",
    f"<ScRiPt src='data:text/javascript,{RUN}'></sCrIpT>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg onload='{RUN}'></svg>",
    f"<img src=x onerror='{RUN}'>",
    f"<img src='javascript:{RUN}'>",
    f"<iframe srcdoc='<script>top.{RUN}</script>'></iframe>",
    f"<iframe src='javascript:top.{RUN}'></iframe>",
    f"<a href='javascript:{RUN}' class='kb-button'>press me</a>",
    f"[press me](javascript:{RUN})",
    f"[press me](JaVaScRiPt&colon;{RUN})",
    f"[press me](data:text/html,<script>{RUN}</script>)",
    f"![x](javascript:{RUN})",
    f"<details open ontoggle='{RUN}'><summary>x</summary></details>",
    f"<video><source onerror='{RUN}'></video>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror={RUN}&gt;'>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'></noscript>",
    f"<template><img src=x onerror='{RUN}'></template>",
    f"<form action='javascript:{RUN}'><button>press me</button></form>",
    f"<input autofocus onfocus='{RUN}'>",
    f"<body onload='{RUN}'>",
    f"<meta http-equiv='refresh' content='0;url=javascript:{RUN}'>",
    "<base href='https://evil.example/'>",
    "<link rel='stylesheet' href='https://evil.example/x.css'>",
    "<style>body{background:url(https://evil.example/x.png)}</style>",
    "<img src='https://evil.example/pixel.png'>",
    f"<object data='javascript:{RUN}'></object><embed src='javascript:{RUN}'>",
    f'"><img src=x onerror="{RUN}">',
    f"'-{RUN}-'",
    f"{{{{ constructor.constructor('{RUN}')() }}}}{{% raw %}}",
    f"]]>--><script>{RUN}</script>",
    f"<mark onmouseover='{RUN}' style='position:fixed;inset:0'>everywhere</mark>",
)

READING = {
    "en/account/index.md": "---\ntitle: Your account\nsummary: Sign in and out.\n---\nAll about accounts.\n",
    "zh/account/index.md": "---\ntitle: 您的账户\nsummary: 登录与退出。\n---\n关于账户的一切。\n",
    "en/account/reset-password.md": """---
title: Reset your password
summary: When you forgot it.
tags: [sign-in]
updated: 2026-11-02
---
Open the sign-in page and choose **Forgot password**. You receive a message with a link.

## On a phone

Open the app, tap *Sign in*, then *Forgot password*.

"""
    + "The link in the message can be used once.\n\n" * 30
    + """## Images

A section whose name browsers reserve.

## If no message arrives

Look into the spam folder, then ask for another message.

| Mail service | Where the message hides | How long to wait before you ask for another message |
|---|---|---|
| example.com | Promotions, Updates and other tabs that you have perhaps never opened | about ten minutes, sometimes longer |

```python
def a_rather_long_function_name_that_does_not_fit_on_a_phone(first_argument, second_argument, third_argument): return None
```
""",
    "zh/account/reset-password.md": """---
title: 忘记密码怎么办
summary: 通过邮件重新设置。
tags: [登录]
updated: 2026-11-02
---
打开登录页，点击**忘记密码**，邮箱会收到一封重置邮件。

## 收不到邮件

请先查看垃圾邮件。
""",
    "zh/billing/refund.md": "---\ntitle: 如何申请退款\nupdated: 2026-10-05\n---\n在订单页面点击“申请退款”，三个工作日内到账。\n",
    "en/billing/refund.md": (
        "---\ntitle: Get your money back\nupdated: 2026-10-05\n---\nOpen the order and choose Refund. The money arrives in three days.\n"
    ),
}

PLAIN = {
    "en/guide/index.md": "---\ntitle: Guide\nsummary: How to do things.\n---\nStart here.\n",
    "en/guide/colours.md": """---
title: Choose colours
summary: Which ones and where.
tags: [look, colours]
updated: 2026-11-02
---
Colours are chosen in *Settings*, see [the guide](index.md).

## Steps

1. Open **Settings**.
2. Choose a colour.

!!! note
    A note about `code`.

!!! warning
    A warning.

!!! danger
    A danger.

## Table

| Colour | Use |
|---|---|
| Indigo | Links |

```python
# a comment
def choose(name: str = "indigo") -> int:
    return 42
```
""",
    "zh/guide/colours.md": (
        "---\ntitle: 选择颜色\nsummary: 用在哪里。\ntags: [外观]\nupdated: 2026-11-02\n---\n在“设置”里选择颜色。\n\n## 步骤\n\n打开设置。\n"
    ),
}


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def hostile_articles() -> dict[str, str]:
    """One article for each payload: it is the title, summary, tag, heading and text."""
    return {
        f"en/hostile/payload-{number:02}.md": (
            f"---\ntitle: {quoted(f'Hostile {number:02} {payload}')}\nsummary: {quoted(payload)}\ntags: [{quoted(payload)}]\n---\n"
            f"Harmless words about hostilities number {number:02}.\n\n{payload}\n\n"
            f"## Section {payload}\n\n- {payload}\n\n| {payload} | x |\n|---|---|\n| y | z |\n"
        )
        for number, payload in enumerate(PAYLOADS)
    }
