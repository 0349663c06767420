// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace bench {

/// Each line on standard input asks for a block of so many seconds of `step()`; the median seconds of a step within it
/// come back as a line.
template <class Step>
void answer_blocks(const Step& step) {
  const auto now = [] { return std::chrono::steady_clock::now(); };
  step();
  char line[64];
  while (std::fgets(line, sizeof line, stdin)) {
    const double seconds = std::atof(line);
    std::vector<double> times;
    for (const auto start = now(); std::chrono::duration<double>(now() - start).count() < seconds;) {
      const auto before = now();
      step();
      times.push_back(std::chrono::duration<double>(now() - before).count());
    }
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
    std::printf("%.9f\n", times[times.size() / 2]);
    std::fflush(stdout);
  }
}

}  // namespace bench
