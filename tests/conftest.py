"""What tests of every floor share: nothing may reach for a network, and the bundled model is prepared once."""

import os
from pathlib import Path

import pytest

for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
    os.environ[name] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# A company's own settings on this machine are not the tests' business.
for name in [name for name in os.environ if name.startswith("KB_")]:
    del os.environ[name]


@pytest.fixture(scope="session")
def prepared_model(tmp_path_factory) -> Path:
    """The bundled model's folder, to be named by `KB_MODEL` so that no test prepares it again."""
    from indexer.model import model_folder
    from kb.settings import Settings

    return Path(model_folder(Settings(data=tmp_path_factory.mktemp("model"))))


@pytest.fixture(scope="session")
def help_centre(tmp_path_factory, prepared_model):
    """Settings of this product's own help centre, `articles/`, indexed once."""
    from indexer.embedder import Embedder
    from indexer.indexing import index_articles
    from kb.settings import Settings

    settings = Settings(
        articles=Path(__file__).parents[1] / "articles", data=tmp_path_factory.mktemp("help-centre"), model=str(prepared_model)
    )
    index_articles(settings, Embedder(settings.model))
    return settings
