"""Every error kb raises on purpose. Each message states the fact and the remedy."""


class KnowledgeBaseError(Exception):
    """The root: the command line prints it as one line, a page shows it as a message."""


class SettingsError(KnowledgeBaseError):
    """A setting or flag has a value kb cannot use."""


class ArticleError(KnowledgeBaseError):
    """An article file that cannot be used. Carries `path`, `line` (1-based, or None) and `fact`."""

    def __init__(self, path: str, line: int | None, fact: str) -> None:
        self.path, self.line, self.fact = str(path), line, fact
        super().__init__(f"{path}:{line}: {fact}" if line else f"{path}: {fact}")


class ArticleNotFound(KnowledgeBaseError):
    """No article with that id that this reader may see. Never says which of the two it was."""

    def __init__(self, article_id: str) -> None:
        self.article_id = article_id
        super().__init__(f"no article {article_id!r} here; `kb search` finds articles by their words")


class DatabaseError(KnowledgeBaseError):
    """The SQLite file is missing, locked, damaged or from a newer kb."""


class IndexDamaged(DatabaseError):
    """What the index holds is not what was written: a bit has flipped on the disk."""


class IndexMissing(KnowledgeBaseError):
    """Nothing has been indexed yet."""


class IndexStale(KnowledgeBaseError):
    """The index was built with another model or layout than the settings name."""


class Busy(KnowledgeBaseError):
    """More searches at one moment than the machine can do. Carries `retry_seconds`, after which another try is worth while."""

    def __init__(self, retry_seconds: int) -> None:
        self.retry_seconds = retry_seconds
        super().__init__(f"too many searches at this moment; try again in {retry_seconds} s")


class IndexBusy(KnowledgeBaseError):
    """Another process is indexing the same data folder."""


class ModelError(KnowledgeBaseError):
    """The embedding model cannot be prepared or loaded."""


class AccountError(KnowledgeBaseError):
    """A staff account cannot be made or changed as asked: its name, role or password, or there is no such account."""


class StaffOnly(KnowledgeBaseError):
    """Something that only members of staff with a certain role can do."""


class SignInRefused(KnowledgeBaseError):
    """Name and password do not belong together. Never says which of the two is wrong, or that the account is disabled."""

    def __init__(self) -> None:
        super().__init__("name or password is wrong; an administrator sets a new one with `kb user password`")


class AccountDisabled(KnowledgeBaseError):
    """Somebody is who they say, and their account is disabled."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the account {name!r} is disabled; `kb user enable` lets it in again")


class TooManyAttempts(KnowledgeBaseError):
    """Too many wrong passwords from one address. Carries `retry_seconds`, after which another try is heard."""

    def __init__(self, retry_seconds: int) -> None:
        self.retry_seconds = retry_seconds
        super().__init__(f"too many wrong passwords from this address; try again in {retry_seconds} s")
