// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"

namespace foretell {

class Factory;
struct TypeEntry;

/// The one reflection interface. A component lists its configuration once, `void fields(auto&& f) { f("units", units_);
/// }`, and saving, loading, printing, hashing and comparing are visitors over that list. A reader leaves a field that
/// its source lacks at its default, and `close` throws ConfigError for names that no field asked for.
class FieldVisitor {
 public:
  virtual ~FieldVisitor() = default;
  virtual bool reading() const = 0;
  virtual void value(std::string_view name, bool& value) = 0;
  virtual void value(std::string_view name, std::int64_t& value) = 0;
  virtual void value(std::string_view name, double& value) = 0;
  virtual void value(std::string_view name, std::string& value) = 0;
  virtual void value(std::string_view name, std::vector<double>& value) = 0;
  virtual void value(std::string_view name, std::vector<std::string>& value) = 0;
  /// A nested group: false when reading and the source has none of that name.
  virtual bool open(std::string_view name) = 0;
  virtual void close() = 0;
  /// A nested list of groups; returns its length (the given one when writing). Each element is opened with `open({})`.
  virtual std::size_t open_list(std::string_view name, std::size_t size) = 0;
  virtual void close_list() = 0;
  /// Stops a reader with a sentence that says where in its source the field stands.
  [[noreturn]] virtual void fail(std::string_view name, const std::string& problem) const = 0;
  /// Makes components from their type names when reading; null when there is none.
  virtual const Factory* registry() const { return nullptr; }
  /// Hears of the type of an erased component before its fields, when writing.
  virtual void component(const TypeEntry&) {}
};

/// Enumerations are stored by name: found by argument-dependent lookup, `constexpr auto enum_names(Padding)` returns an
/// array of string views in the order of the enumerators 0, 1, 2, ...
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E e) {
  enum_names(e);
};

template <class C>
concept HasFields = requires(C& c) {
  c.fields([](std::string_view, auto&) {});
};

namespace detail {

template <class V>
concept CustomField = requires(FieldVisitor& visitor, V& value) {
  visit_field(visitor, std::string_view(), value);
};

template <class N>
void visit_number(FieldVisitor& visitor, std::string_view name, N& value) {
  if constexpr (std::floating_point<N>) {
    double number = value;
    visitor.value(name, number);
    if (visitor.reading()) value = static_cast<N>(number);
  } else {
    auto number = static_cast<std::int64_t>(value);
    visitor.value(name, number);
    if (!visitor.reading()) return;
    if (!std::in_range<N>(number))
      visitor.fail(name, text("expected a number that is not out of range, received ", number));
    value = static_cast<N>(number);
  }
}

/// The place among `names` of the stored one.
inline std::size_t visit_choice(FieldVisitor& visitor, std::string_view name, std::span<const std::string_view> names,
                                std::size_t place) {
  std::string choice(names[place]);
  visitor.value(name, choice);
  if (!visitor.reading()) return place;
  place = 0;
  while (place < names.size() && names[place] != choice) ++place;
  if (place == names.size())
    visitor.fail(name, text("expected one of ", quoted_list(names), ", received \"", choice, "\""));
  return place;
}

template <NamedEnum E>
void visit_enum(FieldVisitor& visitor, std::string_view name, E& value) {
  static constexpr auto names = enum_names(E{});
  value = static_cast<E>(visit_choice(visitor, name, names, static_cast<std::size_t>(value)));
}

}  // namespace detail

/// Shows the fields of `component` to `visitor`: booleans, numbers, strings, enumerations with `enum_names`, vectors of
/// numbers or strings, nested components and vectors of them, and types with an own `visit_field(visitor, name,
/// value)`.
template <HasFields C>
void visit_fields(FieldVisitor& visitor, C& component);

template <class V>
void visit_value(FieldVisitor& visitor, std::string_view name, V& value) {
  if constexpr (detail::CustomField<V>) {
    visit_field(visitor, name, value);
  } else if constexpr (std::same_as<V, bool> || std::same_as<V, std::string> || std::same_as<V, std::vector<double>> ||
                       std::same_as<V, std::vector<std::string>>) {
    visitor.value(name, value);
  } else if constexpr (std::is_arithmetic_v<V>) {
    detail::visit_number(visitor, name, value);
  } else if constexpr (NamedEnum<V>) {
    detail::visit_enum(visitor, name, value);
  } else if constexpr (HasFields<V>) {
    if (!visitor.open(name)) return;
    visit_fields(visitor, value);
    visitor.close();
  } else if constexpr (requires {
                         value.resize(std::size_t());
                         requires std::is_arithmetic_v<typename V::value_type>;
                       }) {
    std::vector<double> numbers(value.begin(), value.end());
    visitor.value(name, numbers);
    if (!visitor.reading()) return;
    value.resize(numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      using N = typename V::value_type;
      if constexpr (std::is_integral_v<N>) {
        const bool whole = std::abs(numbers[i]) <= 0x1p53 && std::trunc(numbers[i]) == numbers[i];
        if (!whole || !std::in_range<N>(static_cast<std::int64_t>(numbers[i])))
          visitor.fail(name, text("expected whole numbers within the range of their type, received ", numbers[i]));
      }
      value[i] = static_cast<N>(numbers[i]);
    }
  } else if constexpr (requires {
                         value.resize(std::size_t());
                         requires HasFields<typename V::value_type> || detail::CustomField<typename V::value_type>;
                       }) {
    const std::size_t size = visitor.open_list(name, value.size());
    if (visitor.reading() && value.size() != size) value = V(size);
    for (auto& element : value) {
      if constexpr (detail::CustomField<typename V::value_type>) {
        visit_field(visitor, std::string_view(), element);
      } else if (visitor.open({})) {
        visit_fields(visitor, element);
        visitor.close();
      }
    }
    visitor.close_list();
  } else {
    static_assert(
        HasFields<V>,
        "foretell: fields() names a member of a type that cannot be stored; give it fields() or visit_field()");
  }
}

namespace detail {

/// What fields() is given to show all to a visitor: one type for all components.
struct FieldShow {
  FieldVisitor& visitor;
  template <class V>
  void operator()(std::string_view name, V& value) const {
    visit_value(visitor, name, value);
  }
};

template <class V>
inline constexpr char type_key = 0;  // its address names the type V

}  // namespace detail

template <HasFields C>
void visit_fields(FieldVisitor& visitor, C& component) {
  component.fields(detail::FieldShow{visitor});
}

/// The configuration of `from` in a component of another scalar type: field by field, which must agree in name and
/// number.
template <class To, class From>
To with_fields_of(From from) {
  struct Source {
    const void* key;
    const void* value;
    double number;
  };
  std::vector<Source> sources;
  from.fields([&](std::string_view, auto& value) {
    using V = std::remove_reference_t<decltype(value)>;
    double number = 0;
    if constexpr (std::is_arithmetic_v<V>) number = static_cast<double>(value);
    sources.push_back({&detail::type_key<V>, &value, number});
  });
  To to{};
  std::size_t i = 0;
  to.fields([&](std::string_view name, auto& value) {
    using V = std::remove_reference_t<decltype(value)>;
    const Source& source = sources[i++];
    if (source.key == &detail::type_key<V>) {
      value = *static_cast<const V*>(source.value);
    } else if constexpr (std::is_arithmetic_v<V>) {
      value = static_cast<V>(source.number);
    } else {
      throw ConfigError(text("field \"", name,
                             "\" holds a part made for another scalar type; write that part with the model's scalar, "
                             "such as Bidirectional<double>"));
    }
  });
  return to;
}

}  // namespace foretell
