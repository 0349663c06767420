// SPDX-License-Identifier: BSD-3-Clause
// What tables.py runs beside pandas and scikit-learn: reads the name of a piece of work a line, does it once, writes
// the seconds.
//   bench_tables TABLE.csv TEXTS.csv
#include <chrono>
#include <cstdio>
#include <foretell/foretell.hpp>
#include <iostream>
#include <string>

namespace ft = foretell;

int main(int, char** argv) {
  const ft::Table table = ft::read_csv(argv[1]), texts = ft::read_csv(argv[2]);
  const ft::Table categories = table.select({"country", "device", "page"}),
                  numbers = table.select({"age", "price", "score", "visits"});
  double checked = 0;  // so that nothing is left out
  std::string work;
  while (std::getline(std::cin, work)) {
    const auto start = std::chrono::steady_clock::now();
    if (work == "read_csv") {
      checked += static_cast<double>(ft::read_csv(argv[1]).rows());
    } else if (work == "one-hot") {
      checked += static_cast<double>(
          ft::OneHotEncoder<float>().fit_transform(categories.select({"country", "device"})).data()[0]);
    } else if (work == "scaling") {
      checked += static_cast<double>(ft::StandardScaler<float>().fit_transform(numbers).data()[0]);
    } else if (work == "tf-idf") {
      checked += static_cast<double>(
          ft::TfidfVectorizer<float>({.tokenizer = {.ngram_range = {1, 2}}}).fit_transform(texts.column("text")).nnz());
    } else if (work == "group-by") {
      checked += static_cast<double>(
          ft::GroupBy(table, {"country", "page"})
              .aggregate({{"n", ft::agg::size()}, {"mean", ft::agg::mean("price")}, {"max", ft::agg::max("score")}})
              .rows());
    } else {
      return 1;
    }
    std::printf("%.9f\n", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    std::fflush(stdout);
  }
  return checked > 1e300;
}
