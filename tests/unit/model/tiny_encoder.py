"""Pretrained encoders of random weights, which take a moment to make and to run."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import (
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2Model,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperModel,
)

WIDTH, LAYERS = 16, 1
STATES = LAYERS + 1  # the first layer's input too
SHAPE = {"num_hidden_layers": LAYERS, "num_attention_heads": 2, "intermediate_size": 32}


def whisper(folder: Path, seed: int = 0) -> Path:
    """A Whisper of log-mels."""
    torch.manual_seed(seed)
    config = WhisperConfig(
        d_model=WIDTH,
        **{"encoder_layers": LAYERS, "encoder_attention_heads": 2, "encoder_ffn_dim": 32},
        **{"decoder_layers": 1, "decoder_attention_heads": 2, "decoder_ffn_dim": 32},
        **{"vocab_size": 8, "max_target_positions": 4, "decoder_start_token_id": 3},
        **{"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2},
    )
    WhisperModel(config).save_pretrained(folder)
    WhisperFeatureExtractor().save_pretrained(folder)
    return folder


def wav2vec2(folder: Path, seed: int = 0) -> Path:
    """A wav2vec 2.0 of samples, whose two convolutions make a step of 20 ms."""
    torch.manual_seed(seed)
    config = Wav2Vec2Config(
        hidden_size=WIDTH,
        **SHAPE,
        **{"conv_dim": (8, 8), "conv_kernel": (20, 16), "conv_stride": (20, 16)},
        **{"num_feat_extract_layers": 2, "num_conv_pos_embeddings": 16},
        **{"num_conv_pos_embedding_groups": 2, "vocab_size": 8},
    )
    Wav2Vec2Model(config).save_pretrained(folder)
    Wav2Vec2FeatureExtractor().save_pretrained(folder)
    return folder
