// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/fields.hpp"

namespace foretell {

/// p = 1 / (1 + exp(a s + b)) of a score s, as PlattCalibrator fits it.
struct PlattCurve {
  double a = std::nan(""), b = std::nan("");  ///< NaN before fit

  bool fitted() const { return !std::isnan(a); }
  double operator()(double score) const {
    const double f = a * score + b;
    return f >= 0 ? std::exp(-f) / (1 + std::exp(-f)) : 1 / (1 + std::exp(f));
  }
};

/// Straight between knots, level beyond them, as IsotonicCalibrator fits it. NaN of NaN.
struct StepCurve {
  std::vector<double> x, y;  ///< equally many, x ascending; none before fit

  bool fitted() const { return !x.empty(); }
  double operator()(double score) const {
    if (std::isnan(score)) return score;
    const auto above = std::upper_bound(x.begin(), x.end(), score);
    if (above == x.begin()) return y.front();
    if (above == x.end()) return y.back();
    const auto i = static_cast<std::size_t>(above - x.begin());
    return y[i - 1] + (score - x[i - 1]) / (x[i] - x[i - 1]) * (y[i] - y[i - 1]);
  }
};

/// What a served output's probabilities become: a curve for one of them, or a temperature for those of a softmax (or of
/// one sigmoid). Made of a fitted PlattCalibrator, IsotonicCalibrator or TemperatureScaling.
class Calibration {
 public:
  enum class Way : std::uint8_t { none, platt, isotonic, temperature };

  Calibration() = default;
  Calibration(const PlattCurve& curve) : way_(Way::platt), platt_(curve) {}  // NOLINT(google-explicit-constructor)
  Calibration(StepCurve curve)
      : way_(Way::isotonic), steps_(std::move(curve)) {}  // NOLINT(google-explicit-constructor)
  /// A temperature that logits are divided by.
  explicit Calibration(double temperature) : way_(Way::temperature), temperature_(temperature) {}
  /// Throws StateError before fit.
  template <class C>
  requires requires(const C& c) { c.curve(); }
  Calibration(const C& calibrator) : Calibration(calibrator.curve()) {}  // NOLINT(google-explicit-constructor)
  template <class C>
  requires requires(const C& c) { c.temperature(); }
  Calibration(const C& scaling) : Calibration(scaling.temperature()) {  // NOLINT(google-explicit-constructor)
    if (std::isnan(temperature_)) throw StateError("save: expected a TemperatureScaling that was fitted");
  }

  explicit operator bool() const { return way_ != Way::none; }
  Way way() const { return way_; }

  /// In place: the probabilities of one answer.
  template <class T>
  void apply(std::span<T> p) const {
    switch (way_) {
      case Way::none:
        return;
      case Way::platt:
        p[0] = static_cast<T>(platt_(static_cast<double>(p[0])));
        return;
      case Way::isotonic:
        p[0] = static_cast<T>(steps_(static_cast<double>(p[0])));
        return;
      case Way::temperature:
        break;
    }
    if (p.size() == 1) {
      const double one = static_cast<double>(p[0]), f = (std::log1p(-one) - std::log(one)) / temperature_;
      p[0] = static_cast<T>(PlattCurve{1, 0}(f));
      return;
    }
    const double top = static_cast<double>(*std::max_element(p.begin(), p.end()));
    double sum = 0;
    for (const T one : p) sum += std::pow(static_cast<double>(one) / top, 1 / temperature_);
    for (T& one : p) one = static_cast<T>(std::pow(static_cast<double>(one) / top, 1 / temperature_) / sum);
  }

  void fields(auto&& f) {
    f("way", way_);
    f("a", platt_.a);
    f("b", platt_.b);
    f("x", steps_.x);
    f("y", steps_.y);
    f("temperature", temperature_);
    const bool good = (way_ != Way::platt || platt_.fitted()) && (way_ != Way::temperature || temperature_ > 0) &&
                      (way_ != Way::isotonic || steps_.fitted()) && steps_.x.size() == steps_.y.size() &&
                      std::is_sorted(steps_.x.begin(), steps_.x.end());
    if (!good) throw FormatError("calibration: expected a, b; as many ascending x as y; or a temperature above 0");
  }

 private:
  Way way_ = Way::none;
  PlattCurve platt_{};
  StepCurve steps_{};
  double temperature_ = 1;
};
constexpr auto enum_names(Calibration::Way) {
  return std::array<std::string_view, 4>{"none", "platt", "isotonic", "temperature"};
}

}  // namespace foretell
