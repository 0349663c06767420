// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <foretell/core/error.hpp>

#include <string>

namespace foretell::support {

/// What the E that f() throws says.
template <class E = Error, class F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  }
  return "(nothing thrown)";
}

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace foretell::support
