"""A cross-encoder, when the setting names one, has the last word on the first ten hits."""

import numpy as np
import pytest

from indexer.embedder import Reranker
from indexer.retriever import Retriever
from kb.errors import ModelError
from kb.readers import Scope


class Backwards:
    """Likes best what came last."""

    def scores(self, query, texts):
        return np.arange(len(texts), dtype=np.float32)


def test_the_hits_come_in_its_order_with_falling_scores(small_base, embedder):
    settings, retriever = small_base
    before = retriever.retrieve("refund password", scope=Scope(), limit=10)
    after = Retriever(settings, embedder, reranker=Backwards()).retrieve("refund password", scope=Scope(), limit=10)
    assert [hit.article for hit in after.hits] == [hit.article for hit in before.hits][::-1]
    assert [hit.score for hit in after.hits] == [hit.score for hit in before.hits]
    assert after.confidence == before.confidence


def test_any_cross_encoder_folder_can_be_named(tmp_path, prepared_model, small_base, embedder):
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    tiny = BertConfig(vocab_size=250037, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8, num_labels=1)
    BertForSequenceClassification(tiny).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(prepared_model).save_pretrained(tmp_path)
    settings, _ = small_base
    assert Reranker(str(tmp_path)).scores("refund", ["one", "two"]).shape == (2,)
    assert Retriever(settings, embedder, reranker=Reranker(str(tmp_path))).retrieve("refund", scope=Scope()).hits


def test_a_reranker_that_is_not_there_is_named_with_its_setting():
    with pytest.raises(ModelError, match="'/nowhere/model' cannot be loaded.*check KB_RERANKER"):
        Reranker("/nowhere/model").scores("refund", ["one"])
