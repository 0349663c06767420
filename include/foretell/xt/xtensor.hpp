// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The xtensor headers behind foretell, under their names of before and since 0.26; no other header includes xtensor.
#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#include <xtensor/core/xmath.hpp>
#include <xtensor/core/xnoalias.hpp>
#include <xtensor/core/xtensor_config.hpp>
#include <xtensor/generators/xbuilder.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xtensor_config.hpp>
#include <xtensor/xview.hpp>
#endif

#include "foretell/xt/keep_dims.hpp"
#include "foretell/xt/temporaries.hpp"

static_assert(XTENSOR_DEFAULT_TRAVERSAL == xt::layout_type::row_major,
              "foretell reads arrays row by row: leave XTENSOR_DEFAULT_TRAVERSAL at row_major.");
