// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/io/model_file.hpp>
#include <foretell/io/safetensors.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

namespace ft = foretell;

namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
void write_file(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("foretell_io_test_" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(const char* name) const { return (path / name).string(); }
};

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
  network.set_probes({{1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1}, {1, 2, 3, 4}});
  return network;
}

std::string framed(const std::string& header, const std::string& data = {}) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<char>(header.size() >> (8 * i));
  return bytes + header + data;
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

TEST_CASE(
    "Model file: every truncation is a FormatError, and so is every damaged byte of the header that changes its "
    "sense") {
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
  for (std::size_t at = 0; at < good.size(); at += 3) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x15);
    write_file(path, bad);
    try {
      (void)ft::load_model<float>(path, registry);  // a changed weight may pass when the probes hardly move
    } catch (const ft::Error&) {
    }
  }
}

TEST_CASE("Model file: a changed weight is noticed by the probes") {
  const Folder folder;
  const std::string path = folder / "m.safetensors";
  ft::save_model(path, every_layer<float>());
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

TEST_CASE("Model file: hostile headers are refused before anything is allocated") {
  const Folder folder;
  const std::string path = folder / "bad.safetensors";
  const auto refused = [&](const std::string& bytes, const char* why) {
    CAPTURE(why);
    write_file(path, bytes);
    CHECK_THROWS_AS(ft::SafetensorsFile{path}, ft::FormatError);
  };
  refused("", "empty");
  refused(std::string(8, '\xff'), "a header length near 2^64");
  refused(framed("[]"), "not an object");
  refused(framed(" {}"), "a header that does not start with a brace");
  refused(framed("{\"a\":1"), "not JSON");
  refused(framed("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,16],\"data_offsets\":[0,4]}}", "abcd"),
          "a shape whose product overflows");
  refused(framed("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", "abcd"),
          "more numbers than bytes");
  refused(framed("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "abcdefgh"), "a hole");
  refused(framed("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":["
                 "1],\"data_offsets\":[0,4]}}",
                 "abcd"),
          "an overlap");
  refused(framed("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":["
                 "1],\"data_offsets\":[0,4]}}",
                 "abcd"),
          "a key twice");
  refused(framed("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "abcde"),
          "bytes behind the tensors");
  refused(framed("{\"a\":{\"dtype\":\"Q7\",\"shape\":[1],\"data_offsets\":[0,4]}}", "abcd"), "an unknown dtype");
  refused(framed("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "abcd"), "a negative size");
  std::string deep = "{\"a\":";
  for (int i = 0; i < 5000; ++i) deep += "[";
  refused(framed(deep), "deep nesting");
  write_file(path, framed("{}  "));
  CHECK_NOTHROW(ft::SafetensorsFile{path});
  CHECK_THROWS_WITH_AS((void)ft::load_model<float>(path, ft::Registry<float>::builtin()),
                       doctest::Contains("foretell.format"), ft::FormatError);
  CHECK_THROWS_AS(ft::SafetensorsFile{folder / "nothing here"}, ft::FormatError);
  CHECK_THROWS_AS(ft::SafetensorsFile{folder.path.string()}, ft::FormatError);
}

TEST_CASE("Model file: wrong graphs and newer formats say what is wrong and where") {
  const Folder folder;
  const std::string path = folder / "m.safetensors";
  const auto refused = [&](const std::string& graph, const std::string& format, const char* message) {
    CAPTURE(graph);
    ft::write_safetensors<float>(path, {},
                                 {{"foretell.format", format}, {"foretell.version", "9.9"}, {"graph", graph}});
    CHECK_THROWS_WITH_AS((void)ft::load_model<float>(path, ft::Registry<float>::builtin()), doctest::Contains(message),
                         ft::Error);
  };
  const std::string input = "{\"name\":\"x\",\"type\":\"input\",\"built_shape\":[3]}";
  refused("{}", "2", "update the library");
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
