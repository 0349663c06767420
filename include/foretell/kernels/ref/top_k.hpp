// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace foretell::kernels::ref {

template <class T>
std::size_t first_above(std::size_t n, const T* x, T least) {
  std::size_t i = 0;
  while (i < n && x[i] <= least) ++i;
  return i;
}

template <class T>
std::size_t count_from(std::size_t n, const T* x, T least) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; ++i) count += x[i] >= least;
  return count;
}

/// The ids of one query's answers, from all of its scores; those left out are -infinity.
template <class T>
std::vector<std::uint32_t> top_k(std::size_t items, const T* scores, std::size_t k) {
  std::vector<std::uint32_t> ids;
  for (std::size_t i = 0; i < items; ++i)
    if (scores[i] > -std::numeric_limits<T>::infinity()) ids.push_back(static_cast<std::uint32_t>(i));
  std::stable_sort(ids.begin(), ids.end(), [&](std::uint32_t a, std::uint32_t b) { return scores[a] > scores[b]; });
  ids.resize(std::min(k, ids.size()));
  return ids;
}

/// How many items other than the targets have at least the score of `target`.
template <class T>
std::size_t ahead_of(std::size_t items, const T* scores, const std::vector<std::uint32_t>& targets,
                     std::uint32_t target) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < items; ++i)
    if (std::find(targets.begin(), targets.end(), i) == targets.end()) count += scores[i] >= scores[target];
  return count;
}

}  // namespace foretell::kernels::ref
