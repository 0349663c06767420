// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>

#include <foretell/kernels/ref/gemm.hpp>
#include <foretell/kernels/ref/top_k.hpp>
#include <foretell/kernels/top_k.hpp>

#include "levels.hpp"
#include "support/clang_asan.hpp"

using namespace kernel_tests;
using foretell::Executor;
using foretell::IdLists;
using foretell::ItemTable;

namespace {

template <class T>
constexpr T minus_infinity = -std::numeric_limits<T>::infinity();

/// Queries, items, and what each query leaves out and looks for.
template <class T>
struct Problem {
  std::size_t rows, items, width;
  std::vector<T> queries, vectors, bias;
  std::vector<std::uint8_t> allowed;
  std::vector<std::size_t> out_offsets{0}, target_offsets{0};
  std::vector<std::uint32_t> out_ids, target_ids;

  /// Whole numbers, which make many equal scores and the same in any order of summation, or any.
  Problem(std::size_t r, std::size_t n, std::size_t w, Numbers& numbers, bool whole = true)
      : rows(r), items(n), width(w) {
    queries = numbers.vector<T>(rows * width);
    vectors = numbers.vector<T>(items * width);
    bias = numbers.vector<T>(items);
    if (whole)
      for (auto* values : {&queries, &vectors, &bias})
        for (T& x : *values) x = std::round(x);
    for (std::size_t i = 0; i < items; ++i) allowed.push_back(numbers.below(10) > 0);
    for (std::size_t q = 0; q < rows; ++q) {
      const std::size_t share = numbers.below(3) ? numbers.below(20) : 1;  // of some queries all
      for (std::uint32_t i = 0; i < items; ++i)
        if (share && numbers.below(share) == 0) out_ids.push_back(i);
      out_offsets.push_back(out_ids.size());
      for (std::size_t t = items ? numbers.below(4) : 0; t > 0; --t) {
        const auto id = static_cast<std::uint32_t>(numbers.below(items));
        const auto own = target_ids.begin() + static_cast<std::ptrdiff_t>(target_offsets.back());
        if (std::find(own, target_ids.end(), id) == target_ids.end()) target_ids.push_back(id);
      }
      target_offsets.push_back(target_ids.size());
    }
  }

  ItemTable<T> table(bool with_bias, bool with_allowed) const {
    ItemTable<T> out{vectors, width};
    if (with_bias) out.bias = bias;
    if (with_allowed) out.allowed = allowed;
    return out;
  }
  IdLists leave_out() const { return {out_offsets, out_ids}; }
  IdLists targets() const { return {target_offsets, target_ids}; }

  std::vector<T> scores(std::size_t q, const ItemTable<T>& of, const IdLists& out) const {
    std::vector<T> s(items);
    kernels::ref::gemm(1, items, width, queries.data() + q * width, width, 1, vectors.data(), 1, width, s.data(), items,
                       false, of.bias.empty() ? nullptr : of.bias.data());
    for (std::size_t i = 0; i < items; ++i)
      if (!of.allowed.empty() && !of.allowed[i]) s[i] = minus_infinity<T>;
    for (const std::uint32_t id : out[q]) s[id] = minus_infinity<T>;
    return s;
  }
};

template <class T>
struct Answers {
  std::vector<std::uint32_t> ids, nans;
  std::vector<T> scores;

  Answers(const ItemTable<T>& table, const T* queries, std::size_t rows, std::size_t k, const IdLists& out = {},
          const Executor& executor = {})
      : ids(rows * k), nans(rows), scores(rows * k) {
    kernels::top_k(table, queries, rows, k, out, ids.data(), scores.data(), nans.data(), executor);
  }
  bool operator==(const Answers& other) const {
    return ids == other.ids && nans == other.nans && same_bits(scores, other.scores);
  }
};

template <class T>
struct Places {
  std::vector<T> scores;
  std::vector<std::size_t> ahead;
  std::vector<std::uint8_t> broken;

  Places(const ItemTable<T>& table, const T* queries, std::size_t rows, const IdLists& targets, const IdLists& out = {},
         const Executor& executor = {})
      : scores(targets.ids.size()), ahead(targets.ids.size()), broken(rows) {
    kernels::count_ahead(table, queries, rows, targets, out, scores.data(), ahead.data(), broken.data(), executor);
  }
  bool operator==(const Places& other) const {
    return ahead == other.ahead && broken == other.broken && same_bits(scores, other.scores);
  }
};

template <class T>
void check_against_naive() {
  at_every_level([](Isa) {
    Numbers numbers(1);
    for (const std::size_t rows : {0u, 1u, 2u, 5u, 300u, 1100u})
      for (const std::size_t items : {0u, 1u, 2u, 17u, 511u, 513u, 1200u})
        for (const std::size_t width : {1u, 3u, 8u, 17u, 37u}) {
          if (rows * items * width > 2000000) continue;
          const Problem<T> p(rows, items, width, numbers);
          const bool all = numbers.below(3) == 0;
          const ItemTable<T> table = p.table(numbers.below(2), numbers.below(2));
          const IdLists out = all ? IdLists{} : p.leave_out();
          const std::size_t k = std::vector<std::size_t>{0, 1, 3, 10, 100, 2000}[numbers.below(6)];
          const Answers<T> got(table, p.queries.data(), rows, k, out);
          const Places<T> places(table, p.queries.data(), rows, p.targets(), out);
          bool same = true;
          for (std::size_t q = 0; q < rows; ++q) {
            const std::vector<T> s = p.scores(q, table, out);
            const std::vector<std::uint32_t> want = kernels::ref::top_k(items, s.data(), k);
            for (std::size_t r = 0; r < k; ++r) {
              const bool there = r < want.size();
              same = same && got.ids[q * k + r] == (there ? want[r] : foretell::no_item) &&
                     got.scores[q * k + r] == (there ? s[want[r]] : minus_infinity<T>);
            }
            const auto wanted = p.targets()[q];
            const std::vector<std::uint32_t> targets(wanted.begin(), wanted.end());
            for (std::size_t t = 0; t < targets.size(); ++t) {
              const std::size_t at = p.target_offsets[q] + t;
              const bool is_out = s[targets[t]] == minus_infinity<T>;
              same = same && places.scores[at] == s[targets[t]] &&
                     places.ahead[at] == (is_out ? 0 : kernels::ref::ahead_of(items, s.data(), targets, targets[t]));
            }
          }
          if (!same) {
            CAPTURE(rows);
            CAPTURE(items);
            CAPTURE(width);
            CAPTURE(k);
            CHECK(same);
          }
        }
  });
}

template <class T>
void check_alone_and_shared() {
  at_every_level([](Isa) {
    Numbers numbers(2);
    const Executor three(3, [](std::size_t n, const foretell::Task& task) {
      for (std::size_t i = n; i > 0; --i) task(i - 1);
    });
    for (const std::size_t rows : {1u, 4u, 300u})
      for (const std::size_t items : {100u, 1025u, 2500u}) {
        const Problem<T> p(rows, items, 19, numbers, false);
        const std::size_t k = 20;
        const ItemTable<T> table = p.table(items != 1025, true);
        const Answers<T> whole(table, p.queries.data(), rows, k, p.leave_out());
        const Places<T> places(table, p.queries.data(), rows, p.targets(), p.leave_out());
        CHECK(whole == Answers<T>(table, p.queries.data(), rows, k, p.leave_out(), three));
        CHECK(places == Places<T>(table, p.queries.data(), rows, p.targets(), p.leave_out(), three));
        bool same = true;
        for (std::size_t q = 0; q < rows; ++q) {
          const std::size_t offsets[] = {0, p.leave_out()[q].size()};
          const Answers<T> one(table, p.queries.data() + q * p.width, 1, k, {offsets, p.leave_out()[q]});
          for (std::size_t r = 0; r < k; ++r)
            same = same && one.ids[r] == whole.ids[q * k + r] && one.scores[r] == whole.scores[q * k + r];
        }
        CHECK(same);
      }
  });
}

/// Items that stand twice: the score of a target is to the bit that of its twin, wherever that is.
template <class T>
void check_twins() {
  at_every_level([](Isa) {
    Numbers numbers(4);
    for (const std::size_t rows : {1u, 2u, 7u, 40u})
      for (const std::size_t width : {1u, 5u, 31u, 64u, 300u}) {
        const std::size_t items = width == 5 ? 1025 : 1026;
        Problem<T> p(rows, items, width, numbers, false);
        for (std::size_t i = 0; i < items / 2; ++i) {
          std::copy_n(p.vectors.begin() + static_cast<std::ptrdiff_t>(i * width), width,
                      p.vectors.begin() + static_cast<std::ptrdiff_t>((items - 1 - i) * width));
          p.bias[items - 1 - i] = p.bias[i];
        }
        const ItemTable<T> table = p.table(numbers.below(2), false);
        const Answers<T> all(table, p.queries.data(), rows, p.items);
        const Places<T> places(table, p.queries.data(), rows, p.targets());
        std::vector<T> scores(items);
        bool same = true;
        for (std::size_t q = 0; q < rows; ++q) {
          for (std::size_t r = 0; r < p.items; ++r) scores[all.ids[q * p.items + r]] = all.scores[q * p.items + r];
          for (std::size_t i = 0; i < items; ++i) same = same && scores[i] == scores[items - 1 - i];
          const std::vector<std::uint32_t> targets(p.targets()[q].begin(), p.targets()[q].end());
          for (std::size_t t = 0; t < targets.size(); ++t)
            same = same && places.scores[p.target_offsets[q] + t] == scores[targets[t]] &&
                   places.ahead[p.target_offsets[q] + t] ==
                       kernels::ref::ahead_of(p.items, scores.data(), targets, targets[t]);
        }
        CHECK(same);
      }
  });
}

}  // namespace

TEST_CASE("top_k: the passes over scores agree with the naive ones") {
  at_every_level([](Isa) {
    Numbers numbers(3);
    const auto check = [&]<class T>(T) {
      for (const std::size_t n : odd_sizes) {
        std::vector<T> x = numbers.vector<T>(n, 0, 1);
        for (const T least : {T(-1), T(0.5), T(0.9), T(2), minus_infinity<T>}) {
          CHECK(kernels::first_above(n, x.data(), least) == kernels::ref::first_above(n, x.data(), least));
          CHECK(kernels::count_from(n, x.data(), least) == kernels::ref::count_from(n, x.data(), least));
        }
        for (std::size_t i = 0; i < n; ++i) {
          const T before = x[i];
          x[i] = std::numeric_limits<T>::quiet_NaN();
          CHECK(kernels::first_above(n, x.data(), T(1)) == i);
          x[i] = before;
        }
      }
    };
    check(float());
    check(double());
  });
}

TEST_CASE("top_k: answers, equal scores and what is left out agree with sorting all scores") {
  check_against_naive<float>();
  check_against_naive<double>();
}

TEST_CASE("top_k: a target has the score of its twin" * doctest::skip(FORETELL_CLANG_ASAN)) {
  check_twins<float>();
  check_twins<double>();
}

TEST_CASE("top_k: a query has the same answers alone, in a batch and on any threads" *
          doctest::skip(FORETELL_CLANG_ASAN)) {
  check_alone_and_shared<float>();
  check_alone_and_shared<double>();
}

TEST_CASE("top_k: NaN is counted and no answer, infinity is the best one") {
  at_every_level([](Isa) {
    const std::vector<float> queries{1, NAN};
    std::vector<float> vectors(1000, 1.0f);
    vectors[3] = vectors[700] = NAN;
    vectors[999] = INFINITY;
    vectors[5] = -INFINITY;
    const ItemTable<float> table{vectors, 1};
    const Answers<float> got(table, queries.data(), 2, 2);
    CHECK(got.ids == std::vector<std::uint32_t>{999, 0, foretell::no_item, foretell::no_item});
    CHECK(got.nans == std::vector<std::uint32_t>{2, 1000});
    const std::vector<std::size_t> offsets{0, 2, 2};
    const std::vector<std::uint32_t> ids{3, 700};
    CHECK(Answers<float>(table, queries.data(), 2, 2, {offsets, ids}).nans == std::vector<std::uint32_t>{0, 1000});

    const std::vector<std::size_t> target_offsets{0, 3, 3};
    const std::vector<std::uint32_t> targets{999, 5, 700};
    const Places<float> places(table, queries.data(), 2, {target_offsets, targets});
    CHECK(places.broken == std::vector<std::uint8_t>{1, 1});
    const Places<float> without(table, queries.data(), 2, {target_offsets, targets}, {offsets, ids});
    CHECK(without.broken == std::vector<std::uint8_t>{0, 1});
    CHECK(without.ahead == std::vector<std::size_t>{0, 0, 0});
  });
}
