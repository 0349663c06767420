// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "foretell/formats/json_text.hpp"
#include "foretell/serving/row.hpp"

namespace foretell {

/// Requests as JSON objects, {"device": "mobile", "pages": 12, "age": null, "basket": [4, 17]}: columns and arrays by
/// name, null is missing, columns that are not there are missing. One thread's; after the first requests of a size
/// nothing is allocated.
class JsonRow {
 public:
  explicit JsonRow(Row row) : row_(std::move(row)), reader_(row_) {}
  JsonRow(const JsonRow&) = delete;
  JsonRow& operator=(const JsonRow&) = delete;

  /// The request of that text, valid until the next. Throws DataError, with the row cleared, for what is no JSON object
  /// of values, for names that the model has not or that come twice, and what Row::set throws.
  const Row& read(std::string_view json) {
    row_.clear();
    reader_.begin();
    try {
      if (const auto problem = detail::JsonParser(reader_).parse(json)) fail(*problem);
    } catch (...) {
      row_.clear();
      throw;
    }
    return row_;
  }
  const Row& row() const { return row_; }

 private:
  class Reader final : public detail::JsonEvents {
   public:
    explicit Reader(Row& row)
        : row_(row), columns_(row.fields().columns.size()), seen_(columns_ + row.fields().arrays.size()) {}

    void begin() {
      depth_ = 0;
      in_list_ = false;
      seen_.assign(seen_.size(), 0);
    }
    void null() override {
      if (in_list_) fail("null in a list");
      row_.set_missing(column("null"));
    }
    void boolean(bool value) override {
      if (in_list_) fail(value ? "true in a list" : "false in a list");
      row_.set(column(value ? "true" : "false"), std::string_view(value ? "true" : "false"));
    }
    void number(std::string_view digits) override {
      std::int64_t id = 0;
      const bool whole = read(digits, id);
      double value = 0;
      if (!whole && !read(digits, value)) fail(text("the number ", digits, ", which no double holds"));
      if (!in_list_) return whole ? row_.set(column(digits), id) : row_.set(column(digits), value);
      ids_.push_back(whole ? id : missing_id);
      numbers_.push_back(whole ? static_cast<double>(id) : value);
      whole_ = whole_ && whole;
    }
    void string(std::string_view value) override {
      if (in_list_) fail("a text in a list");
      row_.set(column("a text"), value);
    }
    void start_object() override {
      if (depth_++ > 0) fail("an object within the object");
    }
    void key(std::string_view name) override {
      const RequestFields& fields = row_.fields();
      place_ = fields.columns.find(name);
      for (std::size_t a = 0; place_ >= columns_ && a < fields.arrays.size(); ++a)
        if (fields.arrays[a].name == name) place_ = columns_ + a;
      if (place_ >= seen_.size()) (void)row_.index(name);
      if (seen_[place_]++) fail(text("\"", name, "\" twice"));
    }
    void end_object() override {}
    void start_array() override {
      if (depth_ == 0 || in_list_) fail(depth_ == 0 ? "a list" : "a list within a list");
      if (place_ < columns_) fail(text("a list for the column \"", row_.fields().columns[place_].name, "\""));
      in_list_ = whole_ = true;
      ids_.clear();
      numbers_.clear();
    }
    void end_array() override {
      in_list_ = false;
      const std::string& name = row_.fields().arrays[place_ - columns_].name;
      if (whole_)
        row_.set(name, std::span<const std::int64_t>(ids_));
      else
        row_.set(name, std::span<const double>(numbers_));
    }

   private:
    template <class N>
    static bool read(std::string_view digits, N& value) {
      const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      return problem == std::errc() && end == digits.data() + digits.size();
    }
    /// The column that a single value is for.
    std::size_t column(std::string_view received) const {
      if (depth_ == 0) fail(received);
      if (place_ >= columns_)
        fail(text(received, " for \"", row_.fields().arrays[place_ - columns_].name, "\", which is a list"));
      return place_;
    }

    Row& row_;
    std::size_t columns_, place_ = 0, depth_ = 0;
    bool in_list_ = false, whole_ = true;
    std::vector<std::uint8_t> seen_;
    std::vector<std::int64_t> ids_;
    std::vector<double> numbers_;
  };

  [[noreturn, gnu::noinline]] static void fail(std::string_view received) {
    throw DataError(
        text("Row: expected a JSON object of columns and lists, {\"pages\": 12, ...}, received ", received));
  }

  Row row_;
  Reader reader_;
};

}  // namespace foretell
