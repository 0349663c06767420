// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace foretell {

/// A list of column names, as an argument: "a", std::string("a"), {"a", "b"} and std::vector<std::string> all convert
/// to it.
class Names {
 public:
  Names(std::initializer_list<std::string_view> names) : names_(names.begin(), names.end()) {}
  Names(std::vector<std::string> names) : names_(std::move(names)) {}
  template <class Name>
  requires std::convertible_to<const Name&, std::string_view> Names(const Name& name)
      : names_{std::string(std::string_view(name))} {}

  auto begin() const { return names_.begin(); }
  auto end() const { return names_.end(); }
  std::size_t size() const { return names_.size(); }
  const std::vector<std::string>& list() const { return names_; }

 private:
  std::vector<std::string> names_;
};

}  // namespace foretell
