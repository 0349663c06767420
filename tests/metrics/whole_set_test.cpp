// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/metrics/whole_set.hpp>
#include <foretell/xt/tensor.hpp>

#include <cmath>
#include <initializer_list>
#include <vector>

using namespace foretell;

namespace {

std::vector<Metric<float>> metrics_of(std::initializer_list<Metric<float>> metrics) { return metrics; }

const auto largest = metric("largest_error", [](const Tensor<float>& truth, const Tensor<float>& guess) {
  return xt::amax(xt::abs(truth - guess))();
});

}  // namespace

TEST_CASE("metric(name, function): sees all rows at once, the truth in the shape of the predictions") {
  const Shape flat, one{1};
  const std::vector<float> truth{1, 2, 3, 4, 5}, guess{1, 2.5f, 3, 2, 5};
  std::vector<std::vector<std::size_t>> shapes;
  Metric<float> m = metric("shapes", [&shapes](const Tensor<float>& t, const Tensor<float>& g) {
    shapes = {{t.shape().begin(), t.shape().end()}, {g.shape().begin(), g.shape().end()}};
    return xt::amax(xt::abs(t - g))();
  });
  CHECK(m.name() == "shapes");
  CHECK(std::isnan(m.result()));
  CHECK(shapes.empty());
  m.update(In<float>(truth.data(), 3, flat), In<float>(guess.data(), 3, one));
  m.update(In<float>(truth.data() + 3, 0, flat), In<float>(guess.data() + 3, 0, one));
  m.update(In<float>(truth.data() + 3, 2, flat), In<float>(guess.data() + 3, 2, one));
  CHECK(m.result() == 2.0);
  CHECK(shapes == std::vector<std::vector<std::size_t>>{{5, 1}, {5, 1}});
  m.reset();
  CHECK(std::isnan(m.result()));
}

TEST_CASE("metric(name, function): truth of another size keeps its own shape") {
  const Shape one{1}, three{3};
  const std::vector<double> ids{2, 0}, scores{0, 0, 1, 1, 0, 0};
  Metric<double> m = metric("shape", [](const Tensor<double>& truth, const Tensor<double>& guess) {
    return static_cast<double>(truth.shape()[1] * 10 + guess.shape()[1]);
  });
  m.update(In<double>(ids.data(), 0, one), In<double>(scores.data(), 0, three));
  m.update(In<double>(ids.data(), 2, one), In<double>(scores.data(), 2, three));
  CHECK(m.result() == 13);
  CHECK_THROWS_AS(m.update(In<double>(scores.data(), 2, three), In<double>(scores.data(), 2, three)), ShapeError);
  CHECK_THROWS_AS(m.update(In<double>(ids.data(), 1, one), In<double>(scores.data(), 2, three)), ShapeError);
}

TEST_CASE("metric(name, function): converts in a list of metrics, merges, and may take the weights") {
  const Shape one{1};
  const std::vector<float> truth{1, 2, 3}, guess{1, 4, 3.5f}, weights{1, 2, 3};
  for (Metric<float> m :
       metrics_of({largest, metric("weighted", [](const Tensor<float>&t, const Tensor<float>&g, const Tensor<float>&w) {
                     return xt::sum(w * xt::abs(xt::flatten(t) - xt::flatten(g)))();
                   })})) {
    Metric<float> other = m, empty = m;
    m.update(In<float>(truth.data(), 1, one), In<float>(guess.data(), 1, one), weights.data());
    other.update(In<float>(truth.data() + 1, 2, one), In<float>(guess.data() + 1, 2, one), weights.data() + 1);
    m.merge(other);
    m.merge(empty);
    empty.merge(m);
    CHECK(m.result() == (m.name() == "weighted" ? 5.5 : 2.0));
    CHECK(empty.result() == m.result());
  }
  Metric<float> unweighted =
      metric("sum", [](const Tensor<float>&, const Tensor<float>&, const Tensor<float>& w) { return xt::sum(w)(); });
  unweighted.update(In<float>(truth.data(), 3, one), In<float>(guess.data(), 3, one));
  CHECK(unweighted.result() == 3);
}

TEST_CASE("metric(name, function): a function of Tensor<float> serves a model of double") {
  const Shape one{1};
  const std::vector<double> truth{1, 2, 3}, guess{1, 4, 3.5};
  Metric<double> m = largest;
  m.update(In<double>(truth.data(), 3, one), In<double>(guess.data(), 3, one));
  CHECK(m.result() == 2);
}
