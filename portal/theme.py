"""Colours and type of Streamlit's own widgets, light and dark; static/portal.css holds the same values for the rest."""

from __future__ import annotations

FONT = (
    "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', 'PingFang SC', 'Hiragino Sans GB', "
    "'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif"
)
CODE_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', 'Noto Sans Mono CJK SC', monospace"

LIGHT = {
    "primaryColor": "#4650c8",
    "backgroundColor": "#ffffff",
    "secondaryBackgroundColor": "#f6f7f9",
    "textColor": "#1b1f2a",
    "linkColor": "#4650c8",
    "borderColor": "#e2e5eb",
}
DARK = {
    "primaryColor": "#a3adff",
    "backgroundColor": "#12141a",
    "secondaryBackgroundColor": "#1b1e26",
    "textColor": "#e7e9ee",
    "linkColor": "#a3adff",
    "borderColor": "#2e323d",
}


def theme_options() -> dict[str, object]:
    """Streamlit options. Both themes are given, so the page follows the system's."""
    options: dict[str, object] = {
        "theme.font": FONT,
        "theme.codeFont": CODE_FONT,
        "theme.baseRadius": "0.625rem",
        "theme.paddingTop": "0rem",
    }
    for name, colours in (("light", LIGHT), ("dark", DARK)):
        options |= {f"theme.{name}.{key}": value for key, value in colours.items()}
    return options
