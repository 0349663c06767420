// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Everything: data, preprocessing, layers, training, metrics, model files and serving, over xtensor arrays.
// A program that only loads and predicts includes the lighter foretell/serving.hpp.

#include "foretell/xt/xtensor.hpp"

#include "foretell/data/concat.hpp"
#include "foretell/data/csv.hpp"
#include "foretell/data/events/features.hpp"
#include "foretell/data/events/item_sequences.hpp"
#include "foretell/data/events/sessions.hpp"
#include "foretell/data/events/windows.hpp"
#include "foretell/data/group_by.hpp"
#include "foretell/data/join.hpp"
#include "foretell/data/roles.hpp"
#include "foretell/data/sort.hpp"
#include "foretell/data/split.hpp"
#include "foretell/data/table.hpp"
#include "foretell/data/time.hpp"
#include "foretell/datasets/shop_visits.hpp"
#include "foretell/datasets/small.hpp"
#include "foretell/io/json_lines.hpp"
#include "foretell/io/npy.hpp"
#include "foretell/layers/catalog.hpp"
#include "foretell/losses/catalog.hpp"
#include "foretell/metrics/catalog.hpp"
#include "foretell/model_selection/calibrators.hpp"
#include "foretell/model_selection/cross_validate.hpp"
#include "foretell/model_selection/leakage_report.hpp"
#include "foretell/model_selection/more_splitters.hpp"
#include "foretell/model_selection/search.hpp"
#include "foretell/model_selection/splitters.hpp"
#include "foretell/model_selection/threshold.hpp"
#include "foretell/models/sequential.hpp"
#include "foretell/optimizers/catalog.hpp"
#include "foretell/preprocessing/catalog.hpp"
#include "foretell/schedules/catalog.hpp"
#include "foretell/serving/bundle.hpp"
#include "foretell/serving/stream.hpp"
#include "foretell/training/catalog.hpp"
#include "foretell/version.hpp"
#include "foretell/xt/as_xt.hpp"
#include "foretell/xt/split.hpp"
#include "foretell/xt/tensor.hpp"

#ifdef FORETELL_COMPILED
#include "foretell/models/instances.hpp"
#endif
