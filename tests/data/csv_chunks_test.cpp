// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <foretell/core/random.hpp>
#include <foretell/data/concat.hpp>
#include <foretell/data/csv.hpp>
#include <fstream>
#include <string>
#include <vector>

using namespace foretell;
namespace fs = std::filesystem;

namespace {

/// A file that is removed at the end.
struct Scratch {
  fs::path path;
  explicit Scratch(std::string_view content, const std::string& name = "foretell_chunks_test.csv")
      : path(fs::temp_directory_path() / (name + std::to_string(std::hash<std::string_view>()(content)))) {
    std::ofstream(path, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
  }
  ~Scratch() { fs::remove(path); }
};

/// Rows with quotes, line ends within fields, missing values and letters of several bytes.
std::string awkward(std::size_t rows) {
  Random random(7);
  std::string out = "id,text,flag,x\r\n";
  for (std::size_t i = 0; i < rows; ++i) {
    const double u = random.uniform(i);
    out += text(i, ",",
                u < 0.2   ? "\"a \"\"b\"\"\r\nc, d\""
                : u < 0.5 ? "größe 中文"
                : u < 0.6 ? ""
                          : text("t", i % 17),
                ",", u < 0.7 ? "yes" : "no", ",", u < 0.1 ? std::string("NA") : text(u), i % 3 ? "\n" : "\r\n");
    if (i % 11 == 5) out += "\n";
  }
  return out;
}

Table joined(const std::vector<Table>& parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) out += to_csv(parts[i], {.header = i == 0});
  return read_csv_text(out);
}

}  // namespace

TEST_CASE("CsvChunks: the chunks are the rows of the file, whatever their size") {
  const std::string content = awkward(5000);
  const Scratch file(content);
  const Table whole = read_csv_text(content);
  REQUIRE(whole.rows() == 5000);
  for (const std::size_t rows : {7u, 1000u, 4999u, 5000u, 5001u, 100000u}) {
    CAPTURE(rows);
    std::vector<Table> parts;
    for (const Table& part : CsvChunks(file.path, rows, {.dtypes = {{"text", Kind::category}}})) parts.push_back(part);
    CHECK(parts.size() == (5000 + rows - 1) / rows);
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) CHECK(parts[i].rows() == rows);
    CHECK(joined(parts) == whole);
  }
}

TEST_CASE("CsvChunks: rows longer than what is read at once, and a file without a last line end") {
  std::string content = "a;b\n";
  for (int i = 0; i < 6; ++i) content += text("\"", std::string(700000, static_cast<char>('a' + i)), "\n;\";", i, "\n");
  content += "last;6";
  const Scratch file(content);
  std::vector<Table> parts;
  for (const Table& part : CsvChunks(file.path, 2, {.delimiter = '\0'})) parts.push_back(part);
  REQUIRE(parts.size() == 4);
  CHECK(parts[0].rows() == 2);
  CHECK(parts[2].column("a").text(1).size() == 700002);
  CHECK(parts[3].rows() == 1);
  CHECK(parts[3].column("b").number(0) == 6);
}

TEST_CASE("CsvChunks: headers, empty files, max_rows") {
  const Scratch header("a,b\n"), empty(""), rows("a,b\n1,x\n2,y\n3,z\n");
  CsvChunks chunks(header.path);
  const auto only = chunks.next();
  REQUIRE(only);
  CHECK(only->names() == std::vector<std::string>{"a", "b"});
  CHECK(only->rows() == 0);
  CHECK(!chunks.next());
  CHECK_THROWS_WITH_AS(CsvChunks(empty.path).next(), doctest::Contains("the file is empty"), DataError);
  CHECK_THROWS_AS(CsvChunks("/nonexistent/file.csv"), FormatError);
  CHECK_THROWS_AS(CsvChunks(rows.path, 0), ConfigError);
  CsvChunks two(rows.path, 1, {.max_rows = 2, .columns = {"b"}});
  CHECK(*two.next() == Table{{"b", {"x"}}});
  CHECK(*two.next() == Table{{"b", {"y"}}});
  CHECK(!two.next());
}

TEST_CASE("CsvChunks: a value of another kind than the first rows' names its line in the file") {
  const Scratch file("a,b\n1,\"x\n\"\n2,y\n3,z\nfour,w\n");
  CsvChunks chunks(file.path, 2);
  CHECK(chunks.next()->rows() == 2);
  CHECK_THROWS_WITH_AS(chunks.next(),
                       doctest::Contains("line 6, column \"a\": \"four\" is not a number, as the first rows are"),
                       DataError);
  CsvChunks text(file.path, 2, {.dtypes = {{"a", Kind::category}}});
  text.next();
  CHECK(text.next()->column("a").text(1) == "four");
}

TEST_CASE("CsvChunks: codes after the first rows are errors that say what to do") {
  const Scratch file(
      "zip,id,hash\n90210,1,5\n10001,2,6\n60601,3,7\n02116,9007199254740993,73928e05\n00501,9007199254740992,8\n");
  for (const char* column : {"zip", "id", "hash"}) {
    CsvChunks chunks(file.path, 3, {.columns = {column}});
    chunks.next();
    CHECK_THROWS_WITH_AS(chunks.next(), doctest::Contains(text("line 5, column \"", column, "\": ").c_str()),
                         DataError);
  }
  CsvChunks zips(file.path, 3, {.columns = {"zip"}});
  zips.next();
  CHECK_THROWS_WITH_AS(
      zips.next(),
      doctest::Contains("\"02116\" is a code that a number would damage, not a number, as the first rows "
                        "are; read the column as category: CsvOptions::dtypes."),
      DataError);
  std::vector<Table> parts;
  for (const Table& part :
       CsvChunks(file.path, 3, {.dtypes = {{"zip", Kind::category}, {"id", Kind::category}, {"hash", Kind::category}}}))
    parts.push_back(part);
  CHECK(concat(parts) == read_csv(file.path));
  // The caller may want the numbers.
  CsvChunks numbers(file.path, 3, {.columns = {"zip"}, .dtypes = {{"zip", Kind::number}}});
  numbers.next();
  CHECK(numbers.next()->column("zip").numbers() == std::vector<double>{2116, 501});
}

TEST_CASE("CsvChunks: the kinds are those of the whole file, or there is an error") {
  const std::vector<std::string> cells{"1",   "2.5", "007", "yes", "No", "0", "x",  "-",        "NA",  "",     "1e400",
                                       "inf", "?",   ".",   "5",   "7",  "9", "12", "73928e05", "3e4", "\"8\""};
  std::size_t same = 0, errors = 0;
  for (std::uint64_t round = 0; round < 3000; ++round) {
    const Random random(round);
    std::uint64_t draw = 2;
    const std::uint64_t variety = 1 + random.below(0, cells.size()), start = random.below(1, cells.size());
    std::string content = "a,b\n";
    for (std::uint64_t rows = 1 + random.below(draw++, 8); rows > 0; --rows)
      content += text(cells[(start + random.below(draw++, variety)) % cells.size()], ",", rows, "\n");
    CAPTURE(content);
    const Scratch file(content);
    const bool quoted = random.below(draw++, 2);
    try {
      std::vector<Table> parts;
      for (const Table& part : CsvChunks(file.path, 1 + random.below(draw++, 4), {.quoted_is_text = quoted}))
        parts.push_back(part);
      CHECK(concat(parts) == read_csv(file.path, {.quoted_is_text = quoted}));
      ++same;
    } catch (const DataError&) {
      ++errors;
    }
  }
  CHECK(same > 1000);
  CHECK(errors > 100);
}

TEST_CASE("CsvChunks: Latin-1 and bytes that are no text") {
  std::string latin = "a,b\n";
  for (int i = 0; i < 300; ++i) latin += "\xE9\xFC,1\n";
  const Scratch file(latin);
  std::size_t rows = 0;
  for (const Table& part : CsvChunks(file.path, 7, {.encoding = Encoding::latin1})) {
    rows += part.rows();
    CHECK(part.column("a").text(part.rows() - 1) == "éü");
  }
  CHECK(rows == 300);
  CHECK_THROWS_WITH_AS(CsvChunks(file.path, 7).next(), doctest::Contains("not UTF-8"), DataError);
  const Scratch zero(std::string("a\n1\n\0\n", 6));
  CHECK_THROWS_WITH_AS(CsvChunks(zero.path, 7).next(), doctest::Contains("zero byte"), DataError);
}

TEST_CASE("read_csv: the same table at any number of threads") {
  const std::string content = awkward(3000);
  const Table whole = read_csv_text(content);
  for (const std::size_t threads : {2u, 3u, 8u}) CHECK(read_csv_text(content, {.threads = threads}) == whole);
  // Of several problems the one of the first rows is told.
  std::string late = "a,b\n";
  for (int i = 0; i < 400000; ++i) late += i == 300000 ? "x,1\n" : i == 399999 ? "1\n" : "1,2\n";
  for (const std::size_t threads : {1u, 2u})
    CHECK_THROWS_WITH_AS(read_csv_text(late, {.dtypes = {{"a", Kind::number}}, .threads = threads}),
                         doctest::Contains("line 300002, column \"a\""), DataError);
}

TEST_CASE("read_csv: rows that end early are filled when asked") {
  const Table table = read_csv_text("a,b,c\n1,x,2\n3\n4,\n5,y,6\n", {.fill = true});
  CHECK(table.rows() == 4);
  CHECK(table.column("b").missing(1));
  CHECK(table.column("c").missing(2));
  CHECK(table.column("c").number(3) == 6);
  CHECK_THROWS_WITH_AS(read_csv_text("a,b\n1,2,3\n", {.fill = true}), doctest::Contains("received 3"), DataError);
}

#if defined(FORETELL_HAVE_ZLIB)
namespace {

std::string packed(std::string_view text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

TEST_CASE("read_csv: files packed with gzip, whole, in several members, in chunks, damaged, cut off") {
  const std::string content = awkward(4000), small = packed(content);
  const Table whole = read_csv_text(content);
  CHECK(read_csv(Scratch(small).path) == whole);
  const std::size_t half = content.find("2000,");
  CHECK(read_csv(Scratch(packed(content.substr(0, half)) + packed(content.substr(half))).path) == whole);
  std::vector<Table> parts;
  const Scratch file(small);
  for (const Table& part : CsvChunks(file.path, 999)) parts.push_back(part);
  CHECK(parts.size() == 5);
  CHECK(joined(parts) == whole);
  CHECK_THROWS_WITH_AS(read_csv(Scratch(small.substr(0, small.size() - 9)).path), doctest::Contains("cut off"),
                       DataError);
  // Zero bytes behind a member are padding, as gzip and Python's gzip have it; anything else there is damage.
  for (const std::size_t zeros : {1u, 2u, 511u, 200000u}) {
    const std::string padding(zeros, '\0');
    CHECK(read_csv(Scratch(small + padding).path) == whole);
    CHECK(read_csv(Scratch(packed(content.substr(0, half)) + padding + packed(content.substr(half)) + padding).path) ==
          whole);
    for (const char* garbage : {"x", "garbage behind the last member", "\x1f\x8b"})
      CHECK_THROWS_AS(read_csv(Scratch(small + padding + garbage).path), DataError);
  }
  CHECK_THROWS_AS(read_csv(Scratch(small + "garbage behind the last member").path), DataError);
  std::string damaged = small;
  for (std::size_t i = 100; i < 140; ++i) damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
  CHECK_THROWS_AS(read_csv(Scratch(damaged).path), DataError);
}
#endif
