// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace foretell::detail {

/// Whole numbers nearer to 0 than this are all different in T; larger ones merge.
template <class T>
inline constexpr double exact_below = sizeof(T) == 4 ? 0x1p24 : 0x1p53;

}  // namespace foretell::detail
