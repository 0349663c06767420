// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// Values of Keras, PyTorch and scikit-learn from tests/goldens, whose README.md describes the files; for tests only.
namespace foretell::golden {

/// What goldens are compared to: 1e-10 for double, 1e-5 for float.
template <class T>
inline constexpr double rtol = std::is_same_v<T, double> ? 1e-10 : 1e-5;

/// Numbers in row-major order; an empty shape means a single number. NaN and the infinities are themselves.
struct Tensor {
  std::vector<std::size_t> shape;
  std::vector<double> data;

  std::size_t size() const { return data.size(); }
  template <class T>
  std::vector<T> as() const {
    std::vector<T> values;
    values.reserve(data.size());
    for (const double x : data) values.push_back(static_cast<T>(x));
    return values;
  }
};

/// A named column of a table, of numbers or of strings; a missing value is an empty optional.
struct Column {
  std::string name;
  bool is_number = false;
  std::vector<std::optional<double>> numbers;
  std::vector<std::optional<std::string>> strings;

  std::size_t size() const { return is_number ? numbers.size() : strings.size(); }
};

namespace detail {

[[noreturn]] inline void fail(const std::string& where, const std::string& what) {
  throw std::runtime_error("golden " + where + ": " + what);
}

inline double number(const nlohmann::json& value, const std::string& where) {
  if (value.is_number()) return value.get<double>();
  if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  fail(where, "expected a number, received " + value.dump());
}

}  // namespace detail

/// One case: inputs and expected results by name. All throw std::runtime_error for a name that is not there.
class Case {
 public:
  Case(const nlohmann::json& json, const std::string& family)
      : json_(&json), name_(json.at("name").get<std::string>()), where_(family + ", case \"" + name_ + "\"") {}

  const std::string& name() const { return name_; }
  const nlohmann::json& json() const { return *json_; }
  /// What there is under "tensors", "scalars", "options", "strings" or "tables".
  std::vector<std::string> names(const char* group) const {
    std::vector<std::string> found;
    if (json_->contains(group))
      for (const auto& entry : json_->at(group).items()) found.push_back(entry.key());
    return found;
  }

  bool has_tensor(std::string_view name) const { return has("tensors", name); }
  Tensor tensor(std::string_view name) const {
    const nlohmann::json& stored = item("tensors", name);
    Tensor t{stored.at("shape").get<std::vector<std::size_t>>(), {}};
    std::size_t size = 1;
    for (const std::size_t n : t.shape) size *= n;
    for (const auto& value : stored.at("data"))
      t.data.push_back(detail::number(value, where_ + ", tensor \"" + std::string(name) + "\""));
    if (t.data.size() != size)
      detail::fail(where_, "tensor \"" + std::string(name) + "\" has not as many values as its shape says");
    return t;
  }

  bool has_scalar(std::string_view name) const { return has("scalars", name); }
  double scalar(std::string_view name) const {
    return detail::number(item("scalars", name), where_ + ", scalar \"" + std::string(name) + "\"");
  }

  bool has_option(std::string_view name) const { return has("options", name); }
  /// `option<double>("epsilon")`, `option<bool>("use_bias")`, `option<std::string>("activation")`.
  template <class V>
  V option(std::string_view name) const {
    return item("options", name).template get<V>();
  }
  template <class V>
  V option(std::string_view name, V otherwise) const {
    return has_option(name) ? option<V>(name) : otherwise;
  }

  bool has_strings(std::string_view name) const { return has("strings", name); }
  std::vector<std::optional<std::string>> strings(std::string_view name) const {
    std::vector<std::optional<std::string>> values;
    for (const auto& value : item("strings", name)) values.push_back(string(value));
    return values;
  }

  bool has_table(std::string_view name) const { return has("tables", name); }
  std::vector<Column> table(std::string_view name) const {
    std::vector<Column> columns;
    for (const auto& stored : item("tables", name)) {
      Column column{stored.at("name").get<std::string>(), stored.at("kind") == "number", {}, {}};
      for (const auto& value : stored.at("values")) {
        if (!column.is_number)
          column.strings.push_back(string(value));
        else if (value.is_null())
          column.numbers.push_back(std::nullopt);
        else
          column.numbers.push_back(detail::number(value, where_));
      }
      columns.push_back(std::move(column));
    }
    return columns;
  }

 private:
  static std::optional<std::string> string(const nlohmann::json& value) {
    return value.is_null() ? std::nullopt : std::optional<std::string>(value.get<std::string>());
  }
  bool has(const char* group, std::string_view name) const {
    return json_->contains(group) && json_->at(group).contains(std::string(name));
  }
  const nlohmann::json& item(const char* group, std::string_view name) const {
    if (!has(group, name))
      detail::fail(where_, std::string("nothing named \"") + std::string(name) + "\" under " + group);
    return json_->at(group).at(std::string(name));
  }

  const nlohmann::json* json_;
  std::string name_, where_;
};

/// All cases of tests/goldens/<family>.json. A case refers to the file and must not outlive it.
class File {
 public:
  explicit File(const std::string& family) : family_(family) {
#ifdef FORETELL_GOLDENS
    const std::string path = std::string(FORETELL_GOLDENS) + "/" + family + ".json";
#else
    const std::string path;
    detail::fail(family, "this program was compiled without FORETELL_GOLDENS, the folder of the goldens");
#endif
    std::ifstream stream(path, std::ios::binary);
    if (!stream) detail::fail(family, "cannot open " + path);
    json_ = nlohmann::json::parse(stream);
    for (const auto& stored : json_.at("cases")) cases_.emplace_back(stored, family_);
    if (cases_.empty()) detail::fail(family, "no cases");
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::vector<Case>& cases() const { return cases_; }
  const Case& operator[](std::string_view name) const {
    for (const Case& c : cases_)
      if (c.name() == name) return c;
    detail::fail(family_, "no case named \"" + std::string(name) + "\"");
  }
  /// The cases that have this text under "group".
  std::vector<Case> group(std::string_view name) const {
    std::vector<Case> found;
    for (const Case& c : cases_)
      if (c.json().value("group", "") == name) found.push_back(c);
    if (found.empty()) detail::fail(family_, "no group named \"" + std::string(name) + "\"");
    return found;
  }
  const nlohmann::json& json() const { return json_; }

 private:
  std::string family_;
  nlohmann::json json_;
  std::vector<Case> cases_;
};

/// What `close` found: true when all is well, otherwise with a sentence that doctest prints.
struct Match {
  bool ok = true;
  std::string message = "close";
  explicit operator bool() const { return ok; }
  friend std::ostream& operator<<(std::ostream& out, const Match& match) { return out << match.message; }
};

namespace detail {

/// How far off in units of what is allowed: at most 1 is close. Equal infinities and two NaN are equal.
inline double excess(double actual, double expected, double relative, double absolute) {
  if (actual == expected || (std::isnan(actual) && std::isnan(expected))) return 0;
  const double off = std::abs(actual - expected), allowed = absolute + relative * std::abs(expected);
  if (!std::isfinite(off) || !(allowed > 0)) return std::numeric_limits<double>::infinity();
  return off / allowed;
}

template <class A, class E>
Match close(std::span<const A> actual, std::span<const E> expected, double relative, double absolute) {
  if (actual.size() != expected.size())
    return {false,
            "expected " + std::to_string(expected.size()) + " values, received " + std::to_string(actual.size())};
  std::size_t worst = 0, wrong = 0;
  double most = -1;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double e = excess(static_cast<double>(actual[i]), static_cast<double>(expected[i]), relative, absolute);
    if (!(e <= 1)) ++wrong;
    if (e > most) most = e, worst = i;
  }
  if (wrong == 0) return {};
  const double a = static_cast<double>(actual[worst]), b = static_cast<double>(expected[worst]);
  char text[256];
  std::snprintf(
      text, sizeof text,
      "%zu of %zu values differ, the worst at %zu: %.17g, expected %.17g, off by %.3g (%.3g of it), allowed %.3g",
      wrong, actual.size(), worst, a, b, std::abs(a - b), std::abs((a - b) / b), absolute + relative * std::abs(b));
  return {false, text};
}

template <class V>
auto span_of(const V& values) {
  if constexpr (std::is_same_v<V, Tensor>)
    return std::span<const double>(values.data);
  else if constexpr (std::is_arithmetic_v<V>)
    return std::span<const V>(&values, 1);
  else
    return std::span<const std::remove_cvref_t<decltype(*std::data(values))>>(std::data(values), std::size(values));
}

}  // namespace detail

/// `CHECK(close(actual, c.tensor("y"), 1e-10, 1e-14))`: |actual - expected| <= absolute + relative |expected| for every
/// element. Each side is a number, a Tensor, or contiguous numbers (std::vector, std::span, xtensor container); shapes
/// are not compared.
template <class A, class E>
Match close(const A& actual, const E& expected, double relative, double absolute = 0) {
  return detail::close(detail::span_of(actual), detail::span_of(expected), relative, absolute);
}

}  // namespace foretell::golden
