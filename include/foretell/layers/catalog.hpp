// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Every built-in layer.

#include "foretell/layers/activation.hpp"
#include "foretell/layers/batch_normalization.hpp"
#include "foretell/layers/dense.hpp"
#include "foretell/layers/dropout.hpp"
#include "foretell/layers/embedding.hpp"
#include "foretell/layers/layer_normalization.hpp"
#include "foretell/layers/masking.hpp"
#include "foretell/layers/merge.hpp"
#include "foretell/layers/reshape.hpp"
