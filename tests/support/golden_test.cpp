// SPDX-License-Identifier: BSD-3-Clause
#include "support/golden.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace foretell;

TEST_CASE("golden: close compares each element and names the worst") {
  const std::vector<double> expected = {1, -2, 0, 1e10};
  CHECK(golden::close(expected, expected, 0));
  CHECK(golden::close(std::vector<double>{1 + 1e-11, -2, 0, 1e10}, expected, 1e-10));
  CHECK_FALSE(golden::close(std::vector<double>{1, -2, 1e-300, 1e10}, expected, 1e-10));
  CHECK(golden::close(std::vector<double>{1, -2, 1e-16, 1e10}, expected, 1e-10, 1e-15));
  const golden::Match match = golden::close(std::vector<double>{1.001, -2.5, 0, 1e10}, expected, 1e-10);
  CHECK_FALSE(match);
  CHECK(match.message ==
        "2 of 4 values differ, the worst at 1: -2.5, expected -2, off by 0.5 (0.25 of it), allowed 2e-10");
  CHECK(golden::close(std::vector<double>{1, 2}, expected, 1).message == "expected 4 values, received 2");
  CHECK(golden::close(1.5f, 1.5, 0));
}

TEST_CASE("golden: close takes NaN for NaN and an infinity for itself only") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  CHECK(golden::close(std::vector<double>{nan, inf, -inf}, std::vector<double>{nan, inf, -inf}, 1e-10));
  CHECK_FALSE(golden::close(nan, 1.0, 1e-10, 1));
  CHECK_FALSE(golden::close(1.0, nan, 1e-10, 1));
  CHECK_FALSE(golden::close(inf, -inf, 1e-10, 1));
  CHECK_FALSE(golden::close(1e300, inf, 1e-10, 1));
}

TEST_CASE("golden: the files read back, and a name that is not there throws") {
  const golden::File file("activations");
  const golden::Case& tanh = file["tanh"];
  const golden::Tensor x = tanh.tensor("x"), y = tanh.tensor("y");
  REQUIRE(x.shape.size() == 2);
  REQUIRE(x.size() == y.size());
  std::vector<double> again;
  for (const double value : x.data) again.push_back(std::tanh(value));
  CHECK(golden::close(again, y, golden::rtol<double>));
  CHECK(golden::close(x.as<float>(), x, 0));  // inputs are exact in float
  CHECK(tanh.option<std::string>("activation") == "tanh");
  CHECK(tanh.option<double>("alpha", 0.5) == 0.5);
  CHECK(file.group("kinks").size() >= 5);
  CHECK_THROWS_AS((void)file["no such case"], std::runtime_error);
  CHECK_THROWS_AS((void)tanh.tensor("no such tensor"), std::runtime_error);
  CHECK_THROWS_AS((void)golden::File("no such family"), std::runtime_error);
}

TEST_CASE("golden: every tensor, table and list of every file can be read") {
  std::size_t tensors = 0, tables = 0, lists = 0;
  for (const char* family :
       {"activations", "layers", "losses", "optimizers", "trajectory", "metrics", "preprocessing", "initializers"}) {
    const golden::File file(family);
    CHECK(file.json().at("family") == family);
    CHECK(file.json().at("versions").contains("numpy"));
    for (const golden::Case& c : file.cases()) {
      for (const std::string& name : c.names("tensors")) tensors += c.tensor(name).size() > 0;
      for (const std::string& name : c.names("tables")) tables += !c.table(name).empty();
      for (const std::string& name : c.names("strings")) lists += !c.strings(name).empty();
      for (const std::string& name : c.names("scalars")) (void)c.scalar(name);
    }
  }
  CHECK(tensors > 1000);
  CHECK(tables > 100);
  CHECK(lists > 20);

  const golden::File preprocessing("preprocessing");
  const std::vector<golden::Column> x = preprocessing["one_hot_missing"].table("x");
  REQUIRE(x.size() == 2);
  CHECK(x[0].name == "browser");
  CHECK_FALSE(x[0].is_number);
  CHECK(x[0].strings[0] == "firefox");
  CHECK(x[0].strings[2] == std::nullopt);
  CHECK(x[1].is_number);
  CHECK(x[1].numbers[0] == 3);
  CHECK(x[1].numbers[1] == std::nullopt);
  CHECK(std::isnan(preprocessing["simple_imputer_mean"].tensor("x").data[1]));
}
