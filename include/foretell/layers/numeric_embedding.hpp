// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <vector>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/layer.hpp"

// Numbers of a table to vectors, so that a network can bend where it must (Gorishniy and others 2022).

namespace foretell {

struct PeriodicEmbeddingOptions {
  double sigma = 0.1;  ///< standard deviation of the first frequencies
};

/// Each number x to sin(2 pi c x) and cos(2 pi c x) for `frequencies` learned c of its own: (n) -> (n, 2 frequencies).
template <class T = float>
class PeriodicEmbedding {
 public:
  static constexpr std::string_view type = "PeriodicEmbedding";
  PeriodicEmbedding() = default;
  explicit PeriodicEmbedding(std::size_t frequencies, PeriodicEmbeddingOptions options = {})
      : frequencies_(frequencies), options_(options) {}

  Shape build(Build<T>& b) {
    if (frequencies_ == 0) b.fail_option("expected at least one frequency, received 0");
    if (!(options_.sigma >= 0) || !std::isfinite(options_.sigma))
      b.fail_option(text("expected a sigma of at least 0, received ", options_.sigma));
    if (b.input().rank() != 1) b.fail_shape("numbers (*, n)");
    c_ = b.parameter("frequencies", {b.input().size(), frequencies_}, RandomNormal(0, options_.sigma));
    return {b.input().size(), 2 * frequencies_};
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const T* c = pass[c_].data();
    for (std::size_t i = 0; i < x.size(); ++i)
      for (std::size_t j = 0; j < frequencies_; ++j) {
        const double angle =
            two_pi * static_cast<double>(c[i % x.row_size() * frequencies_ + j]) * static_cast<double>(x.data()[i]);
        y.data()[2 * i * frequencies_ + j] = static_cast<T>(std::sin(angle));
        y.data()[(2 * i + 1) * frequencies_ + j] = static_cast<T>(std::cos(angle));
      }
  }
  void backward(const Pass<T>& pass, In<T> x, In<T> y, Out<T> dy, Out<T> dx) const {
    const T* c = pass[c_].data();
    T* dc = pass.gradient(c_).data();
    for (std::size_t i = 0; i < x.size(); ++i) {
      T sum = 0;
      for (std::size_t j = 0; j < frequencies_; ++j) {
        const std::size_t s = 2 * i * frequencies_ + j, k = s + frequencies_, at = i % x.row_size() * frequencies_ + j;
        const T d = static_cast<T>(two_pi) * (dy.data()[s] * y.data()[k] - dy.data()[k] * y.data()[s]);
        dc[at] += d * x.data()[i];
        sum += d * c[at];
      }
      if (dx) dx.data()[i] = sum;
    }
  }
  void fields(auto&& f) {
    f("frequencies", frequencies_);
    f("sigma", options_.sigma);
  }

 private:
  static constexpr double two_pi = 6.283185307179586;

  std::size_t frequencies_ = 0;
  PeriodicEmbeddingOptions options_;
  Parameter c_;
};

/// Each number to the share of every bin that lies below it, (x - left) / (right - left): 1 in bins before its own, 0
/// in those behind, below 0 and above 1 only beyond the ends: (n) -> (n, bins). All columns share the edges; scale them
/// first, with QuantileTransformer, say.
template <class T = float>
class PiecewiseLinearEncoding {
 public:
  static constexpr std::string_view type = "PiecewiseLinearEncoding";
  PiecewiseLinearEncoding() = default;
  explicit PiecewiseLinearEncoding(std::vector<double> edges) : edges_(std::move(edges)) {}

  Shape build(Build<T>& b) {
    bool rise = edges_.size() >= 2;
    for (std::size_t i = 1; i < edges_.size(); ++i) rise = rise && edges_[i] > edges_[i - 1];
    if (!rise) b.fail_option(text("expected at least two edges that rise, received ", edges_.size()));
    if (b.input().rank() != 1) b.fail_shape("numbers (*, n)");
    return {b.input().size(), edges_.size() - 1};
  }
  void forward(const Pass<T>&, In<T> x, Out<T> y) const {
    const std::size_t bins = edges_.size() - 1;
    for (std::size_t i = 0; i < x.size(); ++i)
      for (std::size_t j = 0; j < bins; ++j) {
        const double share = (static_cast<double>(x.data()[i]) - edges_[j]) / (edges_[j + 1] - edges_[j]);
        y.data()[i * bins + j] = static_cast<T>(share < 0 && j > 0 ? 0 : share > 1 && j + 1 < bins ? 1 : share);
      }
  }
  void backward(const Pass<T>&, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    const std::size_t bins = edges_.size() - 1;
    for (std::size_t i = 0; dx && i < x.size(); ++i) {
      T sum = 0;
      for (std::size_t j = 0; j < bins; ++j) {
        const double value = static_cast<double>(x.data()[i]);
        if ((value >= edges_[j] || j == 0) && (value <= edges_[j + 1] || j + 1 == bins))
          sum += dy.data()[i * bins + j] * static_cast<T>(1 / (edges_[j + 1] - edges_[j]));
      }
      dx.data()[i] = sum;
    }
  }
  void fields(auto&& f) { f("edges", edges_); }

 private:
  std::vector<double> edges_;
};

}  // namespace foretell
