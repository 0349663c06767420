// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <doctest/doctest.h>

#include <foretell/data/table.hpp>
#include <foretell/preprocessing/transformer.hpp>
#include <foretell/xt/tensor.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/golden.hpp"

namespace foretell::golden {

inline foretell::Array<double> array(const Case& c, const char* name) {
  Tensor t = c.tensor(name);
  return foretell::Array<double>(std::move(t.data), std::move(t.shape));
}

/// A table of the file; null is missing.
inline Table table(const Case& c, const char* name) {
  Table result;
  for (const auto& column : c.table(name)) {
    if (column.is_number) {
      std::vector<double> values;
      for (const auto& value : column.numbers) values.push_back(value.value_or(missing_cell));
      result.add(column.name, std::move(values));
    } else {
      Dictionary dictionary;
      std::vector<std::int32_t> codes;
      for (const auto& value : column.strings) codes.push_back(value ? dictionary.add(*value) : -1);
      result.add(column.name, foretell::Column::from_codes(std::move(codes), dictionary.values()));
    }
  }
  return result;
}

inline Tensor plain(const foretell::Tensor<double>& x) {
  return {{x.shape().begin(), x.shape().end()}, {x.begin(), x.end()}};
}

/// The enumerator that an option names.
template <class E>
E choice(const Case& c, const char* option, E otherwise) {
  if (!c.has_option(option)) return otherwise;
  const auto name = c.option<std::string>(option);
  constexpr auto names = enum_names(E{});
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<E>(i);
  FAIL("option ", name);
  return otherwise;
}

/// Fits on x, with the target where there is one, and compares y, y_new, inverse and feature_names.
template <class X>
X check_numbers(const Case& c, X t, double relative = 1e-9, double absolute = 1e-12) {
  const std::string name = c.name();
  CAPTURE(name);
  if (c.has_tensor("target"))
    t.fit(array(c, "x"), array(c, "target"));
  else
    t.fit(array(c, "x"));
  const foretell::Tensor<double> y = t.transform(array(c, "x"));
  CHECK(close(plain(y), c.tensor("y"), relative, absolute));
  CHECK(plain(y).shape == c.tensor("y").shape);
  CHECK(close(plain(t.transform(array(c, "x_new"))), c.tensor("y_new"), relative, absolute));
  if (c.has_tensor("inverse")) CHECK(close(plain(t.inverse_transform(y)), c.tensor("inverse"), relative, 1e-9));
  if (c.has_strings("feature_names")) {
    std::vector<std::string> names;
    for (const auto& n : c.strings("feature_names")) names.push_back(*n);
    CHECK(t.get_feature_names_out() == names);
  }
  return t;
}

}  // namespace foretell::golden
