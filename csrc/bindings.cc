// Python's view of the kernel: checks nothing that sersnake/cepstra.py has checked already.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <numeric>
#include <string>
#include <vector>

#include "extract.h"

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

}  // namespace

PYBIND11_MODULE(_kernel, m) {
  m.doc() = "Mel-frequency cepstra of many frames at once; used through sersnake.cepstra.";
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
}
