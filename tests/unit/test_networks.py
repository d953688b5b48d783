"""Tables 1 and 2, and that an utterance's features do not depend on its neighbours."""

from __future__ import annotations

import pytest
import torch

from sersnake.errors import SersnakeError
from sersnake.networks import ACLN, FCN, Batch, FusedNetwork, build_network


def make_batch(lengths: list[int], padding: float = 0.0, longest: int = 64) -> Batch:
    generator = torch.Generator().manual_seed(1)
    frames = torch.full((len(lengths), longest, 13), padding)
    for row, length in enumerate(lengths):
        frames[row, :length] = torch.randn(length, 13, generator=generator)
    vectors = torch.randn(len(lengths), 384, generator=generator)
    return Batch(frames, torch.tensor(lengths), vectors)


def one_of(batch: Batch, row: int) -> Batch:
    length = int(batch.lengths[row])
    return Batch(
        batch.frames[row : row + 1, :length],
        batch.lengths[row : row + 1],
        batch.vectors[row : row + 1],
    )


@pytest.fixture
def acln() -> ACLN:
    torch.manual_seed(0)
    return ACLN(13, 4, 0.25)


def test_acln_has_the_layers_of_table_1(acln: ACLN) -> None:
    kernels = [tuple(block.convolution.weight.shape) for block in acln.blocks]
    assert kernels == [(32, 1, 5, 5), (64, 32, 5, 5), (128, 64, 5, 5), (256, 128, 5, 5)]
    assert (acln.lstm.input_size, acln.lstm.hidden_size) == (256, 128)
    assert tuple(acln.output.weight.shape) == (4, 128)


def test_fcn_has_the_weights_of_table_2() -> None:
    linear = [m for m in FCN(384, 4, 0.25).modules() if isinstance(m, torch.nn.Linear)]
    assert [tuple(m.weight.shape) for m in linear] == [
        (256, 384),
        (512, 256),
        (1024, 512),
        (4, 1024),
    ]


def test_embeddings_have_the_paper_s_dimensions() -> None:
    batch = make_batch([20, 64])
    for name, dimension in (("acln", 128), ("fcn", 1024), ("fused", 256)):
        network = build_network(name, 13, 384, 4, 0.25).eval()
        assert network.embed(batch).shape == (2, dimension)
        assert network(batch).shape == (2, 4)


@pytest.mark.parametrize("name", ["acln", "fcn", "fused"])
def test_features_do_not_depend_on_neighbours_or_padding(name: str) -> None:
    torch.manual_seed(0)
    network = build_network(name, 13, 384, 4, 0.25)
    network(make_batch([64, 50]))  # running statistics that are not the initial ones
    network.eval()
    batch = make_batch([1, 17, 33, 64])
    together = network.embed(batch)
    for row in range(4):
        torch.testing.assert_close(
            network.embed(one_of(batch, row)), together[row : row + 1], rtol=1e-4, atol=1e-5
        )


def test_batch_norm_does_not_see_padding(acln: ACLN) -> None:
    short, long = make_batch([16, 9], longest=16), make_batch([16, 9], longest=64)
    other = ACLN(13, 4, 0.25)
    other.load_state_dict(acln.state_dict())
    acln(short)
    other(long)
    for block, twin in zip(acln.blocks, other.blocks, strict=True):
        torch.testing.assert_close(block.norm.running_mean, twin.norm.running_mean)
        torch.testing.assert_close(block.norm.running_var, twin.norm.running_var)


def test_gradients_do_not_come_from_padding(acln: ACLN) -> None:
    batch = make_batch([10, 40])
    batch.frames.requires_grad_()
    acln(batch).sum().backward()
    gradient = batch.frames.grad
    assert gradient is not None
    assert torch.all(gradient[0, 10 + 2 :] == 0)  # a 5x5 kernel reaches two frames further
    assert torch.any(gradient[0, :10] != 0)


def test_a_batch_of_one_can_be_trained_on() -> None:
    network = FCN(384, 4, 0.25).train()
    network(make_batch([5])).sum().backward()
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    assert gradients
    assert all(torch.isfinite(gradient).all() for gradient in gradients)


def test_fused_network_has_one_softmax() -> None:
    names = [name for name, _ in build_network("fused", 13, 384, 4, 0.25).named_parameters()]
    assert [name for name in names if "output" in name] == ["output.weight", "output.bias"]
    assert FusedNetwork.embedding_dimension == 256


@pytest.mark.parametrize("coefficients", [0, 17, 39])
def test_acln_refuses_coefficients_that_do_not_pool_to_one(coefficients: int) -> None:
    with pytest.raises(SersnakeError, match="n_mfcc"):
        ACLN(coefficients, 4, 0.25)


@pytest.mark.parametrize("coefficients", [1, 9, 16])
def test_acln_takes_up_to_16_coefficients(coefficients: int) -> None:
    batch = Batch(torch.randn(2, 32, coefficients), torch.tensor([32, 5]), torch.zeros(2, 384))
    assert ACLN(coefficients, 4, 0.25).eval().embed(batch).shape == (2, 128)
