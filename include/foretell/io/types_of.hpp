// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/graph/network.hpp"
#include "foretell/io/registry.hpp"

namespace foretell {

namespace detail {

/// Keeps the types of the components that it is shown.
class TypeCollector final : public FieldVisitor {
 public:
  explicit TypeCollector(Factory& types) : types_(types) {}
  void component(const TypeEntry& entry) override { types_.add(entry); }

  bool reading() const override { return false; }
  void value(std::string_view, bool&) override {}
  void value(std::string_view, std::int64_t&) override {}
  void value(std::string_view, double&) override {}
  void value(std::string_view, std::string&) override {}
  void value(std::string_view, std::vector<double>&) override {}
  void value(std::string_view, std::vector<std::string>&) override {}
  bool open(std::string_view) override { return true; }
  void close() override {}
  std::size_t open_list(std::string_view, std::size_t size) override { return size; }
  void close_list() override {}
  [[noreturn]] void fail(std::string_view, const std::string& problem) const override { throw ConfigError(problem); }

 private:
  Factory& types_;
};

template <class T>
void collect_types(TypeCollector& types, const Network<T>& network) {
  for (const auto& entry : network.graph().entries()) {
    if (!entry.layer) continue;
    LayerSpec layer = entry.layer;
    types.component({Factory::key_of<Layer<T>>(), layer.type(), layer.ops()});
    layer.visit(types);
  }
}
inline void collect_types(TypeCollector& types, AnyTransformer transformer) { visit_erased(types, {}, transformer); }

}  // namespace detail

/// The types that transformers, networks and models are made of, those within them too: load(path, types_of(scaler,
/// model)) reads files of these types and compiles no others. They are what the program has them for: to train, or
/// loaded to predict.
template <class T = float, class... Parts>
Registry<T> types_of(const Parts&... parts) {
  Registry<T> registry;
  detail::TypeCollector types(registry);
  const auto collect = [&](const auto& part) {
    if constexpr (requires { part.network(); })
      detail::collect_types(types, part.network());
    else
      detail::collect_types(types, part);
  };
  (collect(parts), ...);
  return registry;
}

}  // namespace foretell
