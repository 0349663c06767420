// SPDX-License-Identifier: BSD-3-Clause
#define FLAGS_NAME run_unoptimized
#include "flags_body.hpp"
