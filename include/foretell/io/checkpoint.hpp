// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "foretell/graph/network.hpp"
#include "foretell/training/callback.hpp"

namespace foretell {

// A checkpoint is a model file that also holds what training goes on from: "foretell.optimizer/slot/k", the optimizer's
// arrays, "foretell.callback/i/k", those of callbacks, and "training" (JSON) in its metadata. It loads as a model, too.

/// Writes a checkpoint, atomically.
template <class T>
void save_checkpoint(const std::string& path, const Network<T>& network, Optimizer<T>& optimizer,
                     std::vector<Callback<T>>& callbacks, const TrainingPlace& place);

/// Gives a network, an optimizer and callbacks, made as those that were saved, what the checkpoint holds. Throws
/// FormatError or StateError, with nothing changed, when they do not fit.
template <class T>
TrainingPlace load_checkpoint(const std::string& path, Network<T>& network, Optimizer<T>& optimizer,
                              std::vector<Callback<T>>& callbacks);

}  // namespace foretell

#ifndef FORETELL_COMPILED
#include "foretell/io/checkpoint_definitions.hpp"
#endif
