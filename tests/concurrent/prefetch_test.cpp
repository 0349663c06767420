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
    while (const auto examples = whole.next()) CHECK(examples->inputs()[0].values[0] == static_cast<float>(++count));
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
  const auto train = [](std::size_t threads, bool wide) {
    ft::Sequential<float> model =
        wide ? ft::Sequential<float>{ft::Dense(700, {.activation = ft::relu}), ft::Dense(700), ft::Dense(1)}
             : ft::Sequential<float>{ft::Masking(), ft::GRU(8), ft::Dense(1)};
    model.compile(ft::Adam(), ft::MeanSquaredError());
    const ft::Tensor<float> x = wide ? ft::random_normal<float>({70, 40}, 1) : ft::random_normal<float>({96, 6, 3}, 1);
    const ft::Tensor<float> y = ft::random_normal<float>({x.shape(0), 1}, 2);
    model.fit(x, y, {.batch_size = 64, .epochs = 2, .threads = threads, .seed = 1, .verbose = 0});
    return model.network().weights();
  };
  for (const bool wide : {false, true}) {
    const ft::Arena<float> one = train(1, wide);
    CHECK(train(2, wide) == one);
    CHECK(train(3, wide) == one);
  }
}
