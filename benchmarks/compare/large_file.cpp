// SPDX-License-Identifier: BSD-3-Clause
// Reads, transforms and trains on a CSV file of any length in memory for a few chunks; tells the rows a second as it
// goes and the most memory it had.
//   bench_large_file FILE GIGABYTES     the file is written when it is not there
#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <foretell/foretell.hpp>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace ft = foretell;

namespace {

double gigabytes(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? static_cast<double>(status.st_size) / 1e9 : 0;
}

/// A million visits, over and over.
void write(const std::string& path, double size) {
  std::ofstream file(path, std::ios::binary);
  std::vector<std::string> parts;
  for (std::uint64_t part = 0; static_cast<double>(file.tellp()) < size * 1e9; ++part) {
    if (part < 10) parts.push_back(ft::to_csv(ft::datasets::shop_visits(100000, part).table, {.header = false}));
    if (part == 0) file << ft::to_csv(ft::datasets::shop_visits(1, 0).table.head(0));
    file << parts[part % 10];
  }
}

double peak_gigabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "VmHWM:") return status >> word, std::strtod(word.c_str(), nullptr) / 1e6;
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) return 2;
  const std::string path = arguments[1];
  if (gigabytes(path) == 0) write(path, std::strtod(arguments[2], nullptr));
  std::printf("%.2f GB\n", gigabytes(path));

  constexpr std::size_t chunk = 100000;
  const ft::Table first = *ft::CsvChunks(path, chunk).next();
  const ft::Roles roles = ft::infer_roles(first, "purchased");
  ft::ColumnTransformer<float> features = ft::default_features<float>(roles);
  features.fit(first);

  const auto start = std::chrono::steady_clock::now();
  double last = 0, rows = 0, before = 0;
  const auto open = [&](std::size_t) {
    const auto chunks = std::make_shared<ft::CsvChunks>(path, chunk);
    return [&, chunks]() -> std::optional<ft::Examples<float>> {
      const auto table = chunks->next();
      if (!table) return {};
      rows += static_cast<double>(table->rows());
      const double now = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      if (now - last > 10) {
        std::printf("%.0f rows, %.0f rows/s, at most %.2f GB of memory\n", rows, (rows - before) / (now - last),
                    peak_gigabytes());
        std::fflush(stdout);
        last = now, before = rows;
      }
      return ft::Examples<float>(features.transform(*table), table->column("purchased").to_array<float>());
    };
  };
  ft::Sequential<float> model{ft::Dense(64, {.activation = ft::relu}), ft::Dense(32, {.activation = ft::relu}),
                              ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam(), ft::BinaryCrossentropy(), {ft::BinaryAccuracy()});
  const ft::History history =
      model.fit(ft::ExampleStream<float>(open), {.batch_size = 1024, .epochs = 1, .seed = 1, .verbose = 0});
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%.0f rows in %.0f s: %.0f rows/s; accuracy %.4f; at most %.2f GB of memory\n", rows, seconds,
              rows / seconds, history["binary_accuracy"].back(), peak_gigabytes());
}
