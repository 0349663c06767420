// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(FORETELL_HAVE_ZLIB)
#include <zlib.h>
#endif

#include "foretell/core/error.hpp"
#include "foretell/core/file.hpp"

namespace foretell::detail {

#if defined(FORETELL_HAVE_ZLIB)
/// Unpacks what it is fed, members of gzip one after the other, zero bytes behind each being padding, or, with `raw`,
/// one deflated stream without a header.
class Inflater {
 public:
  explicit Inflater(bool raw = false) : raw_(raw) { start(); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  /// The rest of what was fed; feed more when it is 0.
  std::size_t left() const { return stream_.avail_in; }
  void feed(const char* data, std::size_t size) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data));
    stream_.avail_in = static_cast<uInt>(size);
  }
  /// Whether a member has ended where the input stands.
  bool between() const { return between_; }
  /// Writes at most `room` bytes; returns how many. Throws DataError for damaged input.
  std::size_t take(char* to, std::size_t room, std::string_view source) {
    if (between_) {
      if (raw_) return 0;
      for (; left() > 0 && *stream_.next_in == 0; --stream_.avail_in) ++stream_.next_in;
      if (left() == 0) return 0;
      inflateEnd(&stream_);
      const auto rest = std::pair(stream_.next_in, stream_.avail_in);
      start();
      stream_.next_in = rest.first;
      stream_.avail_in = rest.second;
    }
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(room);
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_STREAM_END)
      between_ = true;
    else if (result != Z_OK && result != Z_BUF_ERROR)
      throw DataError(text(source, ": expected whole compressed data, received damaged data",
                           stream_.msg ? text(" (", stream_.msg, ")") : std::string(), "; fetch the file once more"));
    return room - stream_.avail_out;
  }

 private:
  void start() {
    stream_ = {};
    between_ = false;
    if (inflateInit2(&stream_, raw_ ? -MAX_WBITS : MAX_WBITS + 16) != Z_OK)
      throw DataError("zlib could not be started: out of memory");
  }
  bool raw_, between_ = false;
  z_stream stream_{};
};
#endif

/// The bytes of a file or pipe, front to back; what is compressed with gzip comes unpacked where zlib was found.
class ByteSource {
 public:
  /// Throws FormatError when the file cannot be opened or read.
  explicit ByteSource(std::string path) : path_(std::move(path)), file_(std::fopen(path_.c_str(), "rb")) {
    if (!file_) throw FormatError(text("Cannot open \"", path_, "\": ", std::strerror(errno), "."));
    std::setvbuf(file_.get(), nullptr, _IONBF, 0);
    start_ = raw(front_, sizeof front_);
#if defined(FORETELL_HAVE_ZLIB)
    if (start_ >= 2 && front_[0] == '\x1f' && front_[1] == '\x8b') {
      inflater_ = std::make_unique<Inflater>();
      packed_.resize(std::size_t{1} << 16);
      std::memcpy(packed_.data(), front_, start_);
      inflater_->feed(packed_.data(), std::exchange(start_, 0));
    }
#endif
  }

  const std::string& path() const { return path_; }
  /// Bytes that are left when the system knows it, and nothing is packed; else 0.
  std::size_t known_size() const {
#if defined(FORETELL_HAVE_ZLIB)
    if (inflater_) return 0;
#endif
    std::FILE* const file = file_.get();
    const long at = std::ftell(file);
    if (at < 0 || std::fseek(file, 0, SEEK_END) != 0) return 0;
    const long end = std::ftell(file);
    std::fseek(file, at, SEEK_SET);
    return end < at || end == std::numeric_limits<long>::max() ? 0 : static_cast<std::size_t>(end - at) + start_;
  }
  /// At most `room` bytes, 0 at the end. Throws FormatError when the file cannot be read, DataError when what is packed
  /// is damaged or cut off.
  std::size_t read(char* to, std::size_t room) {
    if (room == 0) return 0;
#if defined(FORETELL_HAVE_ZLIB)
    if (inflater_) return unpacked(to, std::min<std::size_t>(room, std::size_t{1} << 30));
#endif
    if (start_ > taken_) {
      const std::size_t size = std::min(room, start_ - taken_);
      std::memcpy(to, front_ + taken_, size);
      taken_ += size;
      return size;
    }
    return raw(to, room);
  }

 private:
  std::size_t raw(char* to, std::size_t room) {
    const std::size_t got = std::fread(to, 1, room, file_.get());
    if (got < room && std::ferror(file_.get()))
      throw FormatError(text("Cannot read \"", path_, "\": ", std::strerror(errno), "."));
    return got;
  }
#if defined(FORETELL_HAVE_ZLIB)
  std::size_t unpacked(char* to, std::size_t room) {
    for (;;) {
      if (inflater_->left() == 0) {
        const std::size_t got = raw(packed_.data(), packed_.size());
        if (got == 0) {
          if (inflater_->between()) return 0;
          throw DataError(
              text(path_, ": expected whole compressed data, received data that is cut off; fetch the file once more"));
        }
        inflater_->feed(packed_.data(), got);
      }
      if (const std::size_t got = inflater_->take(to, room, path_)) return got;
    }
  }
  std::unique_ptr<Inflater> inflater_;
  std::vector<char> packed_;
#endif

  std::string path_;
  File file_;
  char front_[2] = {};
  std::size_t start_ = 0, taken_ = 0;
};

struct Free {
  void operator()(char* bytes) const { std::free(bytes); }
};

/// Bytes of a file, not cleared before they are read.
struct FileBytes {
  std::unique_ptr<char, Free> data;
  std::size_t size = 0;
  operator std::string_view() const { return {data.get(), size}; }
};

/// Room for `size` bytes, in large pages where the system has them; null when there is no memory.
inline std::unique_ptr<char, Free> file_room(std::size_t size) {
  constexpr std::size_t page = std::size_t{1} << 21;
  if (size < 4 * page || size > std::numeric_limits<std::size_t>::max() - page)
    return std::unique_ptr<char, Free>(static_cast<char*>(std::malloc(size)));
  const std::size_t whole = (size + page - 1) / page * page;
  std::unique_ptr<char, Free> room(static_cast<char*>(std::aligned_alloc(page, whole)));
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  if (room) (void)madvise(room.get(), whole, MADV_HUGEPAGE);
#endif
  return room;
}

/// All bytes of a file, or of a pipe; throws as ByteSource does, and FormatError when they do not fit into memory.
inline FileBytes read_file(const std::string& path) {
  ByteSource source(path);
  std::size_t room = std::max<std::size_t>(65536, source.known_size() + 1);  // 1: to see the end
  const auto need = [&] {
    auto bytes = file_room(room);
    if (!bytes) throw FormatError(text("Cannot read \"", path, "\": its ", room - 1, " bytes do not fit into memory."));
    return bytes;
  };
  FileBytes bytes{need(), 0};
  for (;;) {
    const std::size_t got = source.read(bytes.data.get() + bytes.size, room - bytes.size);
    bytes.size += got;
    if (got == 0) return bytes;
    if (bytes.size < room) continue;
    room *= 2;
    auto larger = need();
    std::memcpy(larger.get(), bytes.data.get(), bytes.size);
    bytes.data = std::move(larger);
  }
}

}  // namespace foretell::detail
