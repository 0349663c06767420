// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Every built-in transformer.

#include "foretell/preprocessing/column_transformer.hpp"
#include "foretell/preprocessing/default_features.hpp"
#include "foretell/preprocessing/label_encoder.hpp"
#include "foretell/preprocessing/min_max_scaler.hpp"
#include "foretell/preprocessing/one_hot_encoder.hpp"
#include "foretell/preprocessing/ordinal_encoder.hpp"
#include "foretell/preprocessing/pad_sequences.hpp"
#include "foretell/preprocessing/passthrough.hpp"
#include "foretell/preprocessing/pipeline.hpp"
#include "foretell/preprocessing/simple_imputer.hpp"
#include "foretell/preprocessing/standard_scaler.hpp"
