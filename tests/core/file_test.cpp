// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/core/file.hpp>

#include <cstdint>
#include <filesystem>
#include <iterator>
#include <span>
#include <string>

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

TEST_CASE("InputFile: a file and its bytes in memory are read alike, and not beyond their end") {
  const Folder folder;
  foretell::OutputFile out(folder / "f");
  out.write("seven!!", 7);
  out.commit();
  const std::string bytes = read_file(folder / "f");
  foretell::InputFile on_disk(folder / "f"), in_memory(std::as_bytes(std::span(bytes)));
  for (foretell::InputFile* one : {&on_disk, &in_memory}) {
    foretell::InputFile& file = *one;
    char part[3];
    file.read(4, part, 3);
    CHECK(std::string(part, 3) == "n!!");
    CHECK_NOTHROW(file.read(7, part, 0));
    for (const std::uint64_t offset : {std::uint64_t(5), std::uint64_t(8), ~std::uint64_t(0)})
      CHECK_THROWS_WITH_AS(file.read(offset, part, 3),
                           doctest::Contains("received the end of a file of 7 bytes; it is truncated"),
                           foretell::FormatError);
  }
}
