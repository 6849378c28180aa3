"""The bundled model is an ordinary sentence-transformers folder that says the same as the package's own engine."""

import numpy as np
import pytest

from indexer.embedder import Embedder
from indexer.embeddings import TokenCodec, token_codec
from indexer.model import model_folder
from indexer.packed_model import find_packed_model, read_packed_model
from kb.errors import ModelError
from kb.settings import Settings


def test_preparing_again_uses_what_is_there(prepared_model):
    before = (prepared_model / "model.safetensors").stat().st_mtime_ns
    assert model_folder(Settings(data=prepared_model.parents[1])) == str(prepared_model)
    assert (prepared_model / "model.safetensors").stat().st_mtime_ns == before


def test_vectors_are_unit_length_and_tokens_leave_out_the_prompt(embedder):
    one = embedder.embed_query("reset my password")
    assert one.vector.shape == (384,) and np.isclose(np.linalg.norm(one.vector), 1, atol=1e-3)
    assert len(one.tokens) == embedder.count_tokens(["reset my password"])[0]


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("when do I get my money back", ["Refunds arrive within five days.", "Open the sign-in page and press Forgot password."]),
        ("我的钱什么时候退回来", ["退款会在五个工作日内到账。", "打开登录页，点击忘记密码。"]),
        ("退款多久到账", ["Refunds arrive within five days.", "Open the sign-in page and press Forgot password."]),
    ],
)
def test_a_question_is_nearer_to_its_answer_than_to_another(embedder, question, answers):
    vector = embedder.embed_query(question).vector
    right, wrong = (vector @ each.vector for each in embedder.embed_passages(answers))
    assert right > wrong


def test_a_batch_gives_what_single_texts_give(embedder):
    texts = ["short", "a much longer text about refunds and passwords " * 5, "退款"]
    for text, one in zip(texts, embedder.embed_passages(texts), strict=True):
        assert embedder.embed_passages([text])[0].vector @ one.vector > 0.999


def test_a_file_that_is_cut_short_is_refused(tmp_path):
    path = tmp_path / "e5.bin"
    path.write_bytes(find_packed_model().read_bytes()[:6_000_000])
    with pytest.raises(ModelError, match="is not a packed e5 model.*cut short"):
        read_packed_model(path)


def test_a_model_that_is_not_there_is_named_with_its_setting():
    with pytest.raises(ModelError, match="no model folder at /nowhere/model; correct KB_MODEL"):
        Embedder("/nowhere/model").load()


def test_packed_tokens_keep_their_inner_products(embedder):
    codec = token_codec(embedder.name, 384)
    passage = embedder.embed_passages(["Open the order and press Refund. 退款会在五个工作日内到账。"])[0].tokens
    query = embedder.embed_query("how do I ask for a refund 退款").tokens
    unpacked, lengths = codec.unpack_all([codec.pack(passage)])
    assert codec.width == 128 and lengths == [len(passage)]
    assert np.abs(codec.project(query) @ unpacked.T - query @ passage.T).mean() < 0.05


def test_a_model_without_a_basis_keeps_every_direction():
    tokens = np.eye(8, dtype=np.float32)[:3]
    codec = TokenCodec(None, 8)
    assert np.allclose(codec.unpack_all([codec.pack(tokens)])[0], tokens, atol=0.01)
