"""The model's folder is missing, damaged or another one: it is said by name with the remedy, and what can be made anew is."""

import shutil
from dataclasses import replace

import pytest

from indexer.model import bundled_folder, is_as_prepared, prepare_bundled_model
from tests.faults.conftest import copy_base, levels, make_tiny_model


def test_a_folder_that_is_not_there_is_named_by_every_command(base, kb, tmp_path):
    lost = replace(base, model=str(tmp_path / "nowhere"))
    for arguments in (("search", "refund"), ("doctor",)):
        told = kb(lost, *arguments)
        assert told.returncode == 1 and "Traceback" not in told.stderr
        assert f"no model folder at {tmp_path / 'nowhere'}" in told.stdout + told.stderr or "index was built with" in told.stderr
    told = kb(lost, "doctor")
    assert "correct KB_MODEL, or unset it for the bundled model" in told.stdout


@pytest.mark.parametrize("hurt", ["model.safetensors", "tokenizer.json", "modules.json", "1_Pooling/config.json"])
def test_a_damaged_file_of_a_model_is_one_line_and_not_a_wrong_answer(base, kb, tmp_path, hurt):
    shutil.copytree(base.model, tmp_path / "tiny")
    file = tmp_path / "tiny" / hurt
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    told = kb(replace(base, model=str(tmp_path / "tiny")), "search", "refund")
    assert told.returncode == 1 and told.stderr.count("\n") == 1 and "fault of kb itself" not in told.stderr, told.stderr
    assert "cannot be loaded" in told.stderr or "index was built with" in told.stderr


def test_a_model_of_another_dimension_is_refused_and_named(base, kb, tmp_path):
    other = replace(base, model=str(make_tiny_model(tmp_path / "other", dimension=16)))
    told = kb(other, "search", "refund")
    assert told.returncode == 1 and "index was built with tiny@" in told.stderr and "settings say other@" in told.stderr
    told = kb(other, "doctor")
    assert told.returncode == 1 and "set KB_MODEL back, or run `kb index` to embed all anew" in told.stdout
    # Whoever means it runs the indexer.
    assert kb(other, "index").returncode == 0
    assert kb(other, "search", "refund").returncode == 0


def test_a_model_of_the_same_name_whose_dimension_changed_is_refused_and_named(sound_base, tmp_path):
    """The name holds what its files weigh; two models of one name are a folder whose files were exchanged for others of their size."""
    from indexer.embedder import Embedder
    from indexer.index_checks import examine_index
    from indexer.retriever import Retriever
    from kb.errors import IndexStale
    from kb.readers import Scope

    base = copy_base(sound_base, tmp_path / "base")
    other = Embedder(str(make_tiny_model(tmp_path / "other", dimension=16)))
    other.__dict__["name"] = Embedder(base.model).name
    with pytest.raises(IndexStale, match="dimension 32, the model has 16; run `kb index --full`"):
        Retriever(base, other).retrieve("refund", scope=Scope())
    other.load()
    assert any("32 dimensions, the model of that name has 16" in message for message in levels(examine_index(base, other))["fault"])


def test_the_bundled_model_is_prepared_by_the_doctor_and_known_by_every_byte(base, kb):
    own = replace(base, model="")
    folder = bundled_folder(own)
    assert f"the bundled model is not prepared in {folder}" in kb(own, "doctor").stdout
    told = kb(own, "doctor", "--repair")
    assert f"repaired prepared the bundled model in {folder}" in told.stdout and is_as_prepared(folder), told
    with open(folder / "model.safetensors", "r+b") as file:
        file.seek(50_000_000)
        byte = file.read(1)[0]
        file.seek(50_000_000)
        file.write(bytes([byte ^ 1]))
    assert not is_as_prepared(folder)
    told = kb(own, "doctor")
    assert f"the bundled model in {folder} is damaged or not whole; it can be prepared anew" in told.stdout
    (folder / "model.safetensors").unlink()
    assert not is_as_prepared(folder)


def test_preparing_on_a_full_disk_says_how_much_is_needed(small_disk):
    from kb.errors import ModelError

    with pytest.raises(ModelError, match="needs 300 MB .* free space or change KB_DATA"):
        prepare_bundled_model(small_disk / "models" / "e5")
    assert not list((small_disk / "models").iterdir())
