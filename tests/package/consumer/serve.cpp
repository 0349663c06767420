// SPDX-License-Identifier: BSD-3-Clause
// The serving side by its one include: a file that is not there is an error that names it.
#include <foretell/serving.hpp>

#include <cstdio>
#include <string_view>

int main() {
  try {
    (void)foretell::load<float>("no such file.safetensors");
  } catch (const foretell::Error& error) {
    std::puts(error.what());
    return std::string_view(error.what()).find("no such file.safetensors") != std::string_view::npos ? 0 : 1;
  }
  return 1;
}
