"""Prepare the bundled model: an ordinary sentence-transformers folder made once from the installed package."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

from indexer.packed_model import PackedModel, find_packed_model, read_packed_model
from kb.errors import ModelError
from kb.settings import Settings

BUNDLED = "multilingual-e5-small"
# Part of the folder's name: raise it when what this module writes changes.
_LAYOUT = 1
_ROOM_BYTES = 300_000_000
# Not one of the files by whose sizes a model is known.
_SUMS = "checksums.sha256"


def model_folder(settings: Settings) -> str:
    """What to hand to sentence-transformers: the setting as it is, or the bundled model's folder, made when it is not there yet."""
    if settings.model:
        return settings.model
    folder = bundled_folder(settings)
    if not (folder / "modules.json").is_file():
        prepare_bundled_model(folder)
    return str(folder)


def bundled_folder(settings: Settings) -> Path:
    """Where the bundled model is prepared."""
    return settings.data / "models" / f"{BUNDLED}-{_LAYOUT}"


def is_as_prepared(folder: Path) -> bool:
    """Whether the bundled model's files are those that were written; True for a folder of an earlier kb, which did not note it."""
    noted = folder / _SUMS
    if not noted.is_file():
        return (folder / "modules.json").is_file()
    wanted = dict(line.split("  ", 1)[::-1] for line in noted.read_text("utf-8", "replace").splitlines() if "  " in line)
    return all((folder / name).is_file() and _sha256(folder / name) == digest for name, digest in wanted.items())


def prepare_bundled_model(folder: Path) -> None:
    """Write the model beside and move it into place, so that a folder that exists is whole. Raises ModelError."""
    packed = read_packed_model(find_packed_model())
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if (free := shutil.disk_usage(folder.parent).free) < _ROOM_BYTES:
            raise ModelError(f"the model needs {_ROOM_BYTES / 1e6:.0f} MB in {folder.parent} and {free / 1e6:.0f} MB are free; free space or change KB_DATA")
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".preparing-") as temporary:
            made = Path(temporary) / "model"
            (made / "1_Pooling").mkdir(parents=True)
            _write_configuration(packed, made)
            _tokenizer(packed).save(str(made / "tokenizer.json"))
            save_file(_weights(packed), made / "model.safetensors", metadata={"format": "pt"})
            _note_sums(made)
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(made, folder)
    except OSError as fault:
        if (folder / "modules.json").is_file():
            return  # another process was first
        raise ModelError(f"the model cannot be written to {folder}: {fault.strerror}; free space or change KB_DATA") from fault


def _note_sums(folder: Path) -> None:
    """In the format of the program sha256sum."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / _SUMS).write_text("".join(lines), "utf-8")


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _weights(packed: PackedModel) -> dict[str, np.ndarray]:
    """The packed tensors under BERT's names, float16: the 4-bit weights carry less than that."""
    parts = {
        "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value", "ao": "attention.output.dense",
        "aln": "attention.output.LayerNorm", "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
    }  # fmt: skip
    embeddings = {"word": "word_embeddings", "pos": "position_embeddings", "type": "token_type_embeddings"}
    weights = {}
    for name, flat in packed.tensors():
        layer, _, part = name.partition(".")
        if layer == "emb":
            bert = "embeddings.LayerNorm." + ("weight" if part == "ln.w" else "bias") if part.startswith("ln") else f"embeddings.{embeddings[part]}.weight"
        else:
            module, _, kind = part.partition(".")
            bert = f"encoder.layer.{layer[1:]}.{parts[module]}.{'weight' if kind == 'w' else 'bias'}"
        width = {"fo": packed.feed_forward}.get(part.partition(".")[0], packed.hidden)
        matrix = bert.endswith("weight") and "LayerNorm" not in bert
        weights[bert] = (flat.reshape(-1, width) if matrix else flat).astype(np.float16)
    # Mean pooling never reads BERT's pooler; zeros keep the loader from inventing and reporting one.
    weights["pooler.dense.weight"] = np.zeros((packed.hidden, packed.hidden), np.float16)
    weights["pooler.dense.bias"] = np.zeros(packed.hidden, np.float16)
    return weights


def _tokenizer(packed: PackedModel) -> Tokenizer:
    tokenizer = Tokenizer(Unigram(list(packed.pieces), unk_id=packed.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.add_special_tokens([AddedToken(piece, normalized=False) for piece in special])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def _write_configuration(packed: PackedModel, folder: Path) -> None:
    configuration = {
        "architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "hidden_size": packed.hidden,
        "num_hidden_layers": packed.layers, "num_attention_heads": packed.heads, "intermediate_size": packed.feed_forward,
        "vocab_size": packed.vocabulary, "max_position_embeddings": packed.positions, "type_vocab_size": packed.types,
        "layer_norm_eps": packed.epsilon, "pad_token_id": 0, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0,
        "torch_dtype": "float16",
    }  # fmt: skip
    tokenizer = {
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>",
        "pad_token": "<pad>", "unk_token": "<unk>", "mask_token": "<mask>", "model_max_length": packed.positions,
        "model_input_names": ["input_ids", "attention_mask"],
    }  # fmt: skip
    pooling = {"word_embedding_dimension": packed.hidden, "pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
    ]
    files = {
        "config.json": configuration,
        "tokenizer_config.json": tokenizer,
        "sentence_bert_config.json": {"max_seq_length": packed.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": {"query": "query: ", "document": "passage: "}, "similarity_fn_name": "cosine"},
        "1_Pooling/config.json": pooling,
        "modules.json": modules,
    }
    for name, value in files.items():
        (folder / name).write_text(json.dumps(value, indent=2), encoding="utf-8")
