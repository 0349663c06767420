// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "foretell/core/touched_rows.hpp"

namespace foretell {

/// One parameter within the flat array of weights, and what an optimizer may do to it.
struct Segment {
  std::size_t offset = 0, size = 0;  ///< in elements
  bool trainable = true;
  bool decay = true;                     ///< whether decoupled weight decay applies
  std::size_t row_size = 0;              ///< of a row-sparse parameter
  const TouchedRows* touched = nullptr;  ///< the only rows of it whose gradients are not zero; null for all others
};

}  // namespace foretell
