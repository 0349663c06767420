// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/layers/activation.hpp>
#include <foretell/layers/batch_normalization.hpp>
#include <foretell/layers/dense.hpp>
#include <foretell/layers/layer_normalization.hpp>
#include <foretell/layers/merge.hpp>
#include <foretell/testing/check_layer.hpp>

#include "support/golden.hpp"

namespace ft = foretell;
using ft::golden::Case;
using ft::golden::close;

namespace {

ft::ActivationFunction activation_of(const Case& c) {
  ft::ActivationFunction f = *ft::activation_by_name(c.option<std::string>("activation"));
  if (c.has_option("alpha")) f = f(c.option<double>("alpha"));
  return f;
}

template <class T>
ft::Layer<T> layer_of(const Case& c, const std::string& group) {
  if (group == "Dense")
    return ft::Dense<T>(c.option<std::size_t>("units"),
                        {.activation = activation_of(c), .use_bias = c.option<bool>("use_bias")});
  if (group == "BatchNormalization")
    return ft::BatchNormalization<T>({.momentum = c.option<double>("momentum"),
                                      .epsilon = c.option<double>("epsilon"),
                                      .center = c.option<bool>("center"),
                                      .scale = c.option<bool>("scale")});
  if (group == "LayerNormalization")
    return ft::LayerNormalization<T>(
        {.epsilon = c.option<double>("epsilon"), .center = c.option<bool>("center"), .scale = c.option<bool>("scale")});
  if (group == "Concatenate") return ft::Concatenate<T>();
  return ft::Add<T>();
}

template <class T>
void compare(const Case& c, const std::string& group) {
  CAPTURE(c.name());
  std::vector<std::string> inputs;
  if (c.has_tensor("x")) inputs.push_back("x");
  for (std::size_t k = 0; c.has_tensor(ft::text("x", k)); ++k) inputs.push_back(ft::text("x", k));
  std::vector<ft::Shape> shapes;
  for (const auto& name : inputs) {
    const auto shape = c.tensor(name).shape;
    shapes.emplace_back(shape.begin() + 1, shape.end());
  }
  const std::size_t rows = c.tensor(inputs[0]).shape[0];
  ft::testing::CheckLayerOptions options{.rows = rows};
  ft::testing::detail::Rig<T> rig(layer_of<T>(c, group), shapes, options);
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const auto values = c.tensor(inputs[k]).as<T>();
    std::copy(values.begin(), values.end(), rig.x(k).begin());
  }
  const auto tail = [](const std::string& name) { return name.substr(name.find('/') + 1); };
  const auto fill = [&](const std::vector<ft::ParameterInfo>& infos, ft::Arena<T>& values) {
    for (const auto& info : infos) {
      const auto from = c.tensor(tail(info.name)).template as<T>();
      REQUIRE(from.size() == info.shape.size());
      std::copy(from.begin(), from.end(), values.data() + info.offset);
    }
  };
  fill(rig.parameters(), rig.weights());
  fill(rig.states(), rig.state());
  const bool training = c.option<bool>("training", true);
  const double relative = ft::golden::rtol<T>, absolute = std::is_same_v<T, double> ? 1e-11 : 3e-6;
  CHECK(close(rig.forward(0, rows, training), c.tensor("y"), relative, absolute));
  if (!training) return;
  for (const auto& info : rig.states())
    CHECK(close(std::span<const T>(rig.moved_state().data() + info.offset, info.shape.size()),
                c.tensor("new_" + tail(info.name)), relative, absolute));
  rig.backward(rows, T(0), true, c.tensor("dy").as<T>());
  for (std::size_t k = 0; k < inputs.size(); ++k)
    CHECK(close(std::span<const T>(rig.dx(k).data(), rows * shapes[k].size()), c.tensor("d" + inputs[k]), relative,
                absolute));
  for (const auto& info : rig.parameters())
    CHECK(close(std::span<const T>(rig.gradients().data() + info.offset, info.shape.size()),
                c.tensor("d" + tail(info.name)), relative, absolute));
}

}  // namespace

TEST_CASE_TEMPLATE("Layers: outputs and gradients are those of Keras", T, float, double) {
  const ft::golden::File file("layers");
  for (const char* group : {"Dense", "BatchNormalization", "LayerNormalization", "Concatenate", "Add"})
    for (const Case& c : file.group(group)) {
      if (c.has_tensor("mask") || c.option<int>("axis", -1) != -1) continue;  // masks and other axes are not there yet
      compare<T>(c, group);
    }
}

TEST_CASE_TEMPLATE("Activation: outputs and gradients are those of Keras", T, float, double) {
  const ft::golden::File file("activations");
  std::size_t compared = 0;
  for (const Case& c : file.cases()) {
    if (!c.has_option("activation") || !c.has_tensor("dy")) continue;
    CAPTURE(c.name());
    const auto x = c.tensor("x"), dy = c.tensor("dy");
    const ft::Shape shape(x.shape.begin() + 1, x.shape.end());
    ft::testing::CheckLayerOptions options{.rows = x.shape[0]};
    ft::testing::detail::Rig<T> rig(ft::Layer<T>(ft::Activation<T>(activation_of(c))),
                                    {x.shape.size() > 1 ? shape : ft::Shape{1}}, options);
    const auto values = x.as<T>();
    std::copy(values.begin(), values.end(), rig.x(0).begin());
    const double relative = ft::golden::rtol<T>, absolute = std::is_same_v<T, double> ? 1e-14 : 1e-6;
    CHECK(close(rig.forward(0, x.shape[0], true), c.tensor("y"), relative, absolute));
    rig.backward(x.shape[0], T(0), true, dy.as<T>());
    CHECK(close(std::span<const T>(rig.dx(0).data(), x.size()), c.tensor("dx"), relative, absolute));
    ++compared;
  }
  CHECK(compared >= 16);
}
