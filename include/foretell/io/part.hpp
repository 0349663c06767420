// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/fields.hpp"

namespace foretell {

/// A component that can stand in a model file by itself: it has a name for its type, and lists what it holds.
template <class C>
concept Storable = HasFields<C> && requires {
  { C::type } -> std::convertible_to<std::string_view>;
};

/// What else goes into a model file, under a name: what makes the numbers of a text, the labels of classes, a
/// calibrator, a threshold, or a component of your own with `type` and `fields`. A copy is taken.
class Part {
 public:
  template <Storable C>
  Part(std::string name, const C& component)
      : name_(std::move(name)),
        type_(C::type),
        visit_([component = C(component)](FieldVisitor& visitor) mutable { visit_fields(visitor, component); }) {}

  const std::string& name() const { return name_; }
  std::string_view type() const { return type_; }
  void visit(FieldVisitor& visitor) const { visit_(visitor); }

 private:
  std::string name_;
  std::string_view type_;
  std::function<void(FieldVisitor&)> visit_;
};

using Parts = std::vector<Part>;

/// The parts of a file that was read: JSON texts by name.
using StoredParts = std::map<std::string, std::string>;

}  // namespace foretell
