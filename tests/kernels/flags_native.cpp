// SPDX-License-Identifier: BSD-3-Clause
#define FLAGS_NAME run_native
#include "flags_body.hpp"
