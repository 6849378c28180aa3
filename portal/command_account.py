"""Who runs the command: in the audit log `kb` on the machine itself is the user's name with "(command)" behind it."""

from __future__ import annotations

import getpass

from kb.accounts import Account
from kb.audit import COMMAND


def command_account() -> Account:
    """Whoever can write to the data folder has every right already."""
    return Account(f"{getpass.getuser()} ({COMMAND})", "administrator")
