// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <time.h>

#include <algorithm>
#include <vector>

/// Two works in turns, medians of 15 rounds of processor time, so that other programs on the machine count less.
namespace in_turns {

inline double processor_nanoseconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

template <class Work>
double nanoseconds(const Work& work, int times) {
  work();
  const double start = processor_nanoseconds();
  for (int i = 0; i < times; ++i) work();
  return (processor_nanoseconds() - start) / times;
}

inline double median(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return x[x.size() / 2];
}

/// Nanoseconds of one call of each.
struct Pair {
  double ours, theirs;
  double ratio;  ///< theirs / ours, the median of the rounds
};

template <class Ours, class Theirs>
Pair measure(const Ours& ours, const Theirs& theirs, int times) {
  std::vector<double> a, b, ratio;
  for (int round = 0; round < 15; ++round) {
    a.push_back(nanoseconds(ours, times));
    b.push_back(nanoseconds(theirs, times));
    ratio.push_back(b.back() / a.back());
  }
  return {median(a), median(b), median(ratio)};
}

}  // namespace in_turns
