// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>
#include <foretell/testing/check_layer.hpp>

#include "support/golden.hpp"

namespace ft = foretell;
using ft::golden::Case;
using ft::golden::close;

namespace {

template <class T>
ft::Layer<T> layer_of(const Case& c) {
  const auto registry = ft::Registry<T>::builtin();
  ft::Layer<T> layer;
  REQUIRE(registry.make(c.json().at("group").get<std::string>(), layer));
  ft::read_json(ft::parse_json(*c.strings("config")[0], "config"), "config", layer, &registry);
  return layer;
}

template <class T>
void compare(const Case& c) {
  CAPTURE(c.name());
  std::vector<ft::Shape> shapes;
  for (std::size_t k = 0; c.has_tensor(ft::text("x", k)); ++k) {
    const auto shape = c.tensor(ft::text("x", k)).shape;
    shapes.emplace_back(shape.begin() + 1, shape.end());
  }
  const std::size_t rows = c.tensor("x0").shape[0];
  const bool masked = c.has_tensor("mask");
  ft::testing::detail::Rig<T> rig(layer_of<T>(c), shapes, {.rows = rows, .masked = masked});
  for (std::size_t k = 0; k < shapes.size(); ++k) {
    const auto x = c.tensor(ft::text("x", k)).as<T>();
    std::copy(x.begin(), x.end(), rig.x(k).begin());
  }
  if (masked) {
    const auto mask = c.tensor("mask").as<T>();
    std::transform(mask.begin(), mask.end(), rig.mask().begin(), [](T m) { return m != 0 ? 1 : 0; });
  }
  const auto tail = [](const std::string& name) { return name.substr(name.find('/') + 1); };
  for (const auto& info : rig.parameters()) {
    const auto from = c.tensor(tail(info.name)).template as<T>();
    REQUIRE(from.size() == info.shape.size());
    std::copy(from.begin(), from.end(), rig.weights().data() + info.offset);
  }
  const double relative = ft::golden::rtol<T>, absolute = std::is_same_v<T, double> ? 1e-11 : 5e-6;
  std::vector<T> y = rig.forward(0, rows, true);
  const auto dy = c.tensor("dy").as<T>();
  if (masked && rig.output().rank() == 2 && rig.output().front() == shapes[0].front())
    for (std::size_t i = 0; i < y.size(); ++i)
      if (!rig.mask()[i / rig.output().back()]) y[i] = 0;
  CHECK(close(y, c.tensor("y"), relative, absolute));
  rig.backward(rows, T(0), true, dy);
  for (std::size_t k = 0; k < shapes.size(); ++k)
    CHECK(close(std::span<const T>(rig.dx(k).data(), rows * shapes[k].size()), c.tensor(ft::text("dx", k)), relative,
                absolute));
  for (const auto& info : rig.parameters())
    CHECK(close(std::span<const T>(rig.gradients().data() + info.offset, info.shape.size()),
                c.tensor("d:" + tail(info.name)), relative, absolute));
  std::vector<T> inference = rig.forward(0, rows, false);
  if (masked && y.size() == inference.size())
    for (std::size_t i = 0; i < y.size(); ++i)
      if (y[i] == 0) inference[i] = 0;
  CHECK(close(inference, c.tensor("y"), relative, absolute));
}

}  // namespace

TEST_CASE_TEMPLATE(
    "Layers of sequences, pictures, ids and interactions: outputs and gradients are those of Keras and PyTorch", T,
    double, float) {
  for (const std::string family :
       {"recurrent_layers", "recurrent_states", "attention_layers", "convolution_layers", "interaction_layers"}) {
    const ft::golden::File file(family);
    for (const Case& c : file.cases()) compare<T>(c);
  }
}
