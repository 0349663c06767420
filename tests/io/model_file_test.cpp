// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/formats/safetensors.hpp>
#include <foretell/io/json.hpp>
#include <foretell/io/model_file.hpp>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/folder.hpp"

namespace ft = foretell;
using ft::support::Folder, ft::support::read_file, ft::support::write_file;

namespace {

template <class T>
ft::Network<T> every_layer() {
  ft::Graph<T> g;
  const auto a = g.input("a", {2, 3}), b = g.input("b");
  const auto flat = g.add(ft::Flatten<T>(), g.add(ft::Reshape<T>({3, 0}), a));
  const auto dense =
      g.add(ft::Dense<T>(4, {.activation = ft::leaky_relu(0.1), .kernel_regularizer = ft::L2(1e-3)}), flat);
  const auto norm = g.add(ft::LayerNormalization<T>(), g.add(ft::BatchNormalization<T>({.momentum = 0.9}), dense));
  const auto twice = g.share(g.add(ft::Dense<T>(4, {.use_bias = false}), norm), norm);
  const auto sum = g.add(ft::Add<T>(), {norm, twice});
  const auto all = g.add(ft::Concatenate<T>(), {g.add(ft::Dropout<T>(0.5), sum), b});
  g.output("p", g.add(ft::Activation<T>(ft::softmax), all));
  g.output("q", sum);
  ft::Network<T> network(g);
  network.build({{2, 3}, {2}}, 7);
  for (const auto& info : network.states())
    for (std::size_t i = 0; i < info.shape.size(); ++i)
      network.state()[info.offset + i] += T(0.125) * static_cast<T>(i % 3);
  const std::vector<T> first{1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1}, second{1, 2, 3, 4};
  network.set_probes(
      {ft::InputArray<T>::copy({first.data(), 2, {2, 3}}), ft::InputArray<T>::copy({second.data(), 2, {2}})});
  return network;
}

/// The file as it was before there were checksums.
std::string without_checksums(std::string bytes) {
  for (std::size_t at; (at = bytes.find("foretell.checksum")) != std::string::npos;) bytes[at] = 'F';
  return bytes;
}

}  // namespace

TEST_CASE_TEMPLATE("Model file: every layer comes back bit for bit", T, float, double) {
  const Folder folder;
  const ft::Network<T> network = every_layer<T>();
  ft::save_model(folder / "m.safetensors", network);
  for (const auto& registry : {ft::Registry<T>::builtin(), ft::Registry<T>::for_prediction()}) {
    const ft::Network<T> loaded = ft::load_model<T>(folder / "m.safetensors", registry).network;
    CHECK(loaded.weights() == network.weights());
    CHECK(loaded.state() == network.state());
    ft::save_model(folder / "again.safetensors", loaded);
    CHECK(read_file(folder / "m.safetensors") == read_file(folder / "again.safetensors"));
    CHECK(!loaded.graph().entries()[1].shape);
  }
}

TEST_CASE("Model file: float and double read each other") {
  const Folder folder;
  ft::save_model(folder / "m.safetensors", every_layer<float>());
  const auto loaded = ft::load_model<double>(folder / "m.safetensors", ft::Registry<double>::builtin()).network;
  const auto original = every_layer<float>();
  REQUIRE(loaded.parameters().size() == original.parameters().size());
  for (std::size_t p = 0; p < loaded.parameters().size(); ++p)
    for (std::size_t i = 0; i < loaded.parameters()[p].shape.size(); ++i)
      CHECK(loaded.weights()[loaded.parameters()[p].offset + i] ==
            static_cast<double>(original.weights()[original.parameters()[p].offset + i]));
}

TEST_CASE("Model file: every truncation and every changed byte is refused, of a file without checksums most") {
  const Folder folder;
  const std::string path = folder / "m.safetensors";
  ft::save_model(path, every_layer<float>());
  const std::string good = read_file(path);
  const auto registry = ft::Registry<float>::builtin();
  for (std::size_t size = 0; size < good.size(); size += 1 + size / 7) {
    write_file(path, good.substr(0, size));
    CHECK_THROWS_AS((void)ft::load_model<float>(path, registry), ft::FormatError);
  }
  write_file(path, good + "x");
  CHECK_THROWS_AS((void)ft::load_model<float>(path, registry), ft::FormatError);
  const ft::Random random(5);
  std::size_t loaded = 0;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    std::string bad = good;
    char& byte = bad[i < good.size() / 2 ? 2 * i : random.below(2 * i, good.size())];
    byte = static_cast<char>(byte ^ static_cast<char>(1 + random.below(2 * i + 1, 255)));
    write_file(path, bad);
    try {
      (void)ft::load_model<float>(path, registry);
      ++loaded;
    } catch (const ft::Error&) {
    }
  }
  CHECK(loaded == 0);
  const std::string old = without_checksums(good);
  for (std::size_t at = 0; at < good.size(); at += 7) {  // memory is safe, and nothing but errors of ours comes out
    std::string bad = old;
    bad[at] = static_cast<char>(bad[at] ^ 0x15);
    write_file(path, bad);
    try {
      (void)ft::load_model<float>(path, registry);
    } catch (const ft::Error&) {
    }
  }
}

TEST_CASE("Model file: checksums stand in the metadata, and files without them are read") {
  const Folder folder;
  const std::string path = folder / "m.safetensors";
  ft::save_model(path, every_layer<float>());
  ft::SafetensorsFile file(path);
  CHECK(file.metadata().at("foretell.checksum").size() == 16);
  const auto registry = ft::Registry<float>::builtin();
  const auto same = ft::load_model<float>(path, registry).network;
  write_file(path, without_checksums(read_file(path)));
  CHECK(ft::load_model<float>(path, registry).network.weights() == same.weights());
}

TEST_CASE("Model file: a damaged tensor is named, of a damaged header it is said what may have happened") {
  const Folder folder;
  const std::string path = folder / "m.safetensors";
  ft::save_model(path, every_layer<float>());
  const std::string good = read_file(path);
  std::string bad = good;
  bad[bad.size() - 1] = static_cast<char>(bad[bad.size() - 1] ^ 1);
  write_file(path, bad);
  const std::string last = ft::SafetensorsFile(path).entries().rbegin()->first;
  CHECK_THROWS_WITH_AS((void)ft::load_model<float>(path, ft::Registry<float>::builtin()),
                       doctest::Contains(("tensor \"" + last + "\" has not the checksum").c_str()), ft::FormatError);
  bad = good;
  bad[good.find("leaky_relu") + 1] = 'E';
  write_file(path, bad);
  CHECK_THROWS_WITH_AS(ft::SafetensorsFile{path}, doctest::Contains("its header has not the checksum"),
                       ft::FormatError);
}

TEST_CASE("Model file: rows are made up unless the network was given some") {
  const Folder folder;
  const std::string path = folder / "m.safetensors";
  ft::Network<float> network = every_layer<float>();
  ft::save_model(path, network);
  CHECK(ft::SafetensorsFile(path).metadata().at("foretell.probes") == "given");
  CHECK(ft::load_model<float>(path, ft::Registry<float>::builtin()).network.probe_rows() == 2);
  network.set_probes({});
  ft::save_model(path, network);
  ft::SafetensorsFile file(path);
  CHECK_FALSE(file.metadata().count("foretell.probes"));
  std::vector<float> row(18);
  REQUIRE(file.entries().at("foretell.probe/input/0").size == row.size());
  file.read(file.entries().at("foretell.probe/input/0"), row.data());
  for (std::size_t i = 0; i < row.size(); ++i) CHECK(row[i] == std::vector<float>{0, 1, -0.5f}[(i / 6 + i % 6) % 3]);
  CHECK(ft::load_model<float>(path, ft::Registry<float>::builtin()).network.probe_rows() == 0);
  // Layers of ids get ids, also behind another layer; answers that are not finite are compared as they are.
  for (const bool behind : {false, true}) {
    ft::Graph<float> g;
    auto node = g.input("x", {4});
    if (behind) node = g.add(ft::Reshape<float>({4, 1}), node);
    node = g.add(ft::Embedding<float>(2, 3), node);
    g.output("y", g.add(ft::Flatten<float>(), node));
    ft::Network<float> ids(g);
    ids.build({{4}}, 1);
    ids.weights()[0] = NAN;
    ft::save_model(path, ids);
    ft::SafetensorsFile with_ids(path);
    std::vector<float> values(12);
    with_ids.read(with_ids.entries().at("foretell.probe/input/0"), values.data());
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(values[i] == static_cast<float>((i / 4 + i % 4) % 3 == 1));
    CHECK_NOTHROW((void)ft::load_model<float>(path, ft::Registry<float>::builtin()));
  }
}

TEST_CASE("Model file: a changed weight of a file without checksums is noticed by the probes") {
  const Folder folder;
  const std::string path = folder / "m.safetensors";
  ft::save_model(path, every_layer<float>());
  write_file(path, without_checksums(read_file(path)));
  ft::SafetensorsFile file(path);
  const auto entry = file.entries().at("dense/kernel");
  std::string bytes = read_file(path);
  const float changed = 9.5f;
  std::memcpy(bytes.data() + bytes.size() - static_cast<std::size_t>(file.entries().rbegin()->second.end) +
                  static_cast<std::size_t>(entry.begin),
              &changed, sizeof changed);
  write_file(path, bytes);
  CHECK_THROWS_WITH_AS((void)ft::load_model<float>(path, ft::Registry<float>::builtin()), doctest::Contains("probe"),
                       ft::FormatError);
}

TEST_CASE("Model file: wrong graphs and newer formats say what is wrong and where") {
  const Folder folder;
  const std::string path = folder / "m.safetensors";
  const auto refused = [&](const std::string& graph, const std::string& format, const char* message) {
    CAPTURE(graph);
    ft::write_safetensors(path, {}, {{"foretell.format", format}, {"foretell.version", "9.9"}, {"graph", graph}});
    CHECK_THROWS_WITH_AS((void)ft::load_model<float>(path, ft::Registry<float>::builtin()), doctest::Contains(message),
                         ft::Error);
  };
  ft::write_safetensors(path, {}, {});
  CHECK_THROWS_WITH_AS((void)ft::load_model<float>(path, ft::Registry<float>::builtin()),
                       doctest::Contains("foretell.format"), ft::FormatError);
  const std::string input = "{\"name\":\"x\",\"type\":\"input\",\"built_shape\":[3]}";
  refused("{}", "3", "update the library");
  refused("{}", "1", "nodes");
  refused(
      "{\"nodes\":[" + input + ",{\"name\":\"d\",\"type\":\"Dens\",\"inputs\":[\"x\"],\"config\":{}}],\"outputs\":[]}",
      "1", "the layer type \"Dens\" is not known");
  refused(
      "{\"nodes\":[" + input + ",{\"name\":\"d\",\"type\":\"Dense\",\"inputs\":[\"y\"],\"config\":{}}],\"outputs\":[]}",
      "1", "received \"y\"");
  refused("{\"nodes\":[" + input +
              ",{\"name\":\"d\",\"type\":\"Dense\",\"inputs\":[\"x\"],\"config\":{\"units\":-4}}],\"outputs\":[]}",
          "1", "$.nodes[1].config.units");
  refused("{\"nodes\":[" + input +
              ",{\"name\":\"d\",\"type\":\"Dense\",\"inputs\":[\"x\"],\"config\":{\"unitz\":4}}],\"outputs\":[]}",
          "1", "received \"unitz\"");
  refused("{\"nodes\":[" + input +
              ",{\"name\":\"d\",\"type\":\"Dense\",\"inputs\":[\"x\"],\"config\":{\"units\":2000000000}}],\"outputs\":["
              "{\"name\":\"y\",\"node\":\"d\"}]}",
          "1", "expected at most 0 parameters");
  refused("{\"nodes\":[" + input +
              ",{\"name\":\"d\",\"type\":\"Dense\",\"inputs\":[\"x\"],\"config\":{\"units\":2,\"activation\":\"relux\"}"
              "}],\"outputs\":[]}",
          "1", "\"relux\"");
}

TEST_CASE("Model file: saving is all or nothing") {
  const Folder folder;
  const std::string path = folder / "m.safetensors";
  const auto network = every_layer<float>();
  ft::save_model(path, network);
  const std::string before = read_file(path);
  CHECK_THROWS_AS(ft::save_model(folder / "no such folder/m.safetensors", network), ft::FormatError);
  CHECK_THROWS_AS(ft::save_model(path, ft::Network<float>(ft::Graph<float>::chain({ft::Dense(1)}))), ft::StateError);
  std::filesystem::create_directory(folder.path / "busy");
  CHECK_THROWS_AS(ft::save_model(folder / "busy", network), ft::FormatError);
  CHECK(read_file(path) == before);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path)) ++files;
  CHECK(files == 2);  // nothing temporary is left
}

namespace {
template <class T>
struct Same {
  static constexpr std::string_view type = "Dense";
  ft::Shape build(ft::Build<T>& b) { return b.input(); }
  void forward(const ft::Pass<T>&, ft::In<T> x, ft::Out<T> y) const { std::copy_n(x.data(), x.size(), y.data()); }
  void fields(auto&&) {}
};
}  // namespace

TEST_CASE("Registry: for_prediction knows what builtin knows, without the way back") {
  const auto whole = ft::Registry<float>::builtin(), predicting = ft::Registry<float>::for_prediction();
  CHECK(whole.types<ft::Layer<float>>() == predicting.types<ft::Layer<float>>());
  CHECK(whole.types<ft::Transformer<float>>() == predicting.types<ft::Transformer<float>>());
  for (const std::string& type : whole.types<ft::Layer<float>>()) {
    INFO(type);
    ft::Layer<float> a, b;
    REQUIRE(whole.make(type, a));
    REQUIRE(predicting.make(type, b));
    CHECK(ft::write_json(a) == ft::write_json(b));
    CHECK_FALSE(b.traits().differentiable);
    CHECK(b.traits().predicts_only);
    CHECK_FALSE(a.traits().predicts_only);
    CHECK(a.traits().merges == b.traits().merges);
  }
}

TEST_CASE("Registry: a second type under a taken name is refused, the same type twice is not") {
  auto registry = ft::Registry<float>::builtin();
  CHECK_NOTHROW(registry.add<ft::Dense<float>>());
  CHECK_THROWS_AS(registry.add<Same<float>>(), ft::ConfigError);
}
