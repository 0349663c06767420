// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "support/folder.hpp"

namespace ft = foretell;
using ft::support::Folder;

namespace {

constexpr float nan_id = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();

/// What f throws, "" for nothing; fails for what is no DataError.
std::string problem_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const ft::DataError& e) {
    return e.what();
  }
  return "";
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct Case {
  const char* what;
  std::vector<ft::Layer<float>> layers;  ///< behind two ids a row
  std::vector<float> good, bad;
};

std::vector<Case> cases() {
  const ft::Dense<float> last(1);
  std::vector<Case> all;
  const std::vector<float> outside{-1, 5, 1.5f, 4.5f, nan_id, infinity, -infinity, 0x1p24f, 1e30f};
  all.push_back({"(Embedding)", {ft::Embedding<float>(5, 3), ft::Flatten<float>(), last}, {0, 4}, outside});
  all.push_back({"(EmbeddingBag)", {ft::EmbeddingBag<float>(5, 3), last}, {0, 4}, outside});
  all.push_back({"(FieldEmbedding), field 1: ",
                 {ft::FieldEmbedding<float>({9, 5}, 3, {.oov_slot = false}), ft::Flatten<float>(), last},
                 {0, 4},
                 outside});
  all.push_back({"(HashedEmbedding)",
                 {ft::HashedEmbedding<float>(50, 3), ft::Flatten<float>(), last},
                 {0, -7, 16777215, -16777215},
                 {0x1p24f, -0x1p24f, 1.5f, nan_id, infinity, 1e30f}});
  return all;
}

}  // namespace

TEST_CASE("Ids without a vector: an error that names layer, id and range, wherever they come from") {
  const Folder folder;
  for (const Case& c : cases()) {
    for (const bool behind : {false, true}) {
      std::vector<ft::Layer<float>> layers = c.layers;
      if (behind) layers.insert(layers.begin(), ft::Reshape<float>({2}));
      ft::Sequential<float> model(layers);
      model.compile(ft::SGD(), ft::MeanSquaredError());
      model.build({2}, 1);
      model.save(folder / "m.safetensors");
      const ft::Bundle<float> bundle = ft::load<float>(folder / "m.safetensors");
      ft::Predictor<float> one = bundle.predictor(), many = bundle.predictor(200, ft::Executor(2));
      const ft::Tensor<float> y = ft::zeros<float>({200, 1});
      for (const float id : c.good) {
        ft::Tensor<float> x = ft::zeros<float>({200, 2});
        x(150, 1) = id;
        CHECK_NOTHROW((void)model.predict(x));
        CHECK_NOTHROW((void)many(std::span<const float>(x.data(), x.size())));
        CHECK_NOTHROW((void)one(std::span<const float>(x.data() + 300, 2)));
        CHECK_NOTHROW(model.fit(x, y, {.verbose = 0}));
      }
      for (const float id : c.bad) {
        CAPTURE(c.what);
        CAPTURE(behind);
        CAPTURE(id);
        ft::Tensor<float> x = ft::zeros<float>({200, 2});
        x(150, 1) = id;
        const std::vector<float> before(model.network().weights().begin(), model.network().weights().end());
        const auto refused = [&](const char* how, bool row, const std::function<void()>& f) {
          const std::string problem = problem_of(f);
          CAPTURE(how);
          CAPTURE(problem);
          CHECK(has(problem, c.what));
          CHECK(has(problem, ft::text("received ", static_cast<double>(id))));
          if (row) CHECK(has(problem, " in row 150"));
          CHECK((has(problem, "from 0 to 4") || has(problem, "from -16777215 to 16777215")));
        };
        refused("predict", true, [&] { (void)model.predict(x); });
        refused("predict on threads", true, [&] { (void)model.predict(x, {.batch_size = 40, .threads = 2}); });
        refused("predictor", false, [&] { (void)one(std::span<const float>(x.data() + 300, 2)); });
        refused("predictor of many", true, [&] { (void)many(std::span<const float>(x.data(), x.size())); });
        CHECK_NOTHROW((void)one(std::span<const float>(x.data(), 2)));  // what was refused is forgotten
        CHECK_NOTHROW((void)many(std::span<const float>(x.data(), 100)));
        if (std::isfinite(id)) {
          refused("fit", !behind, [&] { model.fit(x, y, {.batch_size = 200, .shuffle = false, .verbose = 0}); });
          refused("evaluate", !behind, [&] { (void)model.evaluate(x, y); });
        }
        CHECK(std::equal(before.begin(), before.end(), model.network().weights().begin()));
      }
    }
  }
}

TEST_CASE("Ids without a vector: in a stream, in the right kind of number") {
  ft::Sequential<float> steps{ft::Embedding<float>(5, 3), ft::GRU<float>(2)};
  steps.build({4}, 1);
  ft::Stream<float> stream(steps.network());
  const float good = 4, bad = 5;
  CHECK_NOTHROW((void)stream(std::span<const float>(&good, 1)));
  const std::vector<float> state(stream.state().begin(), stream.state().end());
  CHECK(problem_of([&] { (void)stream(std::span<const float>(&bad, 1)); }) ==
        "Stream, layer 0 \"embedding\" (Embedding): expected whole numbers from 0 to 4, received 5 in row 0; give the "
        "layer a larger input_dim, or .oov_slot = true for ids it has not seen");
  CHECK_THROWS_AS((void)stream(std::span<const float>(&good, 1)), ft::StateError);
  CHECK_THROWS_WITH_AS((void)stream.state(),
                       "Stream: expected reset or set_state after a step that was refused, received a call of state",
                       ft::StateError);
  stream.set_state(state);
  CHECK_NOTHROW((void)stream(std::span<const float>(&good, 1)));

  ft::Sequential<double> wide{ft::HashedEmbedding<double>(1000003, 4), ft::Flatten<double>()};
  wide.build({1}, 1);
  ft::Tensor<double> ids = ft::zeros<double>({2, 1});
  ids(0, 0) = 100000001;
  ids(1, 0) = 100000002;
  const ft::Tensor<double> vectors = wide.predict(ids);
  CHECK(vectors(0, 0) != vectors(1, 0));
  ft::Sequential<float> large{ft::Embedding<float>((1 << 24) + 1, 1)};
  CHECK_THROWS_WITH_AS(large.build({1}, 1), doctest::Contains("have to be given as integers of 64 bits"),
                       ft::ConfigError);
}

TEST_CASE("Ids beyond the table: with a slot of their own they have its vector, and missing ones too") {
  ft::Sequential<float> model{ft::Embedding<float>(3, 2, {.oov_slot = true}), ft::Flatten<float>()};
  model.build({1}, 1);
  ft::Predictor<float> predictor = [&] {
    const Folder folder;
    model.save(folder / "m.safetensors");
    return ft::load<float>(folder / "m.safetensors").predictor();
  }();
  const float* table = model.network().weights().data();
  for (const float id : {0.f, 1.f, 2.f, 3.f, -1.f, 1e30f, infinity, nan_id}) {
    CAPTURE(id);
    const std::size_t row = id == 0 ? 0 : id == 1 ? 1 : id == 2 ? 2 : 3;
    CHECK(predictor(std::span<const float>(&id, 1))[1] == table[2 * row + 1]);
  }
  const float half = 0.5;
  CHECK(has(problem_of([&] { (void)predictor(std::span<const float>(&half, 1)); }), "received 0.5"));
}
