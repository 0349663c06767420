// SPDX-License-Identifier: BSD-3-Clause
// Runs a fuzz target without a fuzzer: the files of a folder of seeds, where there is one, then seeded mutations of
// them and of what text files are made of. The same inputs every time.
//   fuzz_NAME RUNS SEEDS
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

struct Numbers {  // splitmix64
  std::uint64_t state = 0;
  std::uint64_t next() {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
};

const std::vector<std::string> words = {"\n",
                                        "\r\n",
                                        ",",
                                        ";",
                                        "\t",
                                        "\"",
                                        "\"\"",
                                        "'",
                                        "#",
                                        "|",
                                        " ",
                                        "0",
                                        "-1",
                                        "1e9",
                                        "1e999",
                                        "nan",
                                        "NA",
                                        "true",
                                        "{",
                                        "}",
                                        "[",
                                        "]",
                                        ":",
                                        "\\u0000",
                                        "a",
                                        "b",
                                        "\xff",
                                        "\xef\xbb\xbf",
                                        "\xc3\xa4",
                                        std::string(1, '\0'),
                                        std::string(8, '\xff')};

std::string mutated(std::string text, const std::vector<std::string>& seeds, Numbers& numbers) {
  for (std::size_t change = numbers.below(12) + 1; change > 0; --change) {
    const std::size_t at = numbers.below(text.size() + 1);
    const std::size_t length = std::min(numbers.below(16) + 1, text.size() - at);
    switch (numbers.below(6)) {
      case 0:
        text.insert(at, words[numbers.below(words.size())]);
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, std::string(text, at, length));
        break;
      case 3:
        text.resize(at);
        break;
      case 4:
        if (at < text.size()) text[at] = static_cast<char>(numbers.next() & 0xff);
        break;
      default: {
        const std::string& other = seeds[numbers.below(seeds.size())];
        const std::size_t from = numbers.below(other.size() + 1);
        text.insert(at, other, from, numbers.below(64));
      }
    }
  }
  return text;
}

void run(const std::string& input) {
  const std::vector<std::uint8_t> copy(input.begin(),
                                       input.end());  // exactly as long as it says, so that a sanitizer sees its end
  (void)LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::vector<std::string> seeds;
  if (std::filesystem::is_directory(argv[2])) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(argv[2])) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      std::ifstream in(file, std::ios::binary);
      seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
  }
  for (const std::string& seed : seeds) run(seed);
  seeds.emplace_back();

  Numbers numbers;
  const std::size_t runs = static_cast<std::size_t>(std::strtoull(argv[1], nullptr, 10));
  for (std::size_t i = 0; i < runs; ++i) {
    std::string input = mutated(seeds[numbers.below(seeds.size())], seeds, numbers);
    while (input.size() < 3 || numbers.below(3) == 0) input += words[numbers.below(words.size())];
    run(input);
    if (seeds.size() < 256 && numbers.below(16) == 0) seeds.push_back(input);  // longer inputs grow out of shorter ones
  }
  std::printf("%zu inputs\n", runs + seeds.size());
}
