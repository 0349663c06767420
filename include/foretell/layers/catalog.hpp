// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Every built-in layer.

#include "foretell/layers/activation.hpp"
#include "foretell/layers/batch_normalization.hpp"
#include "foretell/layers/bidirectional.hpp"
#include "foretell/layers/conv1d.hpp"
#include "foretell/layers/conv2d.hpp"
#include "foretell/layers/dense.hpp"
#include "foretell/layers/dropout.hpp"
#include "foretell/layers/embedding.hpp"
#include "foretell/layers/gru.hpp"
#include "foretell/layers/layer_normalization.hpp"
#include "foretell/layers/lstm.hpp"
#include "foretell/layers/masking.hpp"
#include "foretell/layers/merge.hpp"
#include "foretell/layers/multi_head_attention.hpp"
#include "foretell/layers/pooling.hpp"
#include "foretell/layers/positional_embedding.hpp"
#include "foretell/layers/resample.hpp"
#include "foretell/layers/reshape.hpp"
#include "foretell/layers/separable_conv1d.hpp"
#include "foretell/layers/simple_rnn.hpp"
#include "foretell/layers/time_distributed.hpp"
#include "foretell/layers/transformer_encoder.hpp"
