// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

namespace foretell {

/// One parameter within the flat array of weights, and what an optimizer may do to it.
struct Segment {
  std::size_t offset = 0, size = 0;  ///< in elements
  bool trainable = true;
  bool decay = true;  ///< whether decoupled weight decay applies
};

}  // namespace foretell
