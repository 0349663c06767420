// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <foretell/core/array.hpp>
#include <vector>

/// An array type for `long double` alone, so that to_array can be tested without an array library.
struct PlainTensor {
  std::vector<std::size_t> sizes;
  std::vector<long double> values;
  long double* data() { return values.data(); }
  std::size_t size() const { return values.size(); }
};

template <>
struct foretell::tensor_of<long double> {
  using type = PlainTensor;
  static type make(const std::vector<std::size_t>& sizes) {
    std::size_t count = 1;
    for (const std::size_t size : sizes) count *= size;
    return {sizes, std::vector<long double>(count)};
  }
};
