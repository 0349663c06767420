// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <foretell/core/fields.hpp>

#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace foretell::support {

/// Fields as text by name, "outer/inner" for groups: what a component writes, and what it reads back.
class StoredFields {
 public:
  StoredFields() = default;
  StoredFields(std::initializer_list<std::pair<const std::string, std::string>> fields) : text_(fields) {}
  std::string& operator[](const std::string& name) { return text_[name]; }
  const std::map<std::string, std::string>& all() const { return text_; }

  class Visitor final : public FieldVisitor {
   public:
    Visitor(StoredFields& stored, bool reads) : text_(stored.text_), reads_(reads) {}
    bool reading() const override { return reads_; }
    void value(std::string_view name, bool& v) override {
      exchange(name, v ? "true" : "false", [&](const std::string& s) { v = s == "true"; });
    }
    void value(std::string_view name, std::int64_t& v) override {
      exchange(name, text(v), [&](const std::string& s) { v = std::strtoll(s.c_str(), nullptr, 10); });
    }
    void value(std::string_view name, double& v) override {
      exchange(name, text(v), [&](const std::string& s) { v = std::strtod(s.c_str(), nullptr); });
    }
    void value(std::string_view name, std::string& v) override {
      exchange(name, v, [&](const std::string& s) { v = s; });
    }
    void value(std::string_view name, std::vector<double>&) override { fail(name, "lists are not kept here"); }
    void value(std::string_view name, std::vector<std::string>&) override { fail(name, "lists are not kept here"); }
    bool open(std::string_view name) override {
      prefix_ += std::string(name) + "/";
      return true;
    }
    void close() override { prefix_.erase(prefix_.rfind('/', prefix_.size() - 2) + 1); }
    std::size_t open_list(std::string_view name, std::size_t) override { fail(name, "lists are not kept here"); }
    void close_list() override {}
    [[noreturn]] void fail(std::string_view name, const std::string& problem) const override {
      throw ConfigError(text(prefix_, name, ": ", problem));
    }

   private:
    template <class Read>
    void exchange(std::string_view name, std::string now, Read read) {
      const std::string key = prefix_ + std::string(name);
      if (!reads_)
        text_[key] = std::move(now);
      else if (const auto found = text_.find(key); found != text_.end())
        read(found->second);
    }

    std::map<std::string, std::string>& text_;
    bool reads_;
    std::string prefix_;
  };

  /// Of a component with fields() or of an erased one with visit().
  void write(auto& component) { exchange(component, false); }
  void read(auto& component) { exchange(component, true); }

 private:
  void exchange(auto& component, bool reads) {
    Visitor visitor(*this, reads);
    if constexpr (requires { component.visit(visitor); })
      component.visit(visitor);
    else
      visit_fields(visitor, component);
  }

  std::map<std::string, std::string> text_;
};

}  // namespace foretell::support
