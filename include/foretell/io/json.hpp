// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/factory.hpp"
#include "foretell/formats/json.hpp"

// Fields of components as JSON.

namespace foretell {

/// Writes fields into a JSON object. Numbers keep every bit; NaN and infinities become strings.
class JsonWriter final : public FieldVisitor {
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
    return top.is_array() ? top.push_back(std::move(value)) : top.add(name, std::move(value));
  }
  void push(std::string_view name, Json value) { stack_.push_back(&put(name, std::move(value))); }

  std::vector<Json*> stack_;
};

/// Reads fields from a JSON object. Errors say where: "$.nodes[3].config.units: expected a number, received "x"".
class JsonReader final : public FieldVisitor {
 public:
  JsonReader(const Json& root, std::string path, const Factory* factory = nullptr) : factory_(factory) {
    enter(&root, std::move(path));
  }

  bool reading() const override { return true; }
  void value(std::string_view name, bool& value) override {
    if (const Json* json = find(name, &Json::is_boolean, "true or false")) value = json->boolean();
  }
  void value(std::string_view name, std::int64_t& value) override {
    if (const Json* json = find(name, &Json::is_integer, "a whole number of 64 bits")) value = json->integer();
  }
  void value(std::string_view name, double& value) override {
    if (const Json* json = find(name)) value = number(*json, name);
  }
  void value(std::string_view name, std::string& value) override {
    if (const Json* json = find(name, &Json::is_string, "a string")) value = json->string();
  }
  void value(std::string_view name, std::vector<double>& value) override {
    const Json* json = find(name, &Json::is_array, "a list of numbers");
    if (!json) return;
    value.clear();
    for (const Json& element : json->values()) value.push_back(number(element, name));
  }
  void value(std::string_view name, std::vector<std::string>& value) override {
    const Json* json = find(name, &Json::is_array, "a list of strings");
    if (!json) return;
    value.clear();
    for (const Json& element : json->values())
      value.push_back(expect(element.is_string(), element, name, "a list of strings").string());
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
    const Json* json = find(name, &Json::is_array, "a list");
    stack_.push_back({json ? json : &nothing_, text(stack_.back().path, ".", name), {}, 0});
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
    for (const std::string& name : top.json->names())
      if (!top.known.count(name))
        throw ConfigError(
            text(top.path, ": expected the fields ", quoted_list(top.known), ", received \"", name, "\" as well"));
  }

 private:
  struct Frame {
    const Json* json;
    std::string path;
    std::set<std::string> known;
    std::size_t next;
  };

  void enter(const Json* json, std::string path) {
    if (!json->is_object()) throw ConfigError(text(path, ": expected an object, received ", json->shown()));
    stack_.push_back({json, std::move(path), {}, 0});
  }
  const Json* find(std::string_view name) {
    Frame& top = stack_.back();
    top.known.emplace(name);
    return top.json->find(name);
  }
  const Json* find(std::string_view name, bool (Json::*is)() const, std::string_view expected) {
    const Json* json = find(name);
    if (json) expect((json->*is)(), *json, name, expected);
    return json;
  }
  const Json& expect(bool good, const Json& json, std::string_view name, std::string_view expected) const {
    if (!good) fail(name, text("expected ", expected, ", received ", json.shown()));
    return json;
  }
  double number(const Json& json, std::string_view name) const {
    if (json.is_string()) {
      if (json.string() == "NaN") return std::numeric_limits<double>::quiet_NaN();
      if (json.string() == "Infinity") return std::numeric_limits<double>::infinity();
      if (json.string() == "-Infinity") return -std::numeric_limits<double>::infinity();
    }
    return expect(json.is_number(), json, name, "a number").number();
  }

  const Factory* factory_;
  const Json nothing_ = Json::array();
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
template <class C>
Json write_json(C component) {
  Json json;
  JsonWriter writer(json);
  detail::show(writer, component);
  return json;
}
template <class C>
void read_json(const Json& json, const std::string& path, C&& component, const Factory* factory = nullptr) {
  JsonReader reader(json, path, factory);
  detail::show(reader, component);
  reader.check_unknown();
}

}  // namespace foretell
