from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sersnake.features.extension import SIMD_VARIABLE, kernel
from sersnake.networks.norm_pool import norm_relu_pool, reference

PATHS = kernel().supported()
# Half a unit of the last of bfloat16's eight bits, and float32's errors on top.
TOLERANCES = {torch.float32: 1e-5, torch.bfloat16: 2**-8}
SHAPES = [  # strips, coefficients, columns, channels
    (3, 5, 40, 32),
    (1, 2, 16, 64),
    (2, 1, 6, 8),
    (2, 4, 38, 20),
    (1, 3, 70, 1),
    (2, 7, 10, 45),
]

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(params=PATHS)
def path(request, monkeypatch):
    monkeypatch.setenv(SIMD_VARIABLE, request.param)
    return request.param


def gaps(strips, columns):
    """Utterances of 5, 6, … columns that begin anywhere, with gaps of 3."""
    mask = torch.zeros(strips, columns, dtype=torch.bool)
    for strip in range(strips):
        first, length = strip, 5
        while first < columns:
            mask[strip, first : first + length] = True
            first, length = first + length + 3, length + 1
    return mask


def case(shape, dtype=torch.float64, training=True, seed=0):
    """Maps, and a batch norm."""
    random = torch.Generator().manual_seed(seed)
    strips, coefficients, columns, channels = shape
    maps = torch.randn(
        (strips, channels, coefficients, columns), generator=random, dtype=torch.float64
    )
    vectors = torch.randn((4, channels), generator=random, dtype=torch.float64)
    norm = nn.BatchNorm2d(channels, dtype=torch.promote_types(dtype, torch.float32))
    norm.weight.data.copy_(vectors[0]), norm.bias.data.copy_(vectors[1])
    norm.running_mean.copy_(vectors[2]), norm.running_var.copy_(vectors[3].square())
    maps = maps.mul(2).add(0.5).to(dtype).contiguous(memory_format=torch.channels_last)
    return maps, norm.train(training)


def output_gradient(out):
    """Numbers that every type holds exactly."""
    return torch.arange(out.numel()).remainder(23).sub(7).div(8).view_as(out).to(out.dtype)


def run(function, maps, mask, norm, slope=0.0, exact=False):
    """Output, the gradients of maps and of the norm's weights, and the running statistics."""
    norm = deepcopy(norm)
    maps = maps.clone().requires_grad_()
    if exact:
        norm, maps = norm.double(), maps.detach().double().requires_grad_()
    out = function(maps, mask, norm, slope)
    out.backward(output_gradient(out))
    gradients = {"gamma": norm.weight.grad, "beta": norm.bias.grad}
    running = {"running_mean": norm.running_mean, "running_var": norm.running_var}
    return {"out": out.detach(), "maps": maps.grad, **gradients, **running}


def assert_close(outputs, expected, tolerance):
    """Each tensor within tolerance of its largest value."""
    for name, tensor in expected.items():
        error = (outputs[name].double() - tensor.double()).abs().max()
        assert error <= tolerance * max(1, tensor.abs().max()), (name, error)


def layers(maps, mask, norm, slope):
    """PyTorch's layers, of strips without gaps."""
    return F.max_pool2d(F.leaky_relu(norm(maps), slope), 2, ceil_mode=True)


@pytest.mark.parametrize("slope", [0.0, 0.01, 0.7])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_reference_is_pytorchs_layers_where_there_are_no_gaps(shape, training, slope):
    maps, norm = case(shape, training=training)
    mask = torch.ones(shape[0], shape[2], dtype=torch.bool)
    outputs, expected = (run(f, maps, mask, norm, slope) for f in (reference, layers))
    assert_close(outputs, expected, 1e-12)


@pytest.mark.parametrize("function", [reference, norm_relu_pool])
def test_what_is_negative_leaks_beside_a_gap(function):
    """A gap is no zero that would win over what lies below zero."""
    maps, norm = case((1, 1, 4, 1), torch.float32, training=False)
    norm.weight.data.zero_(), norm.bias.data.fill_(-2)
    mask = torch.tensor([[True, False, False, False]])
    assert function(maps, mask, norm, 0.25).flatten().tolist() == [-0.5, 0]


@pytest.mark.parametrize("slope", [0.0, 0.3])
def test_reference_has_the_gradient_of_finite_differences(slope):
    maps, norm = case((2, 3, 8, 2))
    mask, names = gaps(2, 8), ("weight", "bias")

    def pooled(maps, *weights):
        copy = deepcopy(norm)
        for name, weight in zip(names, weights, strict=True):
            delattr(copy, name)
            setattr(copy, name, weight)
        return reference(maps, mask, copy, slope)

    weights = [getattr(norm, name).detach().requires_grad_() for name in names]
    assert torch.autograd.gradcheck(pooled, [maps.requires_grad_(), *weights])


@pytest.mark.parametrize("slope", [0.0, 0.3])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("shape", SHAPES)
def test_kernel_gives_the_reference(shape, dtype, training, slope, path):
    maps, norm = case(shape, dtype, training)
    mask = gaps(shape[0], shape[2])
    expected = run(reference, maps, mask, norm, slope, exact=True)
    outputs = run(norm_relu_pool, maps, mask, norm, slope)
    assert {name: tensor.dtype for name, tensor in outputs.items()} == {
        name: maps.dtype if name in ("out", "maps") else torch.float32 for name in outputs
    }
    assert_close(outputs, expected, TOLERANCES[dtype])
    vectors = {name: expected[name] for name in expected if name not in ("out", "maps")}
    # The leaky ReLU follows the kernel, so what reaches the kernel's sums is rounded.
    assert_close(outputs, vectors, TOLERANCES[dtype] if slope else 1e-5)
    with torch.no_grad():
        out = norm_relu_pool(maps, mask, norm, slope)
    assert_close({"out": out}, {"out": expected["out"]}, TOLERANCES[dtype])


@pytest.mark.parametrize("slope", [0.0, 0.3])
@pytest.mark.parametrize("dtype", [torch.float16, torch.float64])
def test_types_that_the_kernel_has_not_are_kept(dtype, slope):
    maps, norm = case((2, 3, 12, 4), dtype)
    out = norm_relu_pool(maps, gaps(2, 12), deepcopy(norm), slope)
    expected = reference(maps.double(), gaps(2, 12), norm.double(), slope)
    assert out.dtype == dtype
    torch.testing.assert_close(out.double(), expected, rtol=5e-3, atol=2e-3)


def test_training_on_the_cpu_uses_the_kernel():
    maps, norm = case((2, 3, 12, 4), torch.bfloat16)
    out = norm_relu_pool(maps, gaps(2, 12), norm)
    last = out.grad_fn.next_functions[0][0]
    assert type(last).__name__ == "_KernelNormPoolBackward"


@pytest.mark.parametrize("slope", [0.0, 0.3])
@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("filling", [1e30, torch.nan, torch.inf])
def test_what_lies_in_a_gap_does_not_matter(dtype, filling, path, slope):
    maps, norm = case((3, 5, 40, 32), dtype)
    mask = gaps(3, 40)
    valid = mask[:, None, None]
    filled = torch.where(valid, maps, filling)
    for function in (norm_relu_pool, reference):
        clean, dirty = (run(function, m, mask, norm, slope) for m in (maps, filled))
        for name, tensor in clean.items():
            assert torch.equal(tensor, dirty[name]), name
        assert dirty["maps"][~valid.expand_as(maps)].abs().max() == 0
        pooled = mask.view(3, 20, 2).any(2)[:, None, None]
        assert dirty["out"][~pooled.expand_as(dirty["out"])].abs().max() == 0


@pytest.mark.parametrize("positions", [0, 1])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_fewer_than_two_positions_use_the_running_statistics(dtype, positions, path):
    maps, norm = case((2, 1, 8, 16), dtype)
    mask = torch.zeros(2, 8, dtype=torch.bool)
    mask[1, 3] = positions == 1
    trained, evaluated = (
        run(norm_relu_pool, maps, mask, norm.train(training)) for training in (True, False)
    )
    for name, tensor in evaluated.items():
        assert torch.equal(trained[name], tensor), name
    assert torch.equal(trained["running_mean"], norm.running_mean)
    assert (trained["out"].abs().max() > 0) == (positions == 1)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("place", [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("slope", [0.0, 0.3])
def test_nan_stays_visible(training, dtype, place, sign, path, slope):
    maps, norm = case((2, 3, 12, 40), dtype, training)
    mask = torch.ones(2, 12, dtype=torch.bool)
    nan = torch.copysign(torch.tensor(torch.nan), torch.tensor(sign))
    maps[1, 33, place[0], 4 + place[1]] = nan
    seen = norm_relu_pool(maps, mask, norm, slope).isnan()
    assert seen[1, 33, place[0] // 2, 2]
    assert bool(seen[:, 33].all()) == training
    assert not seen[:, :33].any() and not seen[:, 34:].any()
    assert bool(norm.running_mean[33].isnan()) == training


def arrays(shape, dtype=torch.float32):
    """Maps and mask as the kernel takes them, and outputs for it."""
    maps, _ = case(shape, dtype)
    strips, coefficients, columns, channels = shape
    pooled = (strips, (coefficients + 1) // 2, columns // 2, channels)
    view = torch.int16 if dtype == torch.bfloat16 else torch.float32
    return {
        "y": maps.permute(0, 2, 3, 1).contiguous().view(view).numpy(),
        "mask": gaps(strips, columns).numpy().astype(np.uint8),
        "out": torch.empty(pooled, dtype=view).numpy(),
        "winner": np.empty(pooled, np.uint8),
    }


@pytest.mark.parametrize("columns", [6, 2000])
@pytest.mark.parametrize("channels", [1, 32, 45])
def test_moments_keep_their_digits_beside_a_large_mean(columns, channels, path):
    random = np.random.default_rng(0)
    y = (1000 + random.standard_normal((2, 3, columns, channels))).astype(np.float32)
    y[..., 0] = 1000
    mask = gaps(2, columns).numpy().astype(np.uint8)
    mean, var, count = kernel().masked_moments(path, y, mask, 1)
    chosen = y.astype(np.float64).transpose(0, 2, 1, 3)[mask == 1].reshape(-1, channels)
    assert count == len(chosen)
    np.testing.assert_allclose(mean, chosen.mean(0), rtol=1e-7)
    np.testing.assert_allclose(var, chosen.var(0), rtol=1e-5)
    assert var[0] == 0


def test_an_empty_mask_has_no_moments(path):
    a = arrays((2, 3, 8, 20))
    mean, var, count = kernel().masked_moments(path, a["y"], np.zeros_like(a["mask"]), 1)
    assert count == 0 and not mean.any() and not var.any()


def test_bfloat16_is_rounded_as_pytorch_rounds(path):
    a = arrays((2, 2, 400, 64), torch.bfloat16)
    scale = np.linspace(-1, 3, 64, dtype=np.float32)
    kernel().norm_pool(path, **a, scale=scale, shift=0 * scale, floor=0, threads=1)
    y = torch.from_numpy(a["y"]).view(torch.bfloat16).float() * torch.from_numpy(scale)
    y = torch.where(torch.from_numpy(a["mask"])[:, None, :, None] == 1, F.relu(y), 0)
    expected = F.max_pool2d(y.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1).to(torch.bfloat16)
    assert torch.equal(torch.from_numpy(a["out"]).view(torch.bfloat16), expected)


def test_the_winner_is_the_first_of_the_largest(path):
    windows = [
        ([[1, 2], [3, 4]], 3, 4),
        ([[5, 5], [5, 5]], 0, 5),
        ([[-1, 2], [2, 0]], 1, 2),
        ([[-1, -2], [-3, 0]], 4, 0),
        ([[1, 2], [7, 2]], 2, 7),
    ]
    y = np.concatenate([np.array(window, np.float32) for window, _, _ in windows], 1)
    y = np.ascontiguousarray(y[None, :, :, None].repeat(3, 3))
    out, winner = np.empty((1, 1, 5, 3), np.float32), np.empty((1, 1, 5, 3), np.uint8)
    one, zero = np.ones(3, np.float32), np.zeros(3, np.float32)
    kernel().norm_pool(path, y, np.ones((1, 10), np.uint8), one, zero, 0, out, winner, 1)
    assert winner[0, 0].tolist() == [[code] * 3 for _, code, _ in windows]
    assert out[0, 0].tolist() == [[value] * 3 for _, _, value in windows]


@pytest.mark.parametrize("dtype", TOLERANCES)
def test_threads_change_no_bit(dtype, path):
    maps, norm = case((5, 5, 200, 40), dtype)
    before = torch.get_num_threads()
    results = []
    try:
        for threads in (1, 1, 2, 7):
            torch.set_num_threads(threads)
            results.append(run(norm_relu_pool, maps, gaps(5, 200), norm))
    finally:
        torch.set_num_threads(before)
    for other in results[1:]:
        for name, tensor in results[0].items():
            assert torch.equal(tensor, other[name]), name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.zeros((2, 3, 8), np.float32)}, "y has four dimensions"),
        ({"y": np.zeros((2, 3, 7, 20), np.float32)}, "y has an odd number of columns"),
        ({"y": np.zeros((2, 3, 8, 20))}, "y: wrong type"),
        ({"y": np.zeros((2, 3, 8, 40), np.float32)[..., ::2]}, "y: wrong type"),
        ({"mask": np.zeros((2, 8), np.int64)}, "mask: wrong type"),
        ({"mask": np.zeros((2, 4), np.uint8)}, "mask: wrong type"),
        ({"scale": np.zeros(19, np.float32)}, "scale: wrong type"),
        ({"shift": np.zeros(20)}, "shift: wrong type"),
        ({"out": np.zeros((2, 1, 4, 20), np.float32)}, "out: wrong type"),
        ({"out": np.zeros((2, 2, 4, 20), np.int16)}, "out: wrong type"),
        ({"winner": np.zeros((2, 2, 4, 20), np.int8)}, "winner: wrong type"),
        ({"winner": np.broadcast_to(np.uint8(0), (2, 2, 4, 20))}, "winner: wrong type"),
        ({"threads": 0}, "there is no thread"),
        ({"path": "abacus"}, "this processor has no abacus"),
    ],
)
def test_wrong_arrays_are_refused(change, message):
    vector = np.ones(20, np.float32)
    good = {"path": PATHS[0], **arrays((2, 3, 8, 20)), "scale": vector, "shift": vector, "floor": 0}
    kernel().norm_pool(**good, threads=1)
    with pytest.raises(ValueError, match=message):
        kernel().norm_pool(**{**good, "threads": 1, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gradient": np.zeros((2, 2, 4, 20), np.int16)}, "gradient: wrong type"),
        ({"gamma": np.zeros((1, 20), np.float32)}, "gamma: wrong type"),
        ({"mean": np.zeros(20, np.int32)}, "mean: wrong type"),
        ({"inverse_deviation": np.zeros(21, np.float32)}, "inverse_deviation: wrong type"),
        ({"out": np.zeros((2, 2, 4, 20), np.float32)}, "out: wrong type"),
        ({"count": 0}, "count is not positive"),
    ],
)
def test_wrong_arrays_are_refused_backwards(change, message):
    a = arrays((2, 3, 8, 20))
    vector = np.ones(20, np.float32)
    good = {
        "path": PATHS[0],
        "gradient": a["out"],
        "winner": np.full_like(a["winner"], 4),
        "y": a["y"],
        "mask": a["mask"],
        "mean": vector,
        "inverse_deviation": vector,
        "gamma": vector,
        "count": 30,
        "out": np.empty_like(a["y"]),
        "threads": 1,
    }
    gammas, betas = kernel().norm_pool_backward(**good)
    assert not gammas.any() and not betas.any() and not good["out"].any()
    with pytest.raises(ValueError, match=message):
        kernel().norm_pool_backward(**{**good, **change})


def test_what_may_not_be_written_is_not(path):
    a = arrays((2, 3, 8, 20))
    a["out"].flags.writeable = False
    vector = np.ones(20, np.float32)
    with pytest.raises(ValueError, match="not writeable"):
        kernel().norm_pool(path, **a, scale=vector, shift=vector, floor=0, threads=1)
