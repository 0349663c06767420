// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Everything: data, preprocessing, layers, training, metrics, model files and serving, over xtensor arrays.
// Lighter are foretell/train.hpp for an ordinary training program, and foretell/serving.hpp for one that only loads and
// predicts.

#if __cplusplus < 202002L
#error "foretell needs C++20: compile with -std=c++20, or link the CMake target foretell::foretell"
#else

#include "foretell/train.hpp"

#include "foretell/data/concat.hpp"
#include "foretell/data/events/features.hpp"
#include "foretell/data/events/item_sequences.hpp"
#include "foretell/data/events/sessions.hpp"
#include "foretell/data/events/windows.hpp"
#include "foretell/data/group_by.hpp"
#include "foretell/data/join.hpp"
#include "foretell/data/json_lines.hpp"
#include "foretell/data/roles.hpp"
#include "foretell/data/sort.hpp"
#include "foretell/data/time.hpp"
#include "foretell/formats/npy.hpp"
#include "foretell/model_selection/calibrators.hpp"
#include "foretell/model_selection/cross_validate.hpp"
#include "foretell/model_selection/leakage_report.hpp"
#include "foretell/model_selection/more_splitters.hpp"
#include "foretell/model_selection/search.hpp"
#include "foretell/model_selection/splitters.hpp"
#include "foretell/model_selection/threshold.hpp"
#include "foretell/models/trainer.hpp"
#include "foretell/preprocessing/augmentation.hpp"
#include "foretell/preprocessing/cleaning.hpp"
#include "foretell/preprocessing/label_encoder.hpp"
#include "foretell/preprocessing/pad_sequences.hpp"
#include "foretell/preprocessing/resampling.hpp"
#include "foretell/preprocessing/text/vectorizer.hpp"
#include "foretell/preprocessing/text/vocabulary.hpp"
#include "foretell/schedules/catalog.hpp"
#include "foretell/serving/stream.hpp"
#include "foretell/training/catalog.hpp"
#include "foretell/xt/as_xt.hpp"
#include "foretell/xt/split.hpp"

#endif
