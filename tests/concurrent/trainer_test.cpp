// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <array>
#include <barrier>
#include <cmath>
#include <memory>
#include <thread>

namespace ft = foretell;

namespace {

/// Two threads in the place of two processes.
struct Meeting {
  std::barrier<> all{2};
  std::array<const void*, 2> shown{};
};

class Sum final : public ft::Reducer<double> {
 public:
  Sum(std::shared_ptr<Meeting> meeting, std::size_t rank) : meeting_(std::move(meeting)), rank_(rank) {}

  void sum_numbers(std::span<double> numbers) override { sum(numbers); }
  void sum_gradients(std::span<double> gradients) override { sum(gradients); }
  void sum_rows(ft::RowGradients<double>& rows) override {
    exchange(rows, [](const ft::RowGradients<double>& first, const ft::RowGradients<double>& second) {
      ft::RowGradients<double> both = first;
      both.add(second);
      return both;
    });
  }

 private:
  void sum(std::span<double> numbers) {
    std::vector<double> mine(numbers.begin(), numbers.end());
    exchange(mine, [](std::vector<double> first, const std::vector<double>& second) {
      for (std::size_t i = 0; i < first.size(); ++i) first[i] += second[i];
      return first;
    });
    std::copy(mine.begin(), mine.end(), numbers.begin());
  }
  /// `mine` becomes f(of rank 0, of rank 1).
  template <class V, class F>
  void exchange(V& mine, const F& f) {
    meeting_->shown[rank_] = &mine;
    meeting_->all.arrive_and_wait();
    V both = f(*static_cast<const V*>(meeting_->shown[0]), *static_cast<const V*>(meeting_->shown[1]));
    meeting_->all.arrive_and_wait();
    mine = std::move(both);
  }

  std::shared_ptr<Meeting> meeting_;
  std::size_t rank_;
};

/// Ids with padding, a mask up to the output, a regularizer, a loss that weighs itself.
ft::Model<double> model() {
  ft::Graph<double> graph;
  const auto ids = graph.input("ids", {6});
  const auto steps =
      graph.add(ft::LSTM(4, {.return_sequences = true}), graph.add(ft::Embedding(20, 3, {.mask_zero = true}), ids));
  graph.output("each", graph.add(ft::Dense(1, {.kernel_regularizer = ft::L2(0.1)}), steps));
  graph.output("last", graph.add(ft::Dense(2), graph.add(ft::GlobalAveragePooling1D(), steps)));
  ft::Model<double> made(graph);
  made.compile(ft::Adam({.learning_rate = 1e-2, .global_clip_norm = 1.0}),
               {{"each", ft::MeanSquaredError(), {.learn_weight = true}}, {"last", ft::Huber()}});
  made.build({{6}}, 4);
  return made;
}

struct Rows {
  explicit Rows(std::size_t n)
      : ids(ft::zeros<double>({n, 6})),
        each(ft::random_normal<double>({n, 6, 1}, 2)),
        last(ft::random_normal<double>({n, 2}, 3)) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t t = 0; t <= i % 6; ++t) ids(i, t) = static_cast<double>(1 + (5 * i + 3 * t) % 19);
      weights.push_back(static_cast<double>(1 + i % 3));
    }
  }
  ft::Tensors<double> x(std::size_t first, std::size_t end) const {
    return {{"ids", xt::view(ids, xt::range(first, end))}};
  }
  ft::Tensors<double> y(std::size_t first, std::size_t end) const {
    return {{"each", xt::view(each, xt::range(first, end))}, {"last", xt::view(last, xt::range(first, end))}};
  }
  std::span<const double> w(std::size_t first, std::size_t end) const {
    return std::span<const double>(weights).subspan(first, end - first);
  }
  ft::Tensor<double> ids, each, last;
  std::vector<double> weights;
};

}  // namespace

TEST_CASE("Reducer: two ranks with a part of the rows each have the gradient of all, and step alike") {
  const std::size_t n = 13;
  const Rows rows(n);
  for (const std::size_t cut : {std::size_t(5), std::size_t(13)}) {  // of unequal sizes; none on one rank
    CAPTURE(cut);
    ft::Model<double> whole = model();
    std::array<ft::Model<double>, 2> parts{whole, whole};
    ft::Trainer<double> all(whole, {.batch_size = n});
    std::array<std::unique_ptr<ft::Trainer<double>>, 2> ranks;
    const auto meeting = std::make_shared<Meeting>();
    for (std::size_t r = 0; r < 2; ++r) {
      ranks[r] = std::make_unique<ft::Trainer<double>>(parts[r], ft::TrainerOptions{.batch_size = n, .seed = r});
      ranks[r]->set_reducer(std::make_shared<Sum>(meeting, r));
    }
    const auto on_both = [&](const auto& f) {
      std::thread other([&] { f(1, cut, n); });
      f(0, std::size_t(0), cut);
      other.join();
    };
    std::array<double, 2> losses{};
    for (int i = 0; i < 3; ++i) {
      const double loss = all.differentiate(rows.x(0, n), rows.y(0, n), rows.w(0, n));
      on_both([&](std::size_t r, std::size_t first, std::size_t end) {
        losses[r] = ranks[r]->differentiate(rows.x(first, end), rows.y(first, end), rows.w(first, end));
      });
      CHECK(losses[0] == losses[1]);
      CHECK(losses[0] == doctest::Approx(loss).epsilon(1e-12));
      for (const auto& info : whole.network().parameters()) {
        CAPTURE(info.name);
        if (info.name == "embedding/embeddings") {
          auto &expected = all.row_gradients(info.name), &sum = ranks[1]->row_gradients(info.name);
          REQUIRE(expected.rows().size() == sum.rows().size());
          for (const std::uint32_t row : std::vector<std::uint32_t>(sum.rows().begin(), sum.rows().end()))
            for (std::size_t j = 0; j < 3; ++j) CHECK(std::abs(expected[row][j] - sum[row][j]) < 1e-12);
          continue;
        }
        const auto expected = all.gradients(info.name), sum = ranks[0]->gradients(info.name);
        for (std::size_t k = 0; k < sum.size(); ++k) CHECK(std::abs(expected[k] - sum[k]) < 1e-12);
      }
      all.update();
      for (auto& rank : ranks) rank->update();
      CHECK(parts[0].network().weights() == parts[1].network().weights());
    }
    for (std::size_t k = 0; k < whole.network().weights().size(); ++k)
      CHECK(parts[0].network().weights()[k] == doctest::Approx(whole.network().weights()[k]).epsilon(1e-9));
  }
}

TEST_CASE("Reducer: the one that does nothing is a process alone") {
  const Rows rows(9);
  ft::Model<double> one = model(), two = one;
  ft::Trainer<double> alone(one), reduced(two);
  reduced.set_reducer(std::make_shared<ft::Reducer<double>>());
  for (int i = 0; i < 2; ++i) {
    const double loss = alone.step(rows.x(0, 9), rows.y(0, 9));
    CHECK(reduced.step(rows.x(0, 9), rows.y(0, 9)) == doctest::Approx(loss).epsilon(1e-12));
  }
  reduced.set_reducer(nullptr);
  CHECK_THROWS_AS(reduced.step(rows.x(0, 0), rows.y(0, 0)), ft::DataError);
}
