// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "foretell/core/error.hpp"

namespace foretell {

static_assert(std::endian::native == std::endian::little,
              "files are read and written in the byte order of the machine");

namespace detail {
struct FileClose {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
/// A file that is closed at the end, or null.
using File = std::unique_ptr<std::FILE, FileClose>;
}  // namespace detail

/// A file open for reading, or the bytes of one in memory, of known length. Every read is checked against it.
class InputFile {
 public:
  /// Bytes that outlive this; `name` stands for the path in messages.
  explicit InputFile(std::span<const std::byte> bytes, std::string name = "memory")
      : path_(std::move(name)), memory_(bytes.data()), size_(bytes.size()) {}
  explicit InputFile(std::string path) : path_(std::move(path)), file_(std::fopen(path_.c_str(), "rb")) {
    if (!file_)
      throw FormatError(
          text("\"", path_, "\": expected a file that can be read, received \"", std::strerror(errno), "\""));
    struct ::stat status {};
    if (::fstat(::fileno(file_.get()), &status) != 0 || !S_ISREG(status.st_mode))
      throw FormatError(text("\"", path_, "\": expected a plain file"));
    size_ = static_cast<std::uint64_t>(status.st_size);
  }

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  void read(std::uint64_t offset, void* to, std::size_t bytes) {
    if (offset > size_ || bytes > size_ - offset || !get(offset, to, bytes))
      throw FormatError(text("\"", path_, "\": expected ", bytes, " bytes at offset ", offset,
                             ", received the end of a file of ", size_, " bytes; it is truncated"));
  }

 private:
  bool get(std::uint64_t offset, void* to, std::size_t bytes) {
    if (bytes == 0) return true;
    if (file_)
      return ::fseeko(file_.get(), static_cast<::off_t>(offset), SEEK_SET) == 0 &&
             std::fread(to, 1, bytes, file_.get()) == bytes;
    std::memcpy(to, memory_ + offset, bytes);
    return true;
  }

  std::string path_;
  detail::File file_;
  const std::byte* memory_ = nullptr;
  std::uint64_t size_ = 0;
};

namespace detail {
/// Opens the first of name(0), name(1) ... that nothing has, whoever else looks for one at the same time, and sets
/// `path` to it. Null, and errno, when the file cannot be opened.
template <class Name>
std::FILE* open_new(std::string& path, const Name& name) {
  for (std::size_t number = 0;; ++number) {
    path = name(number);
    std::FILE* const file = std::fopen(path.c_str(), "wbx");
    if (file || errno != EEXIST) return file;
  }
}
}  // namespace detail

/// Writes a file so that under its name there is always the old content or the whole new one: beside it, flushed,
/// renamed. What is no plain file, a pipe or terminal, is written to as it is.
class OutputFile {
 public:
  explicit OutputFile(std::string path) : path_(std::move(path)) {
    struct ::stat status {};
    plain_ = ::stat(path_.c_str(), &status) != 0 || S_ISREG(status.st_mode);
    const auto name = [&](std::size_t number) {
      return text(path_, ".tmp", static_cast<long>(::getpid()), "-", number);
    };
    file_ = plain_ ? detail::open_new(temporary_, name) : std::fopen(path_.c_str(), "wb");
    if (!file_) fail("opened");
  }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile() {
    if (!file_) return;
    std::fclose(file_);
    if (plain_) std::remove(temporary_.c_str());
  }

  void write(const void* from, std::size_t bytes) {
    if (bytes && std::fwrite(from, 1, bytes, file_) != bytes) fail("written");
  }
  void commit() {
    if (std::fflush(file_) != 0 || (plain_ && ::fsync(::fileno(file_)) != 0)) fail("flushed");
    std::FILE* file = std::exchange(file_, nullptr);
    if (std::fclose(file) != 0 || (plain_ && std::rename(temporary_.c_str(), path_.c_str()) != 0)) {
      const std::string reason = std::strerror(errno);
      if (plain_) std::remove(temporary_.c_str());
      throw FormatError(text("\"", path_, "\": expected a file that can be replaced, received \"", reason, "\""));
    }
  }

 private:
  [[noreturn]] void fail(const char* what) const {
    const std::string reason = std::strerror(errno);
    throw FormatError(text("\"", plain_ ? temporary_ : path_, "\": expected a file that can be ", what, ", received \"",
                           reason, "\"; is the folder there, writable and not full?"));
  }

  std::string path_, temporary_;
  bool plain_ = true;
  std::FILE* file_ = nullptr;
};

}  // namespace foretell
