// SPDX-License-Identifier: BSD-3-Clause
#define FLAGS_NAME run_fast_math
#include "flags_body.hpp"
