// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/metrics/scores.hpp>

#include <cmath>
#include <string>

using namespace foretell;

TEST_CASE("Scores: one value or the mean over folds, in the order of the names") {
  Scores scores;
  scores.set("loss", 0.5);
  scores.add("auc", 0.9);
  scores.add("auc", 0.8);
  scores.add("auc", 0.7);
  scores.set("loss", 0.25);
  CHECK(scores["loss"] == 0.25);
  CHECK(scores["auc"] == doctest::Approx(0.8));
  CHECK(scores.stddev("auc") == doctest::Approx(std::sqrt(0.02 / 3)));
  CHECK(scores.stddev("loss") == 0);
  CHECK(scores.values("auc").size() == 3);
  CHECK(scores.size() == 2);
  CHECK(scores.contains("loss"));
  CHECK_FALSE(scores.contains("lost"));
  std::string order;
  for (const auto& [name, values] : scores) order += name + std::to_string(values.size()) + " ";
  CHECK(order == "loss1 auc3 ");
  CHECK(scores.to_string() == "loss  0.2500\nauc   0.8000 +- 0.0816 (3 values)\n");
}

TEST_CASE("Scores: an unknown name is refused with the names there are") {
  Scores scores;
  scores.set("loss", 1);
  scores.set("val_auc", 1);
  try {
    (void)scores["auc"];
    FAIL("no error");
  } catch (const ConfigError& error) {
    CHECK(std::string(error.what()) == "Scores: there is no \"auc\"; the names are \"loss\", \"val_auc\".");
  }
  CHECK_THROWS_AS((void)Scores().values("loss"), ConfigError);
}
