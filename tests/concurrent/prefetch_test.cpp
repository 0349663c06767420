// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <stdexcept>

namespace ft = foretell;

TEST_CASE(
    "Streams that are read ahead: every batch once, in order; ended early, or by an error, the thread ends, too") {
  const auto counting = [](std::size_t most) {
    return ft::ExampleStream<float>([most](std::size_t) {
      return [i = std::size_t(0), most]() mutable -> std::optional<ft::Examples<float>> {
        if (i == most) return std::nullopt;
        if (++i == 40) throw std::runtime_error("disk");
        return ft::Examples<float>(std::vector<float>{static_cast<float>(i)}, std::vector<float>{0});
      };
    });
  };
  ft::detail::Prefetch<float> whole(counting(30), 3);
  for (std::size_t epoch = 0; epoch < 2; ++epoch) {
    whole.open(epoch);
    std::size_t count = 0;
    while (const auto examples = whole.next())
      CHECK(examples->inputs()[0].array.rows().data[0] == static_cast<float>(++count));
    CHECK(count == 30);
  }
  whole.open(2);
  (void)whole.next();  // left in the middle: the destructor ends the thread

  ft::detail::Prefetch<float> broken(counting(100), 2);
  broken.open(0);
  std::size_t count = 0;
  CHECK_THROWS_WITH_AS(while (broken.next())++ count, "disk", std::runtime_error);
  CHECK(count == 39);
}

TEST_CASE("Networks of sequences and of many weights: the same bits on one thread, two and three") {
  enum class Kind { shards, wide, one_shard };
  const auto train = [](std::size_t threads, Kind kind) {
    ft::Sequential<float> model =
        kind == Kind::wide
            ? ft::Sequential<float>{ft::Dense(700, {.activation = ft::relu}), ft::Dense(700), ft::Dense(1)}
        : kind == Kind::shards
            ? ft::Sequential<float>{ft::Masking(), ft::GRU(8), ft::Dense(1)}
            : ft::Sequential<float>{ft::Masking(),
                                    ft::LSTM(40, {.return_sequences = true, .dropout = 0.1, .recurrent_dropout = 0.2}),
                                    ft::GRU(72), ft::BatchNormalization(), ft::Dense(1)};
    model.compile(ft::Adam(), ft::MeanSquaredError());
    ft::Tensor<float> x =
        kind == Kind::wide ? ft::random_normal<float>({70, 40}, 1) : ft::random_normal<float>({96, 6, 3}, 1);
    for (std::size_t r = 0; kind == Kind::one_shard && r < 96; ++r)  // padding of several lengths
      std::fill(x.data() + (r + 1) * 18 - r % 6 * 3, x.data() + (r + 1) * 18, 0.f);
    const ft::Tensor<float> y = ft::random_normal<float>({x.shape(0), 1}, 2);
    model.fit(x, y, {.batch_size = 64, .epochs = 2, .threads = threads, .seed = 1, .verbose = 0});
    return model.network().weights();
  };
  for (const Kind kind : {Kind::shards, Kind::wide, Kind::one_shard}) {
    const ft::Arena<float> one = train(1, kind);
    CHECK(train(2, kind) == one);
    CHECK(train(3, kind) == one);
  }
}
