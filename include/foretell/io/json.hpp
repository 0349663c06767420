// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/core/factory.hpp"

namespace foretell {

using Json = nlohmann::ordered_json;

/// Parses untrusted text: at most 64 levels deep, no key twice in an object. Throws FormatError that says `who`.
inline Json parse_json(std::string_view source, const std::string& who) {
  constexpr int deepest = 64;
  std::vector<std::set<std::string>> keys;
  std::string problem;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > deepest && problem.empty()) problem = text("expected at most ", deepest, " levels");
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second && problem.empty())
      problem = text("the key \"", parsed.get<std::string>(), "\" stands twice in one object");
    return depth <= deepest;
  };
  Json json = Json::parse(source, watch, false);
  if (problem.empty() && json.is_discarded()) problem = "this is not valid JSON";
  if (!problem.empty()) throw FormatError(text(who, ": expected JSON, received something else: ", problem));
  return json;
}

/// Writes fields into a JSON object. Numbers keep every bit; NaN and infinities become strings.
class JsonWriter : public FieldVisitor {
 public:
  explicit JsonWriter(Json& root) : stack_{&root} {
    if (!root.is_object()) root = Json::object();
  }

  bool reading() const override { return false; }
  void value(std::string_view name, bool& value) override { put(name, value); }
  void value(std::string_view name, std::int64_t& value) override { put(name, value); }
  void value(std::string_view name, double& value) override { put(name, number(value)); }
  void value(std::string_view name, std::string& value) override { put(name, value); }
  void value(std::string_view name, std::vector<double>& value) override {
    Json list = Json::array();
    for (const double v : value) list.push_back(number(v));
    put(name, std::move(list));
  }
  void value(std::string_view name, std::vector<std::string>& value) override { put(name, value); }
  bool open(std::string_view name) override {
    push(name, Json::object());
    return true;
  }
  void close() override { stack_.pop_back(); }
  std::size_t open_list(std::string_view name, std::size_t size) override {
    push(name, Json::array());
    return size;
  }
  void close_list() override { stack_.pop_back(); }
  void fail(std::string_view name, const std::string& problem) const override {
    throw ConfigError(text("field \"", name, "\": ", problem));
  }

 private:
  static Json number(double value) {
    if (std::isfinite(value)) return value;
    return std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  }
  Json& put(std::string_view name, Json value) {
    Json& top = *stack_.back();
    if (top.is_array()) {
      top.push_back(std::move(value));
      return top.back();
    }
    return top[std::string(name)] = std::move(value);
  }
  void push(std::string_view name, Json value) { stack_.push_back(&put(name, std::move(value))); }

  std::vector<Json*> stack_;
};

/// Reads fields from a JSON object. Errors say where: "$.nodes[3].config.units: expected a number, received "x"".
class JsonReader : public FieldVisitor {
 public:
  JsonReader(const Json& root, std::string path, const Factory* factory = nullptr) : factory_(factory) {
    enter(&root, std::move(path));
  }

  bool reading() const override { return true; }
  void value(std::string_view name, bool& value) override {
    if (const Json* json = find(name)) value = expect(json->is_boolean(), *json, name, "true or false").get<bool>();
  }
  void value(std::string_view name, std::int64_t& value) override {
    if (const Json* json = find(name))
      value = expect(json->is_number_integer(), *json, name, "a whole number").get<std::int64_t>();
  }
  void value(std::string_view name, double& value) override {
    if (const Json* json = find(name)) value = number(*json, name);
  }
  void value(std::string_view name, std::string& value) override {
    if (const Json* json = find(name)) value = expect(json->is_string(), *json, name, "a string").get<std::string>();
  }
  void value(std::string_view name, std::vector<double>& value) override {
    const Json* json = find(name);
    if (!json) return;
    expect(json->is_array(), *json, name, "a list of numbers");
    value.clear();
    for (const Json& element : *json) value.push_back(number(element, name));
  }
  void value(std::string_view name, std::vector<std::string>& value) override {
    const Json* json = find(name);
    if (!json) return;
    expect(json->is_array(), *json, name, "a list of strings");
    value.clear();
    for (const Json& element : *json)
      value.push_back(expect(element.is_string(), element, name, "a list of strings").get<std::string>());
  }
  bool open(std::string_view name) override {
    Frame& top = stack_.back();
    if (top.json->is_array()) {
      const std::size_t i = top.next++;
      enter(&(*top.json)[i], text(top.path, "[", i, "]"));
      return true;
    }
    const Json* json = find(name);
    if (json) enter(json, text(top.path, ".", name));
    return json != nullptr;
  }
  void close() override {
    check_unknown();
    stack_.pop_back();
  }
  std::size_t open_list(std::string_view name, std::size_t) override {
    static const Json empty = Json::array();
    const Json* json = find(name);
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
    for (const auto& item : top.json->items())
      if (!top.known.count(item.key()))
        throw ConfigError(text(top.path, ": expected the fields ", quoted_list(top.known), ", received \"", item.key(),
                               "\" as well"));
  }

 private:
  struct Frame {
    const Json* json;
    std::string path;
    std::set<std::string> known;
    std::size_t next;
  };

  void enter(const Json* json, std::string path) {
    if (!json->is_object())
      throw ConfigError(text(path, ": expected an object, received ", json->dump().substr(0, 40)));
    stack_.push_back({json, std::move(path), {}, 0});
  }
  const Json* find(std::string_view name) {
    Frame& top = stack_.back();
    top.known.emplace(name);
    const auto found = top.json->find(std::string(name));
    return found == top.json->end() ? nullptr : &*found;
  }
  const Json& expect(bool good, const Json& json, std::string_view name, std::string_view expected) const {
    if (!good)
      fail(name, text("expected ", expected, ", received ",
                      json.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 40)));
    return json;
  }
  double number(const Json& json, std::string_view name) const {
    if (json.is_number()) return json.get<double>();
    if (json.is_string()) {
      const auto& word = json.get_ref<const std::string&>();
      if (word == "NaN") return std::nan("");
      if (word == "Infinity") return HUGE_VAL;
      if (word == "-Infinity") return -HUGE_VAL;
    }
    return expect(false, json, name, "a number").get<double>();
  }

  const Factory* factory_;
  std::vector<Frame> stack_;
};

/// The fields of any component with `visit(FieldVisitor&)` or `fields`.
template <class C>
Json write_json(C component) {
  Json json;
  JsonWriter writer(json);
  if constexpr (requires { component.visit(writer); })
    component.visit(writer);
  else
    visit_fields(writer, component);
  return json;
}
template <class C>
void read_json(const Json& json, const std::string& path, C& component, const Factory* factory = nullptr) {
  JsonReader reader(json, path, factory);
  if constexpr (requires { component.visit(reader); })
    component.visit(reader);
  else
    visit_fields(reader, component);
  reader.check_unknown();
}

}  // namespace foretell
