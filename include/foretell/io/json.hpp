// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <concepts>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/core/factory.hpp"

namespace foretell {

using Json = nlohmann::ordered_json;

// Templates of the JSON type where nothing else is needed: a program that includes this and reads no file does not
// instantiate the parser.

namespace detail {

/// Builds a value from the parser's events; `problem` says why it stopped.
template <class J>
class JsonBuilder final : public nlohmann::json_sax<J> {
 public:
  J root;
  std::string problem;

  bool null() override { return put(nullptr); }
  bool boolean(bool v) override { return put(v); }
  bool number_integer(std::int64_t v) override { return put(v); }
  bool number_unsigned(std::uint64_t v) override { return put(v); }
  bool number_float(double v, const std::string&) override { return put(v); }
  bool string(std::string& v) override { return put(std::move(v)); }
  bool binary(typename J::binary_t&) override { return false; }
  bool start_array(std::size_t) override { return open(J::array()); }
  bool end_array() override { return close(); }
  bool start_object(std::size_t) override { return open(J::object()); }
  bool key(std::string& name) override {
    if (!open_.back().keys.insert(name).second) return stop(text("the key \"", name, "\" stands twice in one object"));
    key_ = std::move(name);
    return true;
  }
  bool end_object() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const typename J::exception&) override {
    return stop("this is not valid JSON");
  }

 private:
  struct Level {
    J value;
    std::string key;  // in the level above
    std::set<std::string> keys{};
  };
  static constexpr std::size_t deepest = 64;

  bool stop(std::string why) {
    problem = std::move(why);
    return false;
  }
  bool put(J value) {
    if (open_.empty())
      root = std::move(value);
    else if (J& top = open_.back().value; top.is_array())
      top.push_back(std::move(value));
    else  // the keys are known to differ: no search for each
      top.template get_ref<typename J::object_t&>().emplace_back(std::move(key_), std::move(value));
    return true;
  }
  bool open(J value) {
    if (open_.size() == deepest) return stop(text("expected at most ", deepest, " levels"));
    open_.push_back({std::move(value), std::move(key_)});
    return true;
  }
  bool close() {
    Level level = std::move(open_.back());
    open_.pop_back();
    key_ = std::move(level.key);
    return put(std::move(level.value));
  }

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

/// Parses untrusted text: at most 64 levels deep, no key twice in an object. Throws FormatError that says `who`.
template <std::convertible_to<std::string_view> Text>
Json parse_json(const Text& source, const std::string& who) {
  detail::JsonBuilder<Json> builder;
  if (!Json::sax_parse(std::string_view(source), &builder))
    throw FormatError(text(who, ": expected JSON, received something else: ", builder.problem));
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
    if (const J* json = find(name))
      value = expect(json->is_number_integer(), *json, name, "a whole number").template get<std::int64_t>();
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
