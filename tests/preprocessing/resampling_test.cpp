// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <foretell/preprocessing/augmentation.hpp>
#include <foretell/preprocessing/resampling.hpp>
#include <foretell/xt/tensor.hpp>
#include <map>
#include <set>
#include <vector>

using namespace foretell;

namespace {

const std::vector<double> labels{0, 1, 0, 0, 2, 0, 0, 1, 0, 0};  // 7, 2, 1

std::map<double, std::size_t> counts(const std::vector<std::size_t>& rows) {
  std::map<double, std::size_t> out;
  for (const std::size_t row : rows) ++out[labels.at(row)];
  return out;
}

}  // namespace

TEST_CASE("compute_class_weight: as scikit-learn's balanced weights") {
  const auto weights = compute_class_weight(labels);
  REQUIRE(weights.size() == 3);
  CHECK(weights[0].second == doctest::Approx(10.0 / 21));
  CHECK(weights[1].second == doctest::Approx(10.0 / 6));
  CHECK(weights[2] == std::pair<double, double>(2, 10.0 / 3));
  CHECK_THROWS_AS(compute_class_weight(std::vector<double>{}), DataError);
  CHECK_THROWS_AS(compute_class_weight(std::vector<double>{0, std::nan("")}), DataError);
}

TEST_CASE("over_sample, under_sample: counts, rows of their class, the same seed the same rows") {
  const auto more = over_sample(labels, {.seed = 3});
  CHECK(counts(more) == std::map<double, std::size_t>{{0, 7}, {1, 7}, {2, 7}});
  for (std::size_t row = 0; row < 10; ++row) CHECK(more[row] == row);
  CHECK(more == over_sample(labels, {.seed = 3}));
  CHECK(more != over_sample(labels, {.seed = 4}));
  CHECK(counts(over_sample(labels, {.ratio = 0.5})) == std::map<double, std::size_t>{{0, 7}, {1, 4}, {2, 4}});
  const auto fewer = under_sample(labels, {.seed = 1});
  CHECK(counts(fewer) == std::map<double, std::size_t>{{0, 1}, {1, 1}, {2, 1}});
  CHECK(counts(under_sample(labels, {.ratio = 0.25})) == std::map<double, std::size_t>{{0, 4}, {1, 2}, {2, 1}});
  CHECK(std::is_sorted(fewer.begin(), fewer.end()));
  const auto some = under_sample(labels, {.ratio = 0.25});
  CHECK(std::set<std::size_t>(some.begin(), some.end()).size() == some.size());
  CHECK_THROWS_AS(over_sample(labels, {.ratio = 0}), ConfigError);
  CHECK_THROWS_AS(under_sample(labels, {.ratio = 2}), ConfigError);
  CHECK_THROWS_WITH_AS(over_sample(std::vector<double>{1, 1}),
                       "over_sample: expected labels of two classes or more, received one class, 1, which has nothing "
                       "to be balanced with",
                       DataError);
  CHECK_THROWS_AS(under_sample(std::vector<double>{1, 1}), DataError);
  CHECK_THROWS_AS(smote<double>(zeros<double>({2, 1}), std::vector<double>{1, 1}), DataError);
  auto holes = zeros<double>({3, 1});
  holes(1, 0) = std::nan("");
  CHECK_THROWS_AS(smote<double>(holes, std::vector<double>{1, 1, 0}), DataError);
}

TEST_CASE("smote: rows between neighbours of one class") {
  // Two clusters of the rare class, far apart: neighbours are within one.
  std::vector<double> y;
  auto x = zeros<double>({40, 2});
  const Random random(2);
  for (std::size_t r = 0; r < 40; ++r) {
    const bool rare = r >= 30;
    y.push_back(rare);
    x(r, 0) = random.normal(2 * r) * 0.1 + (rare ? (r % 2 ? 100 : -100) : 0);
    x(r, 1) = random.normal(2 * r + 1) * 0.1;
  }
  const auto [more, answers] = smote<double>(x, y, {.k_neighbors = 4, .seed = 5});
  REQUIRE(more.shape()[0] == 60);
  REQUIRE(answers.size() == 60);
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(more.data()[i] == x.data()[i]);
  std::size_t left = 0;
  for (std::size_t r = 40; r < 60; ++r) {
    CHECK(answers(r) == 1);
    CHECK(std::abs(std::abs(more(r, 0)) - 100) < 1);
    left += more(r, 0) < 0;
    bool new_row = true;
    for (std::size_t o = 0; o < 40; ++o) new_row &= more(r, 0) != x(o, 0);
    CHECK(new_row);
  }
  CHECK(left > 3);
  CHECK(left < 17);
  CHECK_THROWS_WITH_AS((smote<double>(x,
                                      [] {
                                        std::vector<double> one(40);
                                        one[3] = 1;
                                        return one;
                                      }())),
                       doctest::Contains("use over_sample"), DataError);
  CHECK_THROWS_AS((smote<double>(x, std::vector<double>(39))), ShapeError);
  CHECK_THROWS_AS((smote<double>(x, y, {.k_neighbors = 0})), ConfigError);
  CHECK((smote<float>(x, y, {.ratio = 0.2}).second.size()) == 40);
}

TEST_CASE("mixup: rows and labels mixed alike; the shares have the mean and spread of Beta") {
  constexpr std::size_t n = 20000;
  auto x = zeros<double>({n, 1});
  std::vector<double> y(n);
  for (std::size_t r = 0; r < n; ++r) x(r, 0) = y[r] = static_cast<double>(r % 2);
  for (const double alpha : {1e-300, 1e-3, 0.4, 2.0}) {
    CAPTURE(alpha);
    const auto [mixed, answers] = mixup<double>(x, y, alpha, 1);
    double mean = 0, square = 0, pairs = 0;
    const std::vector<std::size_t> partner = Random(1).stream("mixup").permutation(n);
    for (std::size_t r = 0; r < n; ++r) {
      REQUIRE(mixed.data()[r] == answers.data()[r]);
      if (partner[r] % 2 == r % 2) continue;
      const double l = r % 2 ? mixed.data()[r] : 1 - mixed.data()[r];
      mean += l, square += (l - 0.5) * (l - 0.5), ++pairs;
    }
    CHECK(mean / pairs == doctest::Approx(0.5).epsilon(0.02));
    CHECK(square / pairs == doctest::Approx(1 / (4 * (2 * alpha + 1))).epsilon(0.04));
  }
  CHECK_THROWS_AS((mixup<double>(x, y, 0)), ConfigError);
  CHECK_THROWS_AS((mixup<double>(x, std::vector<double>(3))), ShapeError);
}

TEST_CASE("mask_items, crop_items, reorder_items") {
  std::vector<int> items(1000);
  for (int i = 0; i < 1000; ++i) items[static_cast<std::size_t>(i)] = i + 1;
  const Random random(9);
  const auto masked = mask_items(items, 0.3, 0, random);
  const auto zero = std::count(masked.begin(), masked.end(), 0);
  CHECK(zero > 250);
  CHECK(zero < 350);
  const auto cropped = crop_items(items, 0.2, random);
  CHECK(cropped.size() == 200);
  CHECK(std::is_sorted(cropped.begin(), cropped.end()));
  CHECK(cropped.back() - cropped.front() == 199);
  auto reordered = reorder_items(items, 0.2, random);
  CHECK(reordered != items);
  std::size_t moved = 0;
  for (std::size_t i = 0; i < 1000; ++i) moved += reordered[i] != items[i];
  CHECK(moved <= 200);
  std::sort(reordered.begin(), reordered.end());
  CHECK(reordered == items);
  CHECK(crop_items(std::vector<int>(100), 0.29, random).size() == 29);  // though 0.29 * 100 is less than 29
  CHECK(crop_items(std::vector<int>{}, 0.5, random).empty());
  CHECK(crop_items(std::vector<int>{7}, 0.0, random).size() == 1);
  CHECK_THROWS_AS(mask_items(items, 1.5, 0, random), ConfigError);
}
