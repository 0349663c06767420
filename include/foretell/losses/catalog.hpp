// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Every built-in loss.

#include "foretell/losses/binary_crossentropy.hpp"
#include "foretell/losses/bpr.hpp"
#include "foretell/losses/categorical_crossentropy.hpp"
#include "foretell/losses/cosine_similarity.hpp"
#include "foretell/losses/counts.hpp"
#include "foretell/losses/ctc.hpp"
#include "foretell/losses/ctc_decode.hpp"
#include "foretell/losses/elementwise_loss.hpp"
#include "foretell/losses/focal_crossentropy.hpp"
#include "foretell/losses/hinge.hpp"
#include "foretell/losses/info_nce.hpp"
#include "foretell/losses/kl_divergence.hpp"
#include "foretell/losses/negative_binomial.hpp"
#include "foretell/losses/regression.hpp"
#include "foretell/losses/sampled_softmax.hpp"
#include "foretell/losses/sparse_categorical_crossentropy.hpp"
#include "foretell/losses/triplet.hpp"
#include "foretell/losses/zero_inflated_lognormal.hpp"
