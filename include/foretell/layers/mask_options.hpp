// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace foretell {

/// What a layer makes of masked steps.
struct MaskOptions {
  bool masked = true;  ///< false: they count like any other, and the mask ends here, as in Keras
};

}  // namespace foretell
