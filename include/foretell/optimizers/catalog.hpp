// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Every built-in optimizer.

#include "foretell/optimizers/adadelta.hpp"
#include "foretell/optimizers/adagrad.hpp"
#include "foretell/optimizers/adam.hpp"
#include "foretell/optimizers/adamax.hpp"
#include "foretell/optimizers/ftrl.hpp"
#include "foretell/optimizers/lion.hpp"
#include "foretell/optimizers/nadam.hpp"
#include "foretell/optimizers/rmsprop.hpp"
#include "foretell/optimizers/sgd.hpp"
