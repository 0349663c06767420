// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/io/bundle_file.hpp"

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

inline void collect_types(TypeCollector& types, AnyTransformer transformer) {
  if (transformer) visit_erased(types, {}, transformer);
}
/// Of a model, or a bundle.
template <TrainedModel M>
void collect_types(TypeCollector& types, const M& model) {
  for (const auto& entry : model.network().graph().entries()) {
    if (!entry.layer) continue;
    LayerSpec layer = entry.layer;
    types.component({Factory::key_of<Layer<scalar_of<M>>>(), layer.ops()});
    layer.visit(types);
  }
  if constexpr (requires { model.preprocessing(); }) collect_types(types, model.preprocessing());
}

/// The scalar of the first of some parts that has one; float of transformers alone.
template <class... Parts>
struct FirstScalar {
  using type = float;
};
template <class Part, class... More>
struct FirstScalar<Part, More...> : FirstScalar<More...> {};
template <TrainedModel Part, class... More>
struct FirstScalar<Part, More...> {
  using type = scalar_of<Part>;
};

}  // namespace detail

/// The types that transformers, models and bundles are made of, those within them too: load(path, types_of(scaler,
/// model)) reads files of these types and compiles no others. They are what the program has them for: to train, or
/// loaded to predict.
template <class... Parts, class T = typename detail::FirstScalar<Parts...>::type>
Registry<T> types_of(const Parts&... parts) {
  Registry<T> registry;
  detail::TypeCollector types(registry);
  (detail::collect_types(types, parts), ...);
  return registry;
}

}  // namespace foretell
