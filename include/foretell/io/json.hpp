// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "foretell/core/factory.hpp"
#include "foretell/data/csv/number.hpp"
#include "foretell/io/json_text.hpp"

namespace foretell {

using Json = nlohmann::ordered_json;

// Templates of the JSON type where nothing else is needed: a program that includes this and reads no file does not
// instantiate them.

namespace detail {

/// Builds a value from the parser's events.
template <class J>
class JsonBuilder final : public JsonEvents {
 public:
  /// `who` is what errors call the text.
  explicit JsonBuilder(const std::string& who) : who_(who) {}

  J root;

  void null() override { put(nullptr); }
  void boolean(bool v) override { put(v); }
  void number(std::string_view digits) override {
    const char *const first = digits.data(), *const last = first + digits.size();
    double value = 0;
    std::int64_t whole = 0;
    std::uint64_t large = 0;
    if (const auto read = std::from_chars(first, last, large); read.ec == std::errc() && read.ptr == last)
      return put(large);
    if (const auto read = std::from_chars(first, last, whole); read.ec == std::errc() && read.ptr == last)
      return put(whole);
    if (read_number(digits, value); std::isinf(value)) stop(text("the number ", digits, ", which no double holds"));
    put(value);
  }
  void string(std::string_view v) override { put(std::string(v)); }
  void start_object() override { open(J::object()); }
  void key(std::string_view name) override {
    key_ = name;
    if (!open_.back().keys.insert(key_).second) stop(text("the key \"", name, "\" twice in one object"));
  }
  void end_object() override { close(); }
  void start_array() override { open(J::array()); }
  void end_array() override { close(); }

 private:
  struct Level {
    J value;
    std::string key;  // in the level above
    std::set<std::string> keys{};
  };

  [[noreturn]] void stop(const std::string& received) const {
    throw FormatError(text(who_, ": expected JSON, received ", received));
  }
  void put(J value) {
    if (open_.empty())
      root = std::move(value);
    else if (J& top = open_.back().value; top.is_array())
      top.push_back(std::move(value));
    else  // the keys are known to differ: no search for each
      top.template get_ref<typename J::object_t&>().emplace_back(std::move(key_), std::move(value));
  }
  void open(J value) { open_.push_back({std::move(value), std::move(key_)}); }
  void close() {
    Level level = std::move(open_.back());
    open_.pop_back();
    key_ = std::move(level.key);
    put(std::move(level.value));
  }

  const std::string& who_;
  std::vector<Level> open_;
  std::string key_;
};

/// A value as errors show it.
template <class J>
std::string shown(const J& json) {
  if (json.is_string()) return text('"', json.template get_ref<const std::string&>().substr(0, 40), '"');
  if (json.is_boolean()) return text(json.template get<bool>());
  if (json.is_number_unsigned()) return text(json.template get<std::uint64_t>());
  if (json.is_number_integer()) return text(json.template get<std::int64_t>());
  if (json.is_number()) return text(json.template get<double>());
  return json.is_null() ? "null" : text(json.is_array() ? "a list of " : "an object of ", json.size());
}

}  // namespace detail

/// Parses untrusted text, in any C locale: at most 64 levels deep, no key twice in an object. Throws FormatError that
/// says `who`.
template <std::convertible_to<std::string_view> Text>
Json parse_json(const Text& source, const std::string& who) {
  detail::JsonBuilder<Json> builder(who);
  if (const auto problem = detail::JsonParser(builder).parse(source))
    throw FormatError(text(who, ": expected JSON, received ", *problem));
  return std::move(builder.root);
}

/// Writes fields into a JSON object. Numbers keep every bit; NaN and infinities become strings.
template <class J = Json>
class JsonWriter : public FieldVisitor {
 public:
  explicit JsonWriter(J& root) : stack_{&root} {
    if (!root.is_object()) root = J::object();
  }

  bool reading() const override { return false; }
  void value(std::string_view name, bool& value) override { put(name, value); }
  void value(std::string_view name, std::int64_t& value) override { put(name, value); }
  void value(std::string_view name, double& value) override { put(name, number(value)); }
  void value(std::string_view name, std::string& value) override { put(name, value); }
  void value(std::string_view name, std::vector<double>& value) override {
    J list = J::array();
    for (const double v : value) list.push_back(number(v));
    put(name, std::move(list));
  }
  void value(std::string_view name, std::vector<std::string>& value) override { put(name, value); }
  bool open(std::string_view name) override {
    push(name, J::object());
    return true;
  }
  void close() override { stack_.pop_back(); }
  std::size_t open_list(std::string_view name, std::size_t size) override {
    push(name, J::array());
    return size;
  }
  void close_list() override { stack_.pop_back(); }
  void fail(std::string_view name, const std::string& problem) const override {
    throw ConfigError(text("field \"", name, "\": ", problem));
  }

 private:
  static J number(double value) {
    if (std::isfinite(value)) return value;
    return std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  }
  J& put(std::string_view name, J value) {
    J& top = *stack_.back();
    if (top.is_array()) {
      top.push_back(std::move(value));
      return top.back();
    }
    return top[std::string(name)] = std::move(value);
  }
  void push(std::string_view name, J value) { stack_.push_back(&put(name, std::move(value))); }

  std::vector<J*> stack_;
};

/// Reads fields from a JSON object. Errors say where: "$.nodes[3].config.units: expected a number, received "x"".
template <class J = Json>
class JsonReader : public FieldVisitor {
 public:
  JsonReader(const J& root, std::string path, const Factory* factory = nullptr) : factory_(factory) {
    enter(&root, std::move(path));
  }

  bool reading() const override { return true; }
  void value(std::string_view name, bool& value) override {
    if (const J* json = find(name))
      value = expect(json->is_boolean(), *json, name, "true or false").template get<bool>();
  }
  void value(std::string_view name, std::int64_t& value) override {
    if (const J* json = find(name)) {
      const bool fits =
          json->is_number_integer() && !(json->is_number_unsigned() && json->template get<std::uint64_t>() > INT64_MAX);
      value = expect(fits, *json, name, "a whole number of 64 bits").template get<std::int64_t>();
    }
  }
  void value(std::string_view name, double& value) override {
    if (const J* json = find(name)) value = number(*json, name);
  }
  void value(std::string_view name, std::string& value) override {
    if (const J* json = find(name))
      value = expect(json->is_string(), *json, name, "a string").template get<std::string>();
  }
  void value(std::string_view name, std::vector<double>& value) override {
    const J* json = find(name);
    if (!json) return;
    expect(json->is_array(), *json, name, "a list of numbers");
    value.clear();
    for (const J& element : *json) value.push_back(number(element, name));
  }
  void value(std::string_view name, std::vector<std::string>& value) override {
    const J* json = find(name);
    if (!json) return;
    expect(json->is_array(), *json, name, "a list of strings");
    value.clear();
    for (const J& element : *json)
      value.push_back(expect(element.is_string(), element, name, "a list of strings").template get<std::string>());
  }
  bool open(std::string_view name) override {
    Frame& top = stack_.back();
    if (top.json->is_array()) {
      const std::size_t i = top.next++;
      enter(&(*top.json)[i], text(top.path, "[", i, "]"));
      return true;
    }
    const J* json = find(name);
    if (json) enter(json, text(top.path, ".", name));
    return json != nullptr;
  }
  void close() override {
    check_unknown();
    stack_.pop_back();
  }
  std::size_t open_list(std::string_view name, std::size_t) override {
    static const J empty = J::array();
    const J* json = find(name);
    if (json) expect(json->is_array(), *json, name, "a list");
    stack_.push_back({json ? json : &empty, text(stack_.back().path, ".", name), {}, 0});
    return stack_.back().json->size();
  }
  void close_list() override { stack_.pop_back(); }
  void fail(std::string_view name, const std::string& problem) const override {
    throw ConfigError(text(stack_.back().path, name.empty() ? "" : ".", name, ": ", problem));
  }
  const Factory* registry() const override { return factory_; }

  /// At the end of the root: throws ConfigError for keys that no field asked for.
  void check_unknown() const {
    const Frame& top = stack_.back();
    for (auto item = top.json->begin(); item != top.json->end(); ++item)
      if (!top.known.count(item.key()))
        throw ConfigError(text(top.path, ": expected the fields ", quoted_list(top.known), ", received \"", item.key(),
                               "\" as well"));
  }

 private:
  struct Frame {
    const J* json;
    std::string path;
    std::set<std::string> known;
    std::size_t next;
  };

  void enter(const J* json, std::string path) {
    if (!json->is_object()) throw ConfigError(text(path, ": expected an object, received ", detail::shown(*json)));
    stack_.push_back({json, std::move(path), {}, 0});
  }
  const J* find(std::string_view name) {
    Frame& top = stack_.back();
    top.known.emplace(name);
    const auto found = top.json->find(std::string(name));
    return found == top.json->end() ? nullptr : &*found;
  }
  const J& expect(bool good, const J& json, std::string_view name, std::string_view expected) const {
    if (!good) fail(name, text("expected ", expected, ", received ", detail::shown(json)));
    return json;
  }
  double number(const J& json, std::string_view name) const {
    if (json.is_number()) return json.template get<double>();
    if (json.is_string()) {
      const auto& word = json.template get_ref<const std::string&>();
      if (word == "NaN") return std::nan("");
      if (word == "Infinity") return HUGE_VAL;
      if (word == "-Infinity") return -HUGE_VAL;
    }
    return expect(false, json, name, "a number").template get<double>();
  }

  const Factory* factory_;
  std::vector<Frame> stack_;
};

namespace detail {
template <class C>
void show(FieldVisitor& visitor, C& component) {
  if constexpr (requires { component.visit(visitor); })
    component.visit(visitor);
  else if constexpr (HasFields<C>)
    visit_fields(visitor, component);
  else
    component(visitor);
}
}  // namespace detail

/// The fields of any component with `visit(FieldVisitor&)` or `fields`, or of a function that visits some.
template <class C, class J = Json>
J write_json(C component) {
  J json;
  JsonWriter<J> writer(json);
  detail::show(writer, component);
  return json;
}
template <class C, class J>
void read_json(const J& json, const std::string& path, C&& component, const Factory* factory = nullptr) {
  JsonReader<J> reader(json, path, factory);
  detail::show(reader, component);
  reader.check_unknown();
}

}  // namespace foretell
