// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Load a model file and predict: no xtensor, no training.

#include "foretell/data/csv.hpp"
#include "foretell/serving/bundle.hpp"
#include "foretell/serving/stream.hpp"

#ifdef FORETELL_COMPILED
#include "foretell/serving/instances.hpp"
#endif
