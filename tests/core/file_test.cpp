// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/core/file.hpp>

#include <filesystem>
#include <iterator>

#include "support/folder.hpp"

using foretell::support::Folder, foretell::support::read_file;

TEST_CASE("OutputFile: two writers of one file do not write into each other; the last to commit is there, whole") {
  const Folder folder;
  foretell::OutputFile a(folder / "f"), b(folder / "f");
  a.write("first", 5);
  b.write("second", 6);
  a.commit();
  CHECK(read_file(folder / "f") == "first");
  b.commit();
  CHECK(read_file(folder / "f") == "second");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), std::filesystem::directory_iterator()) == 1);
}
