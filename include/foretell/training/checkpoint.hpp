// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "foretell/training/options.hpp"

namespace foretell {

// A checkpoint is a model file that also holds what training goes on from: "foretell.optimizer/slot/k", the optimizer's
// arrays, "foretell.callback/i/k", those of callbacks, and "training" (JSON) in its metadata. It loads as a model, too.

/// Writes a checkpoint, atomically.
template <class T>
void save_checkpoint(const std::string& path, const Network<T>& network, Optimizer<T>& optimizer,
                     std::vector<Callback<T>>& callbacks, const TrainingPlace& place);

}  // namespace foretell

#ifndef FORETELL_COMPILED
#include "foretell/training/checkpoint_definitions.hpp"
#endif
