#!/usr/bin/env bash
# Runs the C++ kernel under the sanitizers, fuzzed with coverage guidance.
#
#   tests/native/run.sh [seconds of fuzzing with each sanitizer, default 60]
#
# Needs GCC 12 or later. Objects go to build/native; a failing input to build/native/crash-input.
set -euo pipefail
seconds=${1:-60}
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$root/build/native
mkdir -p "$build"
for sanitizer in ASAN UBSAN TSAN; do
  export "${sanitizer}_OPTIONS=abort_on_error=1:print_stacktrace=1"
done
cd "$build"

# The driver itself is not traced. The static runtime keeps preloaded libraries apart.
fuzz() {
  local name=$1
  shift
  local flags=(-std=c++17 -O1 -g -Wno-psabi -I"$root/csrc" -fno-sanitize-recover=all "$@")
  g++ "${flags[@]}" -c "$root/tests/native/coverage_driver.cc" -o "driver-$name.o"
  for source in "$root"/csrc/{extract,plan,path_avx2,path_avx512,path_baseline}.cc \
    "$root/tests/native/fuzz_extract.cc"; do
    g++ "${flags[@]}" -fsanitize-coverage=trace-pc -c "$source" \
      -o "$(basename "$source" .cc)-$name.o"
  done
  g++ "${flags[@]}" {driver,extract,plan,path_avx2,path_avx512,path_baseline,fuzz_extract}"-$name.o" \
    -pthread -o "fuzz-$name"
  echo "$name, $seconds s:"
  "./fuzz-$name" "$seconds"
}

fuzz address -fsanitize=address,undefined
fuzz thread -fsanitize=thread
