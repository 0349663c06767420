// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace foretell {

/// What safetensors files call the numbers that are written here.
template <class N>
constexpr std::string_view safetensors_dtype() {
  static_assert(std::is_same_v<N, float> || std::is_same_v<N, double> || std::is_same_v<N, std::int64_t> ||
                std::is_same_v<N, std::uint32_t>);
  return std::is_same_v<N, float> ? "F32" : std::is_same_v<N, double> ? "F64" : sizeof(N) == 8 ? "I64" : "U32";
}

/// One tensor to write: its numbers are borrowed.
struct TensorToWrite {
  std::string name;
  std::vector<std::size_t> shape;
  std::string_view dtype;
  const void* data = nullptr;
  std::size_t bytes = 0;

  template <class N>
  TensorToWrite(std::string of, std::vector<std::size_t> sizes, const N* numbers)
      : name(std::move(of)), shape(std::move(sizes)), dtype(safetensors_dtype<N>()), data(numbers), bytes(sizeof(N)) {
    for (const std::size_t axis : shape) bytes *= axis;
  }
};

}  // namespace foretell
