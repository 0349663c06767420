// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What an ordinary training program needs: tables, preprocessing, layers, losses, metrics, optimizers, Sequential and
// Model, saving and serving, over xtensor arrays. foretell/foretell.hpp has everything.

#if __cplusplus < 202002L
#error "foretell needs C++20: compile with -std=c++20, or link the CMake target foretell::foretell"
#else

#include "foretell/xt/xtensor.hpp"

#include "foretell/data/csv.hpp"
#include "foretell/data/split.hpp"
#include "foretell/data/table.hpp"
#include "foretell/datasets/shop_visits.hpp"
#include "foretell/datasets/small.hpp"
#include "foretell/io/types_of.hpp"
#include "foretell/layers/catalog.hpp"
#include "foretell/losses/catalog.hpp"
#include "foretell/metrics/catalog.hpp"
#include "foretell/models/sequential.hpp"
#include "foretell/optimizers/catalog.hpp"
#include "foretell/preprocessing/catalog.hpp"
#include "foretell/preprocessing/default_features.hpp"
#include "foretell/serving/bundle.hpp"
#include "foretell/serving/json_row.hpp"
#include "foretell/training/early_stopping.hpp"
#include "foretell/training/model_checkpoint.hpp"
#include "foretell/version.hpp"
#include "foretell/xt/tensor.hpp"

#ifdef FORETELL_COMPILED
#include "foretell/models/instances.hpp"
#endif

#endif
