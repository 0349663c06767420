// SPDX-License-Identifier: BSD-3-Clause
// Any bytes as a .npy or .npz file: an array or foretell::Error.
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -I include tests/fuzz/npy_fuzz.cpp -o npy_fuzz &&
//   ./npy_fuzz tests/fuzz/seeds/npy
#include <cstdint>
#include <foretell/formats/npy.hpp>
#include <string_view>
#include <vector>

/// A plain array in place of xtensor's: what is fuzzed is the reading.
template <>
struct foretell::tensor_of<float> {
  using type = std::vector<float>;
  static type make(const std::vector<std::size_t>& sizes) {
    std::size_t count = 1;
    for (const std::size_t size : sizes) count *= size;
    return type(count);
  }
};

using namespace foretell;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    (void)detail::array_of_npy<float>(bytes, "fuzz");
  } catch (const Error&) {
  }
  try {
    for (const auto& entry : detail::zip_entries(bytes, "fuzz")) {
      std::string room;
      (void)detail::array_of_npy<float>(detail::zip_content(bytes, entry, "fuzz", room), "fuzz");
    }
  } catch (const Error&) {
  }
  return 0;
}
