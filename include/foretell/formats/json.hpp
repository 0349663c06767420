// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/utf8.hpp"
#include "foretell/formats/json_text.hpp"

namespace foretell {

/// A JSON value: null, true or false, a number, a string, an array, or an object, which keeps the order of its members.
/// A value: copies are deep, moves are cheap.
class Json {
 public:
  enum class Kind : std::uint8_t { null, boolean, integer, number, string, array, object };

  Json() = default;
  Json(bool value) : kind_(Kind::boolean), integer_(value) {}  // NOLINT(google-explicit-constructor)
  template <std::integral N>
  requires(!std::same_as<N, bool>) Json(N value)  // NOLINT(google-explicit-constructor)
      : kind_(std::in_range<std::int64_t>(value) ? Kind::integer : Kind::number),
        integer_(is_integer() ? static_cast<std::int64_t>(value) : 0),
        number_(is_integer() ? 0 : static_cast<double>(value)) {}
  Json(double value) : kind_(Kind::number), number_(value) {}  // NOLINT(google-explicit-constructor)
  Json(std::string value) : Json(Kind::string) {               // NOLINT(google-explicit-constructor)
    part_->string = std::move(value);
  }
  Json(std::string_view value) : Json(std::string(value)) {}  // NOLINT(google-explicit-constructor)
  Json(const char* value) : Json(std::string(value)) {}       // NOLINT(google-explicit-constructor)
  template <class V>
  Json(const std::vector<V>& values) : Json(Kind::array) {  // NOLINT(google-explicit-constructor)
    part_->values.assign(values.begin(), values.end());
  }
  static Json array() { return Json(Kind::array); }
  static Json object() { return Json(Kind::object); }
  static Json object(std::initializer_list<std::pair<std::string_view, Json>> members) {
    Json json = object();
    for (const auto& [name, value] : members) json.add(name, value);
    return json;
  }

  Json(const Json& other)
      : kind_(other.kind_),
        integer_(other.integer_),
        number_(other.number_),
        part_(other.part_ ? std::make_unique<Part>(*other.part_) : nullptr) {}
  Json(Json&&) noexcept = default;
  Json& operator=(const Json& other) { return *this = Json(other); }
  Json& operator=(Json&&) noexcept = default;
  ~Json() = default;

  bool is_null() const { return kind_ == Kind::null; }
  bool is_boolean() const { return kind_ == Kind::boolean; }
  /// Written without point and exponent, and not beyond 64 bits.
  bool is_integer() const { return kind_ == Kind::integer; }
  bool is_number() const { return kind_ == Kind::integer || kind_ == Kind::number; }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_array() const { return kind_ == Kind::array; }
  bool is_object() const { return kind_ == Kind::object; }

  /// What the value is; each throws FormatError when it is of another kind.
  bool boolean() const { return need(is_boolean(), "true or false").integer_ != 0; }
  std::int64_t integer() const { return need(is_integer(), "a whole number").integer_; }
  double number() const { return is_integer() ? static_cast<double>(integer_) : need(is_number(), "a number").number_; }
  const std::string& string() const { return need(is_string(), "a string").part_->string; }
  /// The elements of an array, or the values of an object's members.
  const std::vector<Json>& values() const {
    return need(is_array() || is_object(), "an array or an object").part_->values;
  }
  /// The names of an object's members, in the order of their values.
  const std::vector<std::string>& names() const { return need(is_object(), "an object").part_->names; }

  /// Elements of an array or members of an object; 0 of everything else.
  std::size_t size() const { return is_array() || is_object() ? part_->values.size() : 0; }
  const Json& operator[](std::size_t i) const {
    if (i >= values().size()) fail(text("an element ", i));
    return part_->values[i];
  }
  Json& operator[](std::size_t i) { return const_cast<Json&>(std::as_const(*this)[i]); }
  /// The member of that name; null when this is no object or has none.
  const Json* find(std::string_view name) const {
    if (!is_object()) return nullptr;
    const auto found = std::find(part_->names.begin(), part_->names.end(), name);
    return found == part_->names.end() ? nullptr
                                       : &part_->values[static_cast<std::size_t>(found - part_->names.begin())];
  }
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  /// The member of that name; throws FormatError when there is none.
  const Json& operator[](std::string_view name) const {
    const Json* found = find(name);
    if (!found) fail(text("an object with \"", name, '"'));
    return *found;
  }
  Json& operator[](std::string_view name) { return const_cast<Json&>(std::as_const(*this)[name]); }

  /// Appends to an array; returns the element.
  Json& push_back(Json value) {
    need(is_array(), "an array");
    return part_->values.emplace_back(std::move(value));
  }
  /// Appends a member, whose name must be new, to an object; returns its value.
  Json& add(std::string_view name, Json value) {
    need(is_object(), "an object");
    part_->names.emplace_back(name);
    return part_->values.emplace_back(std::move(value));
  }
  /// Takes an element, or the member at that place, away.
  void erase(std::size_t i) {
    (void)(*this)[i];
    const auto place = static_cast<std::ptrdiff_t>(i);
    part_->values.erase(part_->values.begin() + place);
    if (is_object()) part_->names.erase(part_->names.begin() + place);
  }

  /// Takes the member of that name away, if there is one.
  void erase(std::string_view name) {
    if (const Json* found = find(name)) erase(static_cast<std::size_t>(found - part_->values.data()));
  }

  /// As JSON without blanks. Numbers keep every bit; bytes that are not UTF-8 become U+FFFD. Throws FormatError for NaN
  /// and infinities, which JSON has not.
  std::string dump() const {
    std::string out;
    write(out);
    return out;
  }

  /// The first text within, names too, that is not UTF-8; null when all are.
  const std::string* not_utf8() const {
    const auto bad = [](const std::string& s) { return detail::invalid_utf8(s) < s.size(); };
    if (!part_) return nullptr;
    if (bad(part_->string)) return &part_->string;
    for (const std::string& name : part_->names)
      if (bad(name)) return &name;
    for (const Json& value : part_->values)
      if (const std::string* const found = value.not_utf8()) return found;
    return nullptr;
  }

  /// Short, as errors show it.
  std::string shown() const {
    switch (kind_) {
      case Kind::null:
        return "null";
      case Kind::boolean:
        return text(integer_ != 0);
      case Kind::integer:
        return text(integer_);
      case Kind::number:
        return text(number_);
      case Kind::string:
        return text('"', part_->string.substr(0, 40), '"');
      case Kind::array:
        return text("a list of ", size());
      case Kind::object:
        break;
    }
    return text("an object of ", size());
  }

  friend bool operator==(const Json& a, const Json& b) {
    if (a.is_integer() != b.is_integer() && a.is_number() && b.is_number()) return a.number() == b.number();
    if (a.kind_ != b.kind_) return false;
    return a.part_ ? *a.part_ == *b.part_ : a.integer_ == b.integer_ && a.number_ == b.number_;
  }

 private:
  struct Part {
    std::string string;
    std::vector<Json> values;
    std::vector<std::string> names;
    bool operator==(const Part&) const = default;
  };

  explicit Json(Kind kind) : kind_(kind), part_(std::make_unique<Part>()) {}
  [[noreturn]] void fail(std::string_view expected) const {
    throw FormatError(text("JSON: expected ", expected, ", received ", shown()));
  }
  const Json& need(bool good, std::string_view expected) const {
    if (!good) fail(expected);
    return *this;
  }

  void write(std::string& out) const {
    switch (kind_) {
      case Kind::null:
        out += "null";
        return;
      case Kind::boolean:
        out += integer_ ? "true" : "false";
        return;
      case Kind::integer:
        out += text(integer_);
        return;
      case Kind::number:
        write_number(out);
        return;
      case Kind::string:
        detail::append_json_text(out, part_->string);
        return;
      case Kind::array:
      case Kind::object:
        break;
    }
    out += is_array() ? '[' : '{';
    for (std::size_t i = 0; i < part_->values.size(); ++i) {
      if (i > 0) out += ',';
      if (is_object()) {
        detail::append_json_text(out, part_->names[i]);
        out += ':';
      }
      part_->values[i].write(out);
    }
    out += is_array() ? ']' : '}';
  }
  void write_number(std::string& out) const {
    if (!std::isfinite(number_)) fail("a finite number");
    char digits[32];
    const std::string_view written(digits,
                                   static_cast<std::size_t>(std::to_chars(digits, digits + 32, number_).ptr - digits));
    out += written;
    if (written.find_first_of(".e") == std::string_view::npos) out += ".0";
  }

  Kind kind_ = Kind::null;
  std::int64_t integer_ = 0;  ///< of a boolean, too
  double number_ = 0;
  std::unique_ptr<Part> part_;
};

namespace detail {

/// Builds a value from the parser's events. `who` is what errors call the text.
class JsonBuilder final : public JsonEvents {
 public:
  explicit JsonBuilder(std::string_view who) : who_(who) {}

  Json root;

  void null() override { put({}); }
  void boolean(bool v) override { put(v); }
  void number(std::string_view digits) override {
    const char *const first = digits.data(), *const last = first + digits.size();
    std::int64_t whole = 0;
    if (const auto read = std::from_chars(first, last, whole); read.ec == std::errc() && read.ptr == last)
      return put(whole);
    double value = 0;
    if (std::from_chars(first, last, value).ec == std::errc::result_out_of_range) {
      if (!is_tiny(digits)) stop(text("the number ", digits, ", which no double holds"));
      value = *first == '-' ? -0.0 : 0.0;
    }
    put(value);
  }
  void string(std::string_view v) override { put(v); }
  void start_object() override { levels_.push_back({Json::object()}); }
  void key(std::string_view name) override { levels_.back().name = name; }
  void end_object() override {
    const auto& members = levels_.back().value.names();
    std::vector<std::string_view> names(members.begin(), members.end());
    std::sort(names.begin(), names.end());
    if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
      stop(text("the key \"", *twice, "\" twice in one object"));
    close();
  }
  void start_array() override { levels_.push_back({Json::array()}); }
  void end_array() override { close(); }

 private:
  struct Level {
    Json value;
    std::string name{};  ///< of the member that comes next
  };

  [[noreturn]] void stop(const std::string& received) const {
    throw FormatError(text(who_, ": expected JSON, received ", received));
  }
  /// Whether digits that no double holds are too small, not too large.
  static bool is_tiny(std::string_view digits) {
    const std::size_t e = digits.find_first_of("eE");
    if (e != std::string_view::npos) return digits[e + 1] == '-';
    return digits.substr(0, digits.find('.')).find_first_of("123456789") == std::string_view::npos;
  }
  void put(Json value) {
    if (levels_.empty())
      root = std::move(value);
    else if (Level& level = levels_.back(); level.value.is_array())
      level.value.push_back(std::move(value));
    else
      level.value.add(level.name, std::move(value));
  }
  void close() {
    Json value = std::move(levels_.back().value);
    levels_.pop_back();
    put(std::move(value));
  }

  std::string_view who_;
  std::vector<Level> levels_;
};

}  // namespace detail

/// Reads untrusted text, in any C locale: at most 64 levels deep, no key twice in an object, finite numbers. Throws
/// FormatError that says `who`.
inline Json parse_json(std::string_view source, std::string_view who) {
  detail::JsonBuilder builder(who);
  if (const auto problem = detail::JsonParser(builder).parse(source))
    throw FormatError(text(who, ": expected JSON, received ", *problem));
  return std::move(builder.root);
}

/// A value as text, for a file. Throws DataError that says `who` for texts that are not UTF-8: JSON cannot hold them.
inline std::string json_text(const Json& json, std::string_view who) {
  if (const std::string* const bad = json.not_utf8()) detail::expect_utf8(*bad, who);
  return json.dump();
}

}  // namespace foretell
