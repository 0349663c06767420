// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Load a model file and predict: no xtensor, no training.

#if __cplusplus < 202002L
#error "foretell needs C++20: compile with -std=c++20, or link the CMake target foretell::foretell"
#else

#include "foretell/data/csv.hpp"
#include "foretell/serving/bundle.hpp"
#include "foretell/serving/json_row.hpp"
#include "foretell/serving/stream.hpp"

#ifdef FORETELL_COMPILED
#include "foretell/serving/instances.hpp"
#endif

#endif
