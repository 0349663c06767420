// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace foretell {

/// One tensor to write: its numbers are borrowed.
template <class T>
struct TensorToWrite {
  std::string name;
  std::vector<std::size_t> shape;
  const T* data = nullptr;

  std::size_t size() const {
    std::size_t product = 1;
    for (const std::size_t axis : shape) product *= axis;
    return product;
  }
};

}  // namespace foretell
