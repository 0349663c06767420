// SPDX-License-Identifier: BSD-3-Clause
// Writes the CSV files that the commands of docs/results.md read, from the files as they are published:
//   FORETELL_DATA=<folder> results_as_csv     sst2_*.csv, reviews_*.csv and cdnow.csv, where one stands
#include <cstdio>
#include <cstdlib>
#include <foretell/data/csv.hpp>
#include <foretell/data/split.hpp>
#include <fstream>
#include <string>
#include <vector>

namespace ft = foretell;

static std::ifstream open(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw ft::DataError("expected a file that can be read, received " + path);
  return file;
}
/// "1 a sentence" a line.
static ft::Table sentences(const std::string& path) {
  std::ifstream file = open(path);
  std::vector<std::string> texts, labels;
  for (std::string line; std::getline(file, line);) {
    labels.push_back(line.substr(0, 1));
    texts.push_back(line.substr(2));
  }
  return ft::Table{{"text", texts}, {"label", labels}};
}
/// Numbers between blanks, behind a header.
static ft::Table purchases(const std::string& path) {
  std::ifstream file = open(path);
  std::string header;
  std::getline(file, header);
  std::vector<std::string> user, time;
  std::vector<double> value;
  double number = 0, count = 0;
  for (std::string customer, date; file >> customer >> date >> count >> number;) {
    user.push_back(customer);
    time.push_back(date);
    value.push_back(number);
  }
  return ft::Table{{"user", user}, {"time", time}, {"value", value}};
}

int main() try {
  const char* variable = std::getenv("FORETELL_DATA");
  if (!variable) throw ft::DataError("expected the folder of the data in FORETELL_DATA, received none");
  const std::string folder = variable;
  for (const std::string part : {"train", "test"})
    ft::write_csv("sst2_" + part + ".csv", sentences(folder + "/sst2/stsa.binary." + part));
  const ft::Table reviews = ft::read_csv(folder + "/zh-online-shopping-10-cats/online_shopping_10_cats.csv.gz",
                                         {.dtypes = {{"label", ft::Kind::category}, {"review", ft::Kind::category}}});
  const auto [train, test] = ft::train_test_split(reviews, {.test_size = 0.2, .stratify = "label", .seed = 42});
  ft::write_csv("reviews_train.csv", train);
  ft::write_csv("reviews_test.csv", test);
  ft::write_csv("cdnow.csv", purchases(folder + "/cdnow/CDNOW_master.txt"));
} catch (const ft::Error& problem) {
  std::fprintf(stderr, "%s\n", problem.what());
  return 1;
}
