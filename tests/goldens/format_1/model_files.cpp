// SPDX-License-Identifier: BSD-3-Clause
// Writes the model files of format 1 in this folder, and what their models answered when they were written, into
// answers.json. It was compiled and run with foretell at commit 8aad256, the last one that wrote format 1; later ones
// read these files and must answer the same. (A line here has changed since where a name did; it writes another format
// now.)
//   model_files FOLDER
#include <foretell/foretell.hpp>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace ft = foretell;

namespace {

std::string list(const float* values, std::size_t size) {
  std::string out = "[";
  for (std::size_t i = 0; i < size; ++i) {
    char text[32];
    std::snprintf(text, sizeof text, "%s%.9g", i ? ", " : "", static_cast<double>(values[i]));
    out += text;
  }
  return out + "]";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string folder = std::string(argv[1]) + "/";
  std::ofstream answers(folder + "answers.json");
  const auto tell = [&](const char* name, const auto& y, bool last = false) {
    answers << "  \"" << name << "\": " << list(y.data(), y.size()) << (last ? "\n" : ",\n");
  };
  answers << "{\n";

  const ft::Table table = ft::read_csv_text(
      "age,device,pages,buys\n20,mobile,1,0\n31,desktop,,1\n,mobile,7,0\n44,tablet,3,1\n52,desktop,9,1\n18,mobile,2,"
      "0\n");
  ft::ColumnTransformer<float> columns(
      {{"numbers",
        ft::Pipeline<float>({{"fill", ft::SimpleImputer<float>()}, {"scale", ft::StandardScaler<float>()}}),
        {"age", "pages"}},
       {"devices", ft::OneHotEncoder<float>(), {"device"}}});
  const ft::Tensor<float> features = columns.fit_transform(table);
  ft::Sequential<float> tabular{ft::Dense(5, {.activation = ft::relu}), ft::BatchNormalization(),
                                ft::Dense(1, {.activation = ft::sigmoid})};
  tabular.compile(ft::Adam({.learning_rate = 0.01}), ft::BinaryCrossentropy());
  tabular.fit(features, table.column("buys").to_array<float>(),
              {.batch_size = 3, .epochs = 4, .seed = 1, .verbose = 0});
  ft::save(folder + "tabular.safetensors", columns, tabular);
  tell("tabular", tabular.predict(features));

  const ft::Tensor<float> ids{{1, 2, 3, 0}, {4, 4, 0, 0}, {5, 1, 2, 6}};
  ft::Sequential<float> sequence{ft::Embedding(7, 4, {.mask_zero = true}), ft::GRU(3),
                                 ft::Dense(2, {.activation = ft::softmax})};
  sequence.build({4}, 2);
  sequence.save(folder + "sequence.safetensors");
  tell("sequence", sequence.predict(ids));

  const std::vector<std::string> texts{"good soup", "bad soup", "good good table", "a bad bad bad chair"};
  ft::TfidfVectorizer<float> words;
  const ft::SparseMatrix<float> rows = words.fit_transform(texts);
  ft::Sequential<float> sparse{ft::SparseDense(rows.columns(), 3, {.activation = ft::tanh}), ft::Dense(1)};
  sparse.compile(ft::SGD({.learning_rate = 0.1}), ft::MeanSquaredError());
  sparse.fit(rows, std::vector<float>{1, 0, 1, 0}, {.batch_size = 2, .epochs = 3, .seed = 3, .verbose = 0});
  ft::save(folder + "texts.safetensors", sparse, {{"words", words}});
  tell("texts", sparse.predict(rows));

  ft::Graph<float> graph;
  const auto who = graph.input("user", {1}), signals = graph.input("numbers", {3});
  const auto taste = graph.add(ft::Flatten(), graph.add(ft::Embedding(6, 2), who));
  const auto trunk = graph.add(ft::Dense(4, {.activation = ft::relu}), graph.add(ft::Concatenate(), {taste, signals}));
  graph.output("buys", graph.add(ft::Dense(1, {.activation = ft::sigmoid}), trunk));
  graph.output("spend", graph.add(ft::Dense(1), trunk));
  ft::Model<float> heads(graph);
  heads.compile(ft::Adam(), {{"buys", ft::BinaryCrossentropy(), {.learn_weight = true}},
                             {"spend", ft::MeanSquaredError(), {.learn_weight = true}}});
  const auto column = [](const std::vector<float>& values) {
    return ft::make_tensor<float>({values.size(), 1}, values.data());
  };
  const ft::Tensor<float> user = column({0, 5, 3, 3}), buys = column({1, 0, 1, 0}), spend = column({3, 0, 4, 1});
  const ft::Tensor<float> numbers{{1, 2, 3}, {0, -1, 0.5}, {2, 2, 2}, {-1, 0, 1}};
  heads.fit({{"user", user}, {"numbers", numbers}}, {{"buys", buys}, {"spend", spend}},
            {.batch_size = 2, .epochs = 3, .seed = 4, .verbose = 0, .probe_rows = 2});
  heads.save(folder + "heads.safetensors");
  const ft::Tensors<float> y = heads.predict({{"user", user}, {"numbers", numbers}});
  tell("heads/buys", y["buys"]);
  tell("heads/spend", y["spend"], true);
  answers << "}\n";
}
