// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "support/folder.hpp"

namespace ft = foretell;
using ft::support::Folder;

TEST_CASE("A file of format 2 that is cut or changed: an error, or the identical model, never another answer") {
  const Folder folder;
  const ft::Table table{{"age", {31.0, 22.0, 45.0, 60.0}},
                        {"device", {"mobile", "desktop", "mobile", "tablet"}},
                        {"user", {1.0, 2.0, 3.0, 4.0}}};
  ft::ColumnTransformer<float> columns(
      {{"numbers", ft::StandardScaler<float>(), {"age"}}, {"devices", ft::OneHotEncoder<float>(), {"device"}}});
  columns.fit(table);
  ft::Graph<float> graph;
  const auto visit = graph.input("visit", {4}), user = graph.input("user", {1}), words = graph.input("words", {6});
  const auto taste = graph.add(ft::Flatten(), graph.add(ft::HashedEmbedding(20, 2), user));
  const auto all = graph.add(ft::Concatenate(), {visit, taste, graph.add(ft::SparseDense(6, 2), words)});
  graph.output("buys", graph.add(ft::Dense(1, {.activation = ft::sigmoid}), all));
  graph.output("next", graph.add(ft::Dense(3, {.activation = ft::softmax}), all));
  ft::Network<float> network(graph);
  network.build({{{4}, {1}, {6}}, {ft::InputKind::numbers, ft::InputKind::ids, ft::InputKind::sparse}}, 3);
  ft::save(folder / "m.safetensors", ft::ServedInputs{{"visit", columns}, {"user", {"user"}}},
           ft::Model<float>(network),
           {.outputs =
                {{.name = "buys", .classes = {"no", "yes"}, .calibration = ft::PlattCurve{-2, 0.1}, .threshold = 0.4}},
            .metadata = {{"trained by", "a test"}},
            .version = "12"});
  const std::string good = ft::support::read_file(folder / "m.safetensors");
  const ft::Registry<float> types = ft::types_of(columns, ft::Model<float>(network));  // few: loading is what is tried
  const auto answers = [&](const std::string& bytes) {
    const auto bundle = ft::load<float>(std::as_bytes(std::span<const char>(bytes)), types);
    ft::Predictor<float> predictor = bundle.predictor();
    ft::Row row = predictor.row();
    std::vector<float> out;
    const std::vector<float> some{0, 1, 0, 0.5f, 0, 0};
    for (std::size_t i = 0; i < table.rows(); ++i) {
      row.assign(table, i);
      row.set("user", std::numeric_limits<std::int64_t>::max() - static_cast<std::int64_t>(i));
      row.set("words", std::span<const float>(some));
      const ft::Answer<float> answer = predictor.answer(row);
      out.push_back(answer["buys"].probability("yes"));
      out.push_back(answer["buys"].label() == "yes");
      for (const float p : answer["next"].values()) out.push_back(p);
    }
    return out;
  };
  const std::vector<float> expected = answers(good);
  constexpr std::size_t tries = 20000;
  const ft::Random random(20);
  std::size_t refused = 0;
  for (std::size_t i = 0; i < tries; ++i) {
    std::string bytes = good;
    if (random.below(4 * i, 4) == 0) {
      bytes.resize(random.below(4 * i + 1, bytes.size()));
    } else {
      const std::size_t changes = 1 + random.below(4 * i + 2, 3);
      for (std::size_t c = 0; c < changes; ++c) {
        const ft::Random one = random.stream(i * 4 + c);
        char& byte = bytes[one.below(0, bytes.size())];
        byte = static_cast<char>(byte ^ static_cast<char>(1 + one.below(1, 255)));
      }
    }
    try {
      const std::vector<float> now = answers(bytes);
      CHECK(now == expected);
    } catch (const ft::Error&) {
      ++refused;
    }
  }
  CHECK(refused > tries * 99 / 100);
}
