// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Every built-in callback.

#include "foretell/training/csv_logger.hpp"
#include "foretell/training/early_stopping.hpp"
#include "foretell/training/learning_rate_callbacks.hpp"
#include "foretell/training/model_checkpoint.hpp"
#include "foretell/training/tensorboard.hpp"
