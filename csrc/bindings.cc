// Python's view of the kernel: checks no signal that sersnake/features/cepstra.py has checked already, and
// every array of norm_pool and winograd.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <numeric>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "extract.h"
#include "norm_pool.h"
#include "winograd.h"

namespace py = pybind11;

namespace {

using Matrix = py::array_t<float, py::array::c_style | py::array::forcecast>;

std::vector<float> to_vector(const Matrix& array) {
  return {array.data(), array.data() + array.size()};
}

sersnake::Energy to_energy(const std::string& name) {
  if (name == "none") return sersnake::Energy::none;
  if (name == "raw") return sersnake::Energy::raw;
  if (name == "windowed") return sersnake::Energy::windowed;
  throw py::value_error("energy is none, raw or windowed, not " + name);
}

sersnake::Signal to_signal(const py::array& array) {
  if (array.ndim() != 1) throw py::value_error("a signal has one dimension");
  sersnake::Signal signal{static_cast<const char*>(array.data()), sersnake::Sample::int16,
                          array.shape(0), array.strides(0)};
  if (py::isinstance<py::array_t<float>>(array)) signal.type = sersnake::Sample::float32;
  else if (py::isinstance<py::array_t<double>>(array)) signal.type = sersnake::Sample::float64;
  else if (!py::isinstance<py::array_t<std::int16_t>>(array))
    throw py::type_error("a signal is int16, float32 or float64");
  return signal;
}

const sersnake::Path& find_path(const std::string& name) {
  for (const sersnake::Path& path : sersnake::supported_paths())
    if (name == path.name) return path;
  throw py::value_error("this processor has no " + name);
}

std::vector<std::string> supported() {
  std::vector<std::string> names;
  for (const sersnake::Path& path : sersnake::supported_paths()) names.emplace_back(path.name);
  return names;
}

py::tuple extract(const sersnake::Plan& plan, const std::string& path_name,
                  const std::vector<py::array>& arrays, const std::vector<std::int64_t>& frames,
                  std::int64_t origin, int threads) {
  const sersnake::Path& path = find_path(path_name);
  if (frames.size() != arrays.size() || threads < 1)
    throw py::value_error("frames and signals differ in number, or there is no thread");
  std::vector<sersnake::Signal> signals;
  for (const py::array& array : arrays) signals.push_back(to_signal(array));
  const auto total = std::accumulate(frames.begin(), frames.end(), std::int64_t{0});
  py::array_t<float> out({total, static_cast<std::int64_t>(plan.outputs())});
  float* target = out.mutable_data();
  sersnake::BadSample bad;
  {
    py::gil_scoped_release release;
    bad = sersnake::extract_all(plan, path, signals, frames, origin, threads, target);
  }
  return py::make_tuple(out, bad.signal, bad.index);
}

const sersnake::NormPoolPath& find_norm_pool(const std::string& name) {
  for (const sersnake::NormPoolPath& path : sersnake::norm_pool_paths())
    if (name == path.name) return path;
  throw py::value_error("this processor has no " + name);
}

using Shape = std::vector<py::ssize_t>;

// The memory of an array that has the shape and type that the kernel reads or fills.
template <class T>
T* checked(const py::array& array, const char* name, const Shape& shape) {
  const bool shaped = Shape(array.shape(), array.shape() + array.ndim()) == shape;
  const bool packed = (array.flags() & py::array::c_style) != 0;
  if (!py::isinstance<py::array_t<std::remove_const_t<T>>>(array) || !shaped || !packed)
    throw std::invalid_argument(std::string(name) +
                                ": wrong type or shape, or not contiguous in memory");
  if constexpr (std::is_const_v<T>) return static_cast<T*>(array.data());
  else return static_cast<T*>(py::array(array).mutable_data());  // throws where read-only
}

// The same for an array of the maps' elements; bfloat16 comes as int16, bit by bit.
template <class Void>
Void* checked_like(const sersnake::Maps& y, const py::array& array, const char* name,
                   const Shape& shape) {
  using Float = std::conditional_t<std::is_const_v<Void>, const float, float>;
  using Half = std::conditional_t<std::is_const_v<Void>, const std::int16_t, std::int16_t>;
  if (y.element == sersnake::Element::float32) return checked<Float>(array, name, shape);
  return checked<Half>(array, name, shape);
}

sersnake::Maps to_maps(const py::array& y, const py::array& mask) {
  if (y.ndim() != 4) throw std::invalid_argument("y has four dimensions");
  if (y.shape(2) % 2 != 0) throw std::invalid_argument("y has an odd number of columns");
  sersnake::Maps maps{nullptr, nullptr, y.shape(0), y.shape(1), y.shape(2), y.shape(3),
                      sersnake::Element::float32};
  if (!py::isinstance<py::array_t<float>>(y)) maps.element = sersnake::Element::bfloat16;
  maps.data = checked_like<const void>(maps, y, "y", Shape(y.shape(), y.shape() + 4));
  maps.mask = checked<const std::uint8_t>(mask, "mask", {y.shape(0), y.shape(2)});
  return maps;
}

Shape pooled_shape(const sersnake::Maps& y) {
  return {y.strips, (y.rows + 1) / 2, y.columns / 2, y.channels};
}

int checked_threads(int threads) {
  if (threads < 1) throw std::invalid_argument("there is no thread");
  return threads;
}

py::tuple masked_moments(const std::string& path, const py::array& y, const py::array& mask,
                         int threads) {
  const sersnake::NormPoolPath& build = find_norm_pool(path);
  const sersnake::Maps maps = to_maps(y, mask);
  checked_threads(threads);
  sersnake::Moments moments;
  {
    py::gil_scoped_release release;
    moments = sersnake::masked_moments(build, maps, threads);
  }
  return py::make_tuple(py::array_t<float>(maps.channels, moments.mean.data()),
                        py::array_t<float>(maps.channels, moments.var.data()), moments.count);
}

void norm_pool(const std::string& path, const py::array& y, const py::array& mask,
               const py::array& scale, const py::array& shift, float floor, const py::array& out,
               const py::array& winner, int threads) {
  const sersnake::NormPoolPath& build = find_norm_pool(path);
  const sersnake::Maps maps = to_maps(y, mask);
  const auto* scales = checked<const float>(scale, "scale", {maps.channels});
  const auto* shifts = checked<const float>(shift, "shift", {maps.channels});
  auto* target = checked_like<void>(maps, out, "out", pooled_shape(maps));
  auto* winners = checked<std::uint8_t>(winner, "winner", pooled_shape(maps));
  checked_threads(threads);
  py::gil_scoped_release release;
  sersnake::norm_pool(build, maps, scales, shifts, floor, target, winners, threads);
}

py::tuple norm_pool_backward(const std::string& path, const py::array& gradient,
                             const py::array& winner, const py::array& y, const py::array& mask,
                             const py::array& mean, const py::array& inverse_deviation,
                             const py::array& gamma, std::int64_t count, const py::array& out,
                             int threads) {
  const sersnake::NormPoolPath& build = find_norm_pool(path);
  const sersnake::Maps maps = to_maps(y, mask);
  const sersnake::Pooled pooled{
      checked_like<const void>(maps, gradient, "gradient", pooled_shape(maps)),
      checked<const std::uint8_t>(winner, "winner", pooled_shape(maps))};
  const sersnake::Normalisation norm{
      checked<const float>(mean, "mean", {maps.channels}),
      checked<const float>(inverse_deviation, "inverse_deviation", {maps.channels}),
      checked<const float>(gamma, "gamma", {maps.channels}), count};
  auto* target = checked_like<void>(maps, out, "out", Shape(y.shape(), y.shape() + 4));
  if (count < 1) throw std::invalid_argument("count is not positive");
  checked_threads(threads);
  py::array_t<float> gamma_gradient(maps.channels), beta_gradient(maps.channels);
  float* gammas = gamma_gradient.mutable_data();
  float* betas = beta_gradient.mutable_data();
  {
    py::gil_scoped_release release;
    sersnake::norm_pool_backward(build, maps, pooled, norm, target, gammas, betas, threads);
  }
  return py::make_tuple(gamma_gradient, beta_gradient);
}

const sersnake::WinogradPath& find_winograd(const std::string& name) {
  for (const sersnake::WinogradPath& path : sersnake::winograd_paths())
    if (name == path.name) return path;
  throw py::value_error("this processor has no " + name);
}

sersnake::Transform to_transform(const std::string& name) {
  if (name == "inputs") return sersnake::Transform::inputs;
  if (name == "outputs") return sersnake::Transform::outputs;
  if (name == "inputs_back") return sersnake::Transform::inputs_back;
  if (name == "outputs_back") return sersnake::Transform::outputs_back;
  throw py::value_error("transform is inputs, outputs, inputs_back or outputs_back, not " + name);
}

void winograd(const std::string& path, const std::string& name, const py::array& maps,
              const py::array& points, int threads) {
  const sersnake::WinogradPath& build = find_winograd(path);
  const sersnake::Transform transform = to_transform(name);
  if (maps.ndim() != 4) throw std::invalid_argument("maps have four dimensions");
  const sersnake::WinogradShape shape{maps.shape(0), maps.shape(1), maps.shape(2), maps.shape(3)};
  if (shape.columns % sersnake::kTileColumns != 0 || shape.channels % sersnake::kChannelUnit != 0)
    throw std::invalid_argument("maps: columns are no multiple of 4, or channels none of 16");
  auto* values = checked<float>(maps, "maps", Shape(maps.shape(), maps.shape() + 4));
  const std::int64_t tiles = shape.strips * (shape.columns / sersnake::kTileColumns);
  auto* at_points =
      checked<float>(points, "points", {sersnake::kPoints, tiles, shape.rows, shape.channels});
  checked_threads(threads);
  py::gil_scoped_release release;
  sersnake::winograd(build, transform, shape, values, at_points, threads);
}

}  // namespace

PYBIND11_MODULE(_kernel, m) {
  m.doc() =
      "Mel-frequency cepstra of many frames at once, used through sersnake.features.cepstra; norm and "
      "pooling of maps, and their convolution's transforms, used through sersnake.networks.";
  m.def("supported", &supported);
  py::class_<sersnake::Plan>(m, "Plan")
      .def(py::init([](const Matrix& window, const Matrix& filters, const Matrix& dct, int n_fft,
                       int hop, float scale, float preemphasis, bool per_frame, bool remove_dc,
                       const std::string& energy, float log_floor, float log_scale, float range) {
             sersnake::Settings s;
             s.n_fft = n_fft;
             s.hop = hop;
             s.n_bands = static_cast<int>(filters.shape(0));
             s.n_cepstra = static_cast<int>(dct.shape(0));
             s.window = to_vector(window);
             s.filters = to_vector(filters);
             s.dct = to_vector(dct);
             s.scale = scale;
             s.preemphasis = preemphasis;
             s.per_frame = per_frame;
             s.remove_dc = remove_dc;
             s.energy = to_energy(energy);
             s.log_floor = log_floor;
             s.log_scale = log_scale;
             s.range = range;
             return std::make_unique<sersnake::Plan>(std::move(s));
           }),
           py::kw_only(), py::arg("window"), py::arg("filters"), py::arg("dct"), py::arg("n_fft"),
           py::arg("hop"), py::arg("scale"), py::arg("preemphasis"), py::arg("per_frame"),
           py::arg("remove_dc"), py::arg("energy"), py::arg("log_floor"), py::arg("log_scale"),
           py::arg("range"))
      .def("extract", &extract, py::arg("path"), py::arg("signals"), py::arg("frames"),
           py::arg("origin"), py::arg("threads"));
  m.def("masked_moments", &masked_moments, py::arg("path"), py::arg("y"), py::arg("mask"),
        py::arg("threads"));
  m.def("norm_pool", &norm_pool, py::arg("path"), py::arg("y"), py::arg("mask"),
        py::arg("scale"), py::arg("shift"), py::arg("floor"), py::arg("out"), py::arg("winner"),
        py::arg("threads"));
  m.def("norm_pool_backward", &norm_pool_backward, py::arg("path"), py::arg("gradient"),
        py::arg("winner"), py::arg("y"), py::arg("mask"), py::arg("mean"),
        py::arg("inverse_deviation"), py::arg("gamma"), py::arg("count"), py::arg("out"),
        py::arg("threads"));
  m.def("winograd", &winograd, py::arg("path"), py::arg("transform"), py::arg("maps"),
        py::arg("points"), py::arg("threads"));
}
