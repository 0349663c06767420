// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Every built-in learning-rate schedule.

#include "foretell/schedules/cosine.hpp"
#include "foretell/schedules/decay.hpp"
