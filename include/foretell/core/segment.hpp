// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "foretell/core/parameter_group.hpp"
#include "foretell/core/row_gradients.hpp"

namespace foretell {

/// One parameter within the flat array of weights, and what an optimizer may do to it.
struct Segment {
  std::size_t offset = 0, size = 0;  ///< in elements
  bool trainable = true;
  ParameterGroup group{};
};

/// A row-sparse parameter: the gradients of its touched rows stand by themselves.
template <class T>
struct RowSegment {
  std::size_t offset = 0;
  bool trainable = true;
  ParameterGroup group{};
  RowGradients<T>* gradients = nullptr;
};

}  // namespace foretell
