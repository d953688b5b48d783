"""Pretrained encoders as the hub has them, but tiny and random."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import gelu

WIDTH, STATES = 16, 4  # values of a hidden state; three layers and what goes into the first
FAMILIES = ("whisper", "wav2vec2", "wavlm")
TRANSFORMER = {"num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 24}
OF_SAMPLES = {"hidden_size": WIDTH, **TRANSFORMER, "conv_dim": (8,) * 7}
POSITIONS = {"num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2}
OF_MELS = {"d_model": WIDTH, "encoder_layers": 3, "encoder_ffn_dim": 24, "decoder_ffn_dim": 24}
HEADS = {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "decoder_layers": 1}
TOKENS = {"vocab_size": 8, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
DECODING = {"decoder_start_token_id": 3, "suppress_tokens": [], "begin_suppress_tokens": []}


def save_encoder(folder: Path, family: str, seed: int = 0, **changes: Any) -> Path:
    """Saves a model and its feature extractor in a folder of the family's name.

    What changes of its config is asked of Whisper and wav2vec 2.0 alone.
    """
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.manual_seed(seed)
    for part in _make(family, changes):
        part.save_pretrained(folder / family)
    return folder / family


def _make(family: str, changes: dict[str, Any]) -> tuple[Any, Any]:
    import transformers as hub

    if family == "whisper":
        config = hub.WhisperConfig(**{**OF_MELS, **HEADS, **TOKENS, **DECODING, **changes})
        return hub.WhisperModel(config), hub.WhisperFeatureExtractor()
    if family == "wav2vec2":  # as XLS-R
        norms = {"do_stable_layer_norm": True, "feat_extract_norm": "layer"}
        config = hub.Wav2Vec2Config(**{**OF_SAMPLES, **POSITIONS, **norms, **changes})
        prepare = hub.Wav2Vec2FeatureExtractor(return_attention_mask=True)
        return hub.Wav2Vec2Model(config), prepare
    if family == "wavlm":
        config = hub.WavLMConfig(**OF_SAMPLES, **POSITIONS)
        return hub.WavLMModel(config), hub.Wav2Vec2FeatureExtractor()
    if family == "text":
        config = hub.BertConfig(hidden_size=WIDTH, **TRANSFORMER, vocab_size=8)
        return hub.BertModel(config), hub.Wav2Vec2FeatureExtractor()
    if family == "codec":  # has no hidden states
        config = hub.EncodecConfig(num_filters=2, hidden_size=8, codebook_dim=8)
        return hub.EncodecModel(config), hub.EncodecFeatureExtractor(sampling_rate=16000)
    # Cuts every recording to ten seconds, or fills them.
    config = hub.ASTConfig(hidden_size=WIDTH, **TRANSFORMER)
    return hub.ASTModel(config), hub.ASTFeatureExtractor()


@torch.inference_mode()
def whisper_states(folder: Path, features: Tensor) -> list[Tensor]:
    """Hidden states ``(T, D)`` of a Whisper, layer after layer, of ``(1, mels, 2 T)``."""
    from transformers import WhisperModel

    encoder = WhisperModel.from_pretrained(folder, dtype=torch.float32).eval().encoder
    steps = gelu(encoder.conv2(gelu(encoder.conv1(features)))).transpose(1, 2)
    states = [steps + encoder.embed_positions.weight[: steps.shape[1]]]
    for layer in encoder.layers:
        states.append(layer(states[-1], None))
    states[-1] = encoder.layer_norm(states[-1])
    return [state[0] for state in states]
