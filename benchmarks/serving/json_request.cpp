// SPDX-License-Identifier: BSD-3-Clause
// A request to a model of two inputs, an id and four columns of a table: what its answer costs from JSON by field
// names, beside the network alone, whose inputs lie ready, and a Row that is set by name.
#include <benchmark/benchmark.h>
#include <foretell/foretell.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace ft = foretell;

namespace {

struct Service {
  ft::Bundle<float> bundle;
  ft::Tensor<float> features;

  static Service make() {
    const ft::Table table = ft::datasets::shop_visits(200, 1).table;
    ft::ColumnTransformer<float> columns(
        {{"numbers", ft::StandardScaler<float>(), {"product_pages", "minutes", "returning_visitor"}},
         {"devices", ft::OneHotEncoder<float>(), {"device"}}});
    ft::Tensor<float> features = columns.fit_transform(table);
    ft::Graph<float> graph;
    const auto user = graph.input("user", {1}), visit = graph.input("visit", {features.shape(1)});
    const auto taste = graph.add(ft::Flatten(), graph.add(ft::HashedEmbedding(10000, 8), user));
    const auto hidden =
        graph.add(ft::Dense(32, {.activation = ft::relu}), graph.add(ft::Concatenate(), {taste, visit}));
    graph.output("buys", graph.add(ft::Dense(1, {.activation = ft::sigmoid}), hidden));
    ft::Network<float> network(graph);
    network.build(
        ft::InputRows(std::vector<ft::Shape>{{1}, {features.shape(1)}}, {ft::InputKind::ids, ft::InputKind::numbers}),
        1);
    const auto path = (std::filesystem::temp_directory_path() / "foretell_json_request.safetensors").string();
    ft::save(path, ft::ServedInputs{{"user", {"user"}}, {"visit", columns}}, ft::Model<float>(network));
    Service service{ft::load<float>(path), std::move(features)};
    std::filesystem::remove(path);
    return service;
  }
};
const Service& service() {
  static const Service one = Service::make();
  return one;
}

void network_alone(benchmark::State& state) {
  const ft::Network<float>& network = service().bundle.network();
  ft::Workspace<float> workspace(std::make_shared<const ft::Program>(network.program(ft::PassMode::inference)), 1);
  workspace.set_context(network.context());
  const std::int64_t user = 1234567890123456789;
  const void* const inputs[] = {&user, service().features.data()};
  for (auto _ : state) {
    workspace.forward(inputs, 1);
    benchmark::DoNotOptimize(workspace.output(0).data()[0]);
  }
}
BENCHMARK(network_alone);

void row_by_name(benchmark::State& state) {
  ft::Predictor<float> predictor = service().bundle.predictor();
  ft::Row row = predictor.row();
  for (auto _ : state) {
    row.set("user", std::int64_t(1234567890123456789));
    row.set("device", "mobile");
    row.set("product_pages", 12);
    row.set("minutes", 3.25);
    row.set("returning_visitor", "true");
    benchmark::DoNotOptimize(predictor.answer(row).value());
  }
}
BENCHMARK(row_by_name);

void json_by_name(benchmark::State& state) {
  ft::Predictor<float> predictor = service().bundle.predictor();
  ft::JsonRow request(predictor.row());
  const std::string body =
      R"({"user": 1234567890123456789, "device": "mobile", "product_pages": 12, "minutes": 3.25, "returning_visitor": true})";
  for (auto _ : state) benchmark::DoNotOptimize(predictor.answer(request.read(body)).value());
}
BENCHMARK(json_by_name);

}  // namespace
