"""Make `token_basis.npz`: the directions in which the bundled model's token vectors differ most. `python -m indexer.token_basis`

Uncentred principal components, because what has to survive is the inner product. Fitted on this product's own articles in both languages.
"""

from __future__ import annotations

import numpy as np

from indexer.embedder import Embedder
from indexer.embeddings import _BASIS_FILE
from indexer.model import BUNDLED, model_folder
from kb.articles import load_articles
from kb.settings import read_settings

WIDTH = 128


def principal_directions(tokens: np.ndarray, width: int) -> np.ndarray:
    """float32 (dimension, width): the leading eigenvectors of the second moment of float32 (tokens, dimension)."""
    _, directions = np.linalg.eigh(tokens.T @ tokens / len(tokens))
    return directions[:, ::-1][:, :width].astype(np.float32)


def main() -> None:
    settings = read_settings()
    embedder = Embedder(model_folder(settings))
    paragraphs = [p for article in load_articles(settings.articles).articles for p in article.body.split("\n\n") if len(p) > 80]
    tokens = np.concatenate([each.tokens for each in embedder.embed_passages(paragraphs)])
    np.savez(_BASIS_FILE, model=BUNDLED, basis=principal_directions(tokens, WIDTH).astype(np.float16))
    print(f"{_BASIS_FILE.name}: {WIDTH} of {tokens.shape[1]} directions from {len(tokens)} tokens of {len(paragraphs)} paragraphs")


if __name__ == "__main__":
    main()
