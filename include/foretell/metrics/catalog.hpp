// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Every built-in metric, as a metric of training and as a function.

#include "foretell/metrics/accuracy.hpp"
#include "foretell/metrics/agreement.hpp"
#include "foretell/metrics/auc.hpp"
#include "foretell/metrics/bootstrap.hpp"
#include "foretell/metrics/calibration.hpp"
#include "foretell/metrics/calibration_error.hpp"
#include "foretell/metrics/classification.hpp"
#include "foretell/metrics/confusion_matrix.hpp"
#include "foretell/metrics/curves.hpp"
#include "foretell/metrics/errors.hpp"
#include "foretell/metrics/forecast.hpp"
#include "foretell/metrics/log_loss_metric.hpp"
#include "foretell/metrics/precision_recall.hpp"
#include "foretell/metrics/probability.hpp"
#include "foretell/metrics/ranking.hpp"
#include "foretell/metrics/ranking_at_k.hpp"
#include "foretell/metrics/regression.hpp"
#include "foretell/metrics/report.hpp"
#include "foretell/metrics/scores.hpp"
#include "foretell/metrics/top_items.hpp"
#include "foretell/metrics/top_k.hpp"
#include "foretell/metrics/whole_set.hpp"
