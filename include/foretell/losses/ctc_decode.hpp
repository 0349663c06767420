// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/error.hpp"
#include "foretell/losses/ctc.hpp"

namespace foretell {

struct CTCDecodeOptions {
  std::size_t blank = 0;
  bool from_logits = false;            ///< scores go through a softmax first; else they are probabilities
  std::vector<std::size_t> lengths{};  ///< real steps of each row; empty: all
  std::size_t beam_width = 16;         ///< prefixes that are kept after each step; not for the greedy decoder
};

/// Labels with the log of their probability: of the one best path when greedy, of all kept paths from the beam.
struct CTCDecoded {
  std::vector<std::size_t> labels;
  double log_probability = 0;
};

namespace detail {

/// Calls f(log p of the classes) for each step of each row after `start()`, then `finish()`.
template <class X, class Start, class Step, class Finish>
void for_each_ctc_step(std::string_view who, const X& scores, const CTCDecodeOptions& options, Start start, Step step,
                       Finish finish) {
  const Array<double> x = as_array<double>(scores);
  const std::vector<std::size_t> sizes = x.sizes();
  if (sizes.size() != 3 || sizes[2] < 2)
    throw ShapeError(text(who, ": expected scores of shape (rows, steps, classes), received ", sizes.size(), " axes."));
  const std::size_t steps = sizes[1], classes = sizes[2];
  if (options.blank >= classes)
    throw ConfigError(text(who, ": expected a blank below the ", classes, " classes, received ", options.blank, "."));
  if (!options.lengths.empty() && options.lengths.size() != sizes[0])
    throw ShapeError(text(who, ": ", options.lengths.size(), " lengths for ", sizes[0], " rows."));
  std::vector<double> log_p(classes);
  for (std::size_t row = 0; row < sizes[0]; ++row) {
    const std::size_t length = options.lengths.empty() ? steps : options.lengths[row];
    if (length > steps) throw DataError(text(who, ": row ", row, " has length ", length, " of ", steps, " steps."));
    start();
    for (std::size_t t = 0; t < length; ++t) {
      const double* p = x.data() + (row * steps + t) * classes;
      const LogSumExp all = log_sum_exp(classes, p, static_cast<double*>(nullptr));
      for (std::size_t c = 0; c < classes; ++c) {
        log_p[c] = options.from_logits ? p[c] - all.top - std::log1p(all.rest) : std::log(p[c]);
        if (std::isnan(log_p[c]))
          throw DataError(text(who, ": expected ", options.from_logits ? "logits" : "probabilities", ", received ",
                               p[c], " in row ", row, ", step ", t, ", counted from 0."));
      }
      step(log_p);
    }
    finish();
  }
}

/// Logs of the probability of the paths to some labels that end in a blank, and in the last label.
struct CTCPrefix {
  double blank = -std::numeric_limits<double>::infinity();
  double label = -std::numeric_limits<double>::infinity();
  double all() const { return log_add(blank, label); }
};

}  // namespace detail

/// The labels along the most probable class of each step: equal neighbours once, blanks left out. `scores` are any
/// array-like of (rows, steps, classes). Throws ShapeError, DataError and ConfigError.
template <class X>
std::vector<CTCDecoded> ctc_greedy_decode(const X& scores, const CTCDecodeOptions& options = {}) {
  std::vector<CTCDecoded> out;
  std::size_t before = options.blank;
  detail::for_each_ctc_step(
      "ctc_greedy_decode", scores, options,
      [&] {
        out.emplace_back();
        before = options.blank;
      },
      [&](const std::vector<double>& log_p) {
        const auto best = static_cast<std::size_t>(std::max_element(log_p.begin(), log_p.end()) - log_p.begin());
        out.back().log_probability += log_p[best];
        if (best != options.blank && best != before) out.back().labels.push_back(best);
        before = best;
      },
      [] {});
  return out;
}

/// The most probable labels that a search over the beam_width best prefixes finds, all paths to a prefix summed. With
/// a beam as wide as there are prefixes the result is exact. Throws as ctc_greedy_decode.
template <class X>
std::vector<CTCDecoded> ctc_beam_decode(const X& scores, const CTCDecodeOptions& options = {}) {
  using Prefix = detail::CTCPrefix;
  using Entry = std::pair<std::vector<std::size_t>, Prefix>;
  if (options.beam_width == 0) throw ConfigError("ctc_beam_decode: expected a beam_width of at least 1, received 0.");
  std::vector<Entry> beam;
  std::vector<CTCDecoded> out;
  const auto better = [](const Entry& a, const Entry& b) {
    const double p = a.second.all(), q = b.second.all();
    return p != q ? p > q : a.first < b.first;
  };
  detail::for_each_ctc_step(
      "ctc_beam_decode", scores, options,
      [&] {
        beam.assign(1, {{}, {.blank = 0}});
      },
      [&](const std::vector<double>& log_p) {
        std::map<std::vector<std::size_t>, Prefix> next;
        for (const auto& [labels, p] : beam) {
          Prefix& same = next[labels];
          same.blank = detail::log_add(same.blank, p.all() + log_p[options.blank]);
          if (!labels.empty()) same.label = detail::log_add(same.label, p.label + log_p[labels.back()]);
          for (std::size_t c = 0; c < log_p.size(); ++c) {
            if (c == options.blank) continue;
            std::vector<std::size_t> longer = labels;
            longer.push_back(c);
            Prefix& grown = next[std::move(longer)];
            const double from = !labels.empty() && labels.back() == c ? p.blank : p.all();
            grown.label = detail::log_add(grown.label, from + log_p[c]);
          }
        }
        beam.assign(next.begin(), next.end());
        const std::size_t kept = std::min(options.beam_width, beam.size());
        std::partial_sort(beam.begin(), beam.begin() + static_cast<std::ptrdiff_t>(kept), beam.end(), better);
        beam.resize(kept);
      },
      [&] {
        const auto best = std::min_element(beam.begin(), beam.end(), better);
        out.push_back({best->first, best->second.all()});
      });
  return out;
}

}  // namespace foretell
