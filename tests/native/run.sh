#!/usr/bin/env bash
# Runs the C++ kernels under the sanitizers, fuzzed with coverage guidance.
#
#   tests/native/run.sh [seconds of fuzzing each kernel with each sanitizer, default 60]
#
# Needs GCC 12 or later. Objects go to build/native; a failing input to build/native/crash-input.
# Where Debian's g++-aarch64-linux-gnu and qemu-user are installed, NEON is fuzzed too, emulated.
set -euo pipefail
seconds=${1:-60}
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$root/build/native
mkdir -p "$build"
for sanitizer in ASAN UBSAN TSAN; do
  export "${sanitizer}_OPTIONS=abort_on_error=1:print_stacktrace=1"
done
cd "$build"

# Builds and runs a target with a sanitizer. The driver itself is not traced. The static runtime
# keeps preloaded libraries apart.
fuzz() {
  local target=$1 name=$1-$2
  shift 2
  local flags=(-std=c++17 -O1 -g -Wno-psabi -I"$root/csrc" -fno-sanitize-recover=all "$@")
  local objects=("driver-$name.o")
  "$compiler" "${flags[@]}" -c "$root/tests/native/coverage_driver.cc" -o "driver-$name.o"
  for source in "$root"/csrc/{extract,norm_pool,networks_avx2,networks_avx512}.cc \
    "$root"/csrc/{networks_baseline,path_avx2,path_avx512,path_baseline,plan,winograd}.cc \
    "$root/tests/native/fuzz_$target.cc"; do
    objects+=("$(basename "$source" .cc)-$name.o")
    "$compiler" "${flags[@]}" -fsanitize-coverage=trace-pc -c "$source" -o "${objects[-1]}"
  done
  "$compiler" "${flags[@]}" "${objects[@]}" -pthread -o "fuzz-$name"
  echo "$name, $seconds s:"
  "${emulator[@]}" "./fuzz-$name" "$seconds"
}

targets="extract norm_pool winograd" compiler=g++ emulator=()
for target in $targets; do
  fuzz "$target" address -fsanitize=address,undefined
  fuzz "$target" thread -fsanitize=thread
done

if command -v aarch64-linux-gnu-g++ > /dev/null && command -v qemu-aarch64 > /dev/null; then
  compiler=aarch64-linux-gnu-g++ emulator=(qemu-aarch64)
  for target in $targets; do
    fuzz "$target" neon -static
  done
fi
