// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/preprocessing/hash.hpp"
#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

struct HashingEncoderOptions {
  std::size_t n_features = 8;  ///< how many columns come out for each column
  bool alternate_sign = true;  ///< half of the categories are -1 instead of 1
};

namespace detail {

class HashingCategories {
 public:
  static constexpr std::string_view type = "HashingEncoder";

  explicit HashingCategories(const HashingEncoderOptions& options = {}) : options_(options) {}

  /// How often each column was missing, or a text not seen in fit, in transforms since fit, load or clear_hits.
  std::vector<ColumnHits> hits() const { return counters_.hits(); }
  void clear_hits() { counters_.clear(); }

  /// Throws ConfigError for no features.
  Schema learn(const Frame& x) {
    if (options_.n_features == 0) throw ConfigError("HashingEncoder: expected n_features > 0, received 0.");
    columns_.clear();
    Schema output;
    for (const Field& field : x.schema()) {
      Hashed column{field.name, field.kind == Kind::number, {}};
      for (const std::string& value : field.categories.values()) column.hashes.push_back(murmur_hash(value));
      if (field.kind == Kind::boolean && column.hashes.empty())
        column.hashes = {murmur_hash("false"), murmur_hash("true")};
      columns_.push_back(std::move(column));
      for (std::size_t i = 0; i < options_.n_features; ++i) output.add({text(field.name, "_", i)});
    }
    counters_ = Counters(x.schema().names());
    return output;
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r) {
      std::fill_n(out.row(r), out.columns, 0.0);
      for (std::size_t c = 0; c < in.columns; ++c) {
        const double cell = in(r, c);
        if (std::isnan(cell))
          counters_[c].raise_missing(cell);
        else
          add(hash_of(c, cell), out.row(r) + c * options_.n_features);
      }
    }
  }

  bool fits(std::size_t in, std::size_t out) const {
    return in == columns_.size() && options_.n_features > 0 && out % options_.n_features == 0 &&
           in == out / options_.n_features;
  }

  void fields(auto&& f) {
    f("n_features", options_.n_features);
    f("alternate_sign", options_.alternate_sign);
    f("columns", columns_);
    std::vector<std::string> names(columns_.size());
    for (std::size_t c = 0; c < names.size(); ++c) names[c] = columns_[c].name;
    if (names != counters_.names()) counters_ = Counters(std::move(names));
  }

 private:
  struct Hashed {
    std::string name;
    bool numbers = false;               ///< hashed as std::to_chars spells them
    std::vector<std::uint32_t> hashes;  ///< of the categories, by code

    void fields(auto&& f) {
      f("name", name);
      f("numbers", numbers);
      f("hashes", hashes);
    }
  };

  std::uint32_t hash_of(std::size_t c, double cell) const {
    const auto& [name, numbers, hashes] = columns_[c];
    if (numbers) {
      char digits[32];  // as model files have always had them: 1e+05, not 100000
      const char* const end = std::to_chars(digits, digits + sizeof digits, cell + 0.0).ptr;
      return murmur_hash({digits, static_cast<std::size_t>(end - digits)});
    }
    if (cell >= 0 && cell < static_cast<double>(hashes.size())) return hashes[static_cast<std::size_t>(cell)];
    (is_unreadable_category(cell) ? counters_[c].unreadable : counters_[c].unknown).raise();
    const double hash = -1 - cell;
    return hash >= 0 && hash <= 4294967295.0 ? static_cast<std::uint32_t>(hash) : 0;
  }

  void add(std::uint32_t hash, double* out) const {
    const auto n = static_cast<std::uint32_t>(std::min<std::size_t>(options_.n_features, 0x7fffffff));
    const bool negative = hash >> 31;
    const std::uint32_t size = negative ? 0 - hash : hash;
    out[size == 0x80000000u ? (0x7fffffffu - (n - 1)) % n : size % n] = negative && options_.alternate_sign ? -1 : 1;
  }

  HashingEncoderOptions options_;
  std::vector<Hashed> columns_;
  Counters counters_;
};

}  // namespace detail

/// Sends each category, known or not, to one of `n_features` columns by the hash of its text: no vocabulary that grows,
/// and no category without an answer. Different categories may share a column. Missing values are all zeros.
template <class T = float>
class HashingEncoder : public Estimator<HashingEncoder<T>, detail::HashingCategories, T> {
 public:
  explicit HashingEncoder(HashingEncoderOptions options = {}) : HashingEncoder::Estimator(options) {}
};

}  // namespace foretell
