// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/model_selection/splitters.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "support/golden.hpp"

using namespace foretell;
using Rows = std::vector<std::size_t>;

namespace {

/// Every row is tested once and trained on in all other folds, both ascending.
void check_partition(const std::vector<IndexSplit>& folds, std::size_t rows) {
  std::vector<std::size_t> tested(rows);
  for (const IndexSplit& fold : folds) {
    CHECK(fold.train.size() + fold.test.size() == rows);
    CHECK(std::is_sorted(fold.train.begin(), fold.train.end()));
    CHECK(std::is_sorted(fold.test.begin(), fold.test.end()));
    Rows all = fold.train;
    all.insert(all.end(), fold.test.begin(), fold.test.end());
    std::sort(all.begin(), all.end());
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
    for (const std::size_t row : fold.test) ++tested[row];
  }
  CHECK(std::all_of(tested.begin(), tested.end(), [](std::size_t n) { return n == 1; }));
}

std::vector<std::map<int, int>> counts(const std::vector<IndexSplit>& folds, const std::vector<int>& labels) {
  std::vector<std::map<int, int>> all;
  for (const IndexSplit& fold : folds) {
    all.emplace_back();
    for (const std::size_t row : fold.test) ++all.back()[labels[row]];
  }
  return all;
}

}  // namespace

TEST_CASE("KFold: without shuffling the folds are runs of rows, the first ones larger") {
  const auto folds = KFold({.n_splits = 3, .shuffle = false}).split(8);
  REQUIRE(folds.size() == 3);
  CHECK(folds[0].test == Rows{0, 1, 2});
  CHECK(folds[1].test == Rows{3, 4, 5});
  CHECK(folds[2].test == Rows{6, 7});
  CHECK(folds[1].train == Rows{0, 1, 2, 6, 7});
}

TEST_CASE("KFold: any size is cut into a partition") {
  for (const std::size_t rows : {2u, 3u, 5u, 17u, 100u})
    for (std::size_t n = 2; n <= std::min<std::size_t>(rows, 7); ++n)
      for (const bool shuffle : {false, true}) {
        const auto folds = KFold({.n_splits = n, .shuffle = shuffle, .seed = 3}).split(rows);
        REQUIRE(folds.size() == n);
        check_partition(folds, rows);
        for (std::size_t f = 0; f < n; ++f) CHECK(folds[f].test.size() == rows / n + (f < rows % n ? 1 : 0));
      }
}

TEST_CASE("KFold: the seed decides, labels only say how many rows there are") {
  const auto test = [](std::uint64_t seed) { return KFold({.seed = seed}).split(50)[0].test; };
  CHECK(test(1) == test(1));
  CHECK(test(1) != test(2));
  CHECK(test(1) != Rows{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(KFold({.seed = 1}).split(std::vector<float>(50))[0].test == test(1));
}

TEST_CASE("KFold: options and rows that do not fit are refused") {
  CHECK_THROWS_AS(KFold({.n_splits = 1}).split(10), ConfigError);
  CHECK_THROWS_AS(KFold({.n_splits = 0}).split(10), ConfigError);
  CHECK_THROWS_AS(KFold({.n_splits = 5}).split(4), DataError);
  CHECK_THROWS_AS(KFold().split(0), DataError);
}

TEST_CASE("StratifiedKFold: without shuffling each class is dealt in runs, whatever the labels are called") {
  const std::vector<int> labels{1, 0, 0, 1, 0, 0, 1, 0, 0, 0};
  const auto folds = StratifiedKFold({.n_splits = 3, .shuffle = false}).split(labels);
  REQUIRE(folds.size() == 3);
  CHECK(folds[0].test == Rows{0, 1, 2, 4});  // places 0 to 2 are the class 1: fold 0 tests places 0, 3, 6, 9
  CHECK(folds[1].test == Rows{3, 5, 7});
  CHECK(folds[2].test == Rows{6, 8, 9});
  const std::vector<double> renamed{-7.5, 3, 3, -7.5, 3, 3, -7.5, 3, 3, 3};
  const auto same = StratifiedKFold({.n_splits = 3, .shuffle = false}).split(renamed);
  for (std::size_t f = 0; f < 3; ++f) CHECK(same[f].test == folds[f].test);
}

TEST_CASE("StratifiedKFold: shuffled folds keep the counts, the seed decides the rows") {
  std::vector<int> labels;
  for (int i = 0; i < 101; ++i) labels.push_back(i % 7 == 0 ? 2 : i % 3 == 0 ? 5 : -1);
  const auto straight = StratifiedKFold({.n_splits = 5, .shuffle = false}).split(labels);
  const auto folds = StratifiedKFold({.n_splits = 5, .seed = 42}).split(labels);
  check_partition(straight, labels.size());
  check_partition(folds, labels.size());
  CHECK(counts(folds, labels) == counts(straight, labels));
  for (const auto& fold : counts(folds, labels))
    for (const auto& [label, count] : fold)
      CHECK(std::abs(count - static_cast<int>(std::count(labels.begin(), labels.end(), label)) / 5) <= 1);
  CHECK(folds[0].test != straight[0].test);
  CHECK(folds[0].test == StratifiedKFold({.n_splits = 5, .seed = 42}).split(labels)[0].test);
  CHECK(folds[0].test != StratifiedKFold({.n_splits = 5, .seed = 43}).split(labels)[0].test);
}

TEST_CASE("KFold, StratifiedKFold: scikit-learn's folds without shuffling, its counts with it") {
  const golden::File file("preprocessing");
  const auto fold_of = [](const std::vector<IndexSplit>& folds, std::size_t rows) {
    std::vector<double> all(rows);
    for (std::size_t f = 0; f < folds.size(); ++f)
      for (const std::size_t row : folds[f].test) all[row] = static_cast<double>(f);
    return all;
  };
  for (const golden::Case& c : file.group("KFold")) {
    CAPTURE(c.name());
    const auto rows = c.option<std::size_t>("rows");
    CHECK(fold_of(KFold({.n_splits = c.option<std::size_t>("n_splits"), .shuffle = false}).split(rows), rows) ==
          c.tensor("fold_of").data);
  }
  for (const golden::Case& c : file.group("StratifiedKFold")) {
    CAPTURE(c.name());
    const std::vector<double> labels = c.tensor("labels").data;
    const auto n_splits = c.option<std::size_t>("n_splits");
    CHECK(fold_of(StratifiedKFold({.n_splits = n_splits, .shuffle = false}).split(labels), labels.size()) ==
          c.tensor("fold_of").data);
    std::vector<double> classes = labels, found;
    std::sort(classes.begin(), classes.end());
    classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
    for (const IndexSplit& fold : StratifiedKFold({.n_splits = n_splits, .seed = 9}).split(labels))
      for (const double label : classes)
        found.push_back(static_cast<double>(
            std::count_if(fold.test.begin(), fold.test.end(), [&](std::size_t row) { return labels[row] == label; })));
    CHECK(found == c.tensor("counts").data);
  }
}

TEST_CASE("StratifiedKFold: labels and options that do not fit are refused") {
  CHECK_THROWS_AS(StratifiedKFold({.n_splits = 1}).split(std::vector<int>{0, 1}), ConfigError);
  CHECK_THROWS_AS(StratifiedKFold({.n_splits = 3}).split(std::vector<int>{0, 0, 0, 0, 1, 1}), DataError);
  CHECK_THROWS_AS(StratifiedKFold().split(std::vector<int>{0, 1}), DataError);
  CHECK_THROWS_AS(StratifiedKFold({.n_splits = 2}).split(std::vector<double>{0, 0, std::nan(""), 1, 1}), DataError);
  CHECK_THROWS_AS(StratifiedKFold({.n_splits = 2}).split(Array<double>({0, 1, 1, 0, 0, 1, 1, 0}, {4, 2})), ShapeError);
}
