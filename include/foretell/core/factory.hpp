// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "foretell/core/erased.hpp"
#include "foretell/core/error.hpp"
#include "foretell/core/fields.hpp"

namespace foretell {

namespace detail {

template <class C>
struct PlainOf {
  using type = C;
};
template <class C>
requires requires { typename C::Plain; }
struct PlainOf<C> {
  using type = typename C::Plain;
};
/// What a component is without its scalar type, where it has such a core: C::Plain; else C.
template <class C>
using plain_of = typename PlainOf<C>::type;

}  // namespace detail

/// A type that a file may name: its table, and what erases it, such as Layer<float>, named by a key.
struct TypeEntry {
  const void* erasure;
  const detail::ValueOps* ops;
};

/// The types that a file may name, as data; what `FieldVisitor::registry()` points to. A type that is not among them is
/// not compiled.
class Factory {
 public:
  /// `advice`, where there is some, says of a type that is not here where it is to be had.
  using Advice = std::string (*)(std::string_view type);
  explicit Factory(Advice advice = nullptr) : advice_(advice) {}

  /// Throws ConfigError when another type has that name.
  void add(const TypeEntry& entry) {
    const TypeEntry* const known = find(entry.erasure, entry.ops->name);
    if (!known)
      types_.push_back(entry);
    else if (known->ops->key != entry.ops->key)
      throw ConfigError(text("Registry: expected a new type name, received \"", entry.ops->name,
                             "\" for a second type; name yours \"package.Name\""));
  }
  /// The types of another one as well.
  void add(const Factory& other) {
    for (const TypeEntry& entry : other.types_) add(entry);
  }

  /// Puts a new component of that type name into `into`; false when the name is not known.
  template <class E>
  bool make(std::string_view type, E& into) const {
    const TypeEntry* const entry = find(key_of<E>(), type);
    if (entry) into = E(*entry->ops);
    return entry != nullptr;
  }
  /// The type names known for E.
  template <class E>
  std::vector<std::string> types() const {
    return names_of(key_of<E>());
  }

  /// "the type "LSTM" is not known; ...", for a type that make does not know.
  template <class E>
  std::string unknown(std::string_view type) const {
    return text("\"", type, "\" is not known; ",
                advice_ ? advice_(type) : std::string("add it to the registry that load receives"), ". Known are ",
                quoted_list(types<E>(), 100));
  }

  template <class E>
  static const void* key_of() {
    return &detail::type_key<detail::plain_of<E>>;
  }

 private:
  const TypeEntry* find(const void* erasure, std::string_view type) const {
    for (const TypeEntry& entry : types_)
      if (entry.erasure == erasure && entry.ops->name == type) return &entry;
    return nullptr;
  }
  std::vector<std::string> names_of(const void* erasure) const {
    std::vector<std::string> names;
    for (const TypeEntry& entry : types_)
      if (entry.erasure == erasure) names.emplace_back(entry.ops->name);
    return names;
  }

  std::vector<TypeEntry> types_;
  Advice advice_;
};

/// Stores an erased component as a group: "type", then what `value.visit(visitor)` shows. E has `operator bool`,
/// `type()`, `ops()`, `visit(FieldVisitor&)`; an empty one is stored with an empty type. A reader without a factory
/// fills `value` as it is, which must have the stored type already.
template <class E>
void visit_erased(FieldVisitor& visitor, std::string_view name, E& value) {
  if (!visitor.open(name)) return;
  std::string type(value ? value.type() : std::string_view());
  visitor.value("type", type);
  if (visitor.reading()) {
    const Factory* factory = visitor.registry();
    if (type.empty())
      value = E();
    else if (factory && !factory->make(type, value))
      visitor.fail("type", text("the type ", factory->template unknown<E>(type)));
    else if (!factory && !(value && value.type() == type))
      visitor.fail("type",
                   text("expected \"", value ? value.type() : std::string_view(), "\", received \"", type, "\""));
  }
  if (value && !visitor.reading()) visitor.component({Factory::key_of<E>(), value.ops()});
  if (value) value.visit(visitor);
  visitor.close();
}

}  // namespace foretell
