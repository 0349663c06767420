// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/fields.hpp"

namespace foretell {

/// Makes components from the type names in a file; what `FieldVisitor::registry()` points to. One factory serves every
/// erased type E, such as Layer<float> and Transformer<float>, told apart by a key.
class Factory {
 public:
  virtual ~Factory() = default;

  /// Puts a new component of that type name into `into`; false when the name is not known.
  template <class E>
  bool make(std::string_view type, E& into) const {
    return make_erased(key_of<E>(), type, &into);
  }
  /// The type names known for E.
  template <class E>
  std::vector<std::string> types() const {
    return types_of(key_of<E>());
  }

  template <class E>
  static const void* key_of() {
    return &detail::type_key<E>;
  }

 protected:
  /// `into` points to an E whose key is `key`.
  virtual bool make_erased(const void* key, std::string_view type, void* into) const = 0;
  virtual std::vector<std::string> types_of(const void* key) const = 0;
};

/// Stores an erased component as a group: "type", then what `value.visit(visitor)` shows. E has `operator bool`,
/// `type()`, `visit(FieldVisitor&)`; an empty one is stored with an empty type. A reader without a factory fills
/// `value` as it is, which must have the stored type already.
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
      visitor.fail("type",
                   text("the type \"", type, "\" is not known; add it to the registry that load receives. Known are ",
                        quoted_list(factory->template types<E>(), 100)));
    else if (!factory && !(value && value.type() == type))
      visitor.fail("type",
                   text("expected \"", value ? value.type() : std::string_view(), "\", received \"", type, "\""));
  }
  if (value) value.visit(visitor);
  visitor.close();
}

}  // namespace foretell
