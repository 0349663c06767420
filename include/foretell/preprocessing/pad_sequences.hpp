// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/exact.hpp"

namespace foretell {

/// The beginning or the end of a sequence.
enum class Side : std::uint8_t { pre, post };
constexpr auto enum_names(Side) { return std::array<std::string_view, 2>{"pre", "post"}; }

struct PadOptions {
  std::size_t max_length = 0;   ///< of all sequences; 0 for that of the longest
  Side padding = Side::pre;     ///< where short ones are filled up
  Side truncating = Side::pre;  ///< where long ones are cut
  double value = 0;             ///< what they are filled with
};

/// Sequences of unequal length in one array (sequences, max_length), of the same numbers: float tells ids apart below
/// 2^24, so larger ones come as std::int64_t or double. As keras.utils.pad_sequences, which makes 0 of a value of 0.5
/// among whole numbers: here a DataError, as for every value that T cannot hold.
template <class T>
Tensor<T> pad_sequences(const std::vector<std::vector<T>>& sequences, PadOptions options = {}) {
  std::size_t length = options.max_length;
  if (length == 0)
    for (const auto& sequence : sequences) length = std::max(length, sequence.size());
  std::vector<T> values(sequences.size() * length, detail::as_scalar<T>(options.value, "pad_sequences"));
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const std::vector<T>& from = sequences[i];
    const std::size_t count = std::min(from.size(), length);
    const std::size_t skipped = options.truncating == Side::pre ? from.size() - count : 0;
    const std::size_t left = options.padding == Side::pre ? length - count : 0;
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(skipped), count,
                values.begin() + static_cast<std::ptrdiff_t>(i * length + left));
  }
  return make_tensor<T>({sequences.size(), length}, values.data());
}

}  // namespace foretell
