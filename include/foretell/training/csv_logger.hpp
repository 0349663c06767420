// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "foretell/core/error.hpp"
#include "foretell/core/file.hpp"
#include "foretell/training/callback.hpp"

namespace foretell {

struct CSVLoggerOptions {
  char separator = ',';
  bool append = false;  ///< go on with a file that is there, as after a resumed training
};

/// Writes the logs of every epoch as a line of a CSV file: "epoch", counted from 0, then what there is. As
/// keras.callbacks.CSVLogger. Throws FormatError when the file cannot be written.
class CSVLogger {
 public:
  explicit CSVLogger(std::string path, CSVLoggerOptions options = {}) : path_(std::move(path)), options_(options) {}

  void on_epoch_end(const EpochLogs& logs) {
    const bool first = !started_ && !(options_.append && exists());
    const detail::File file(std::fopen(path_.c_str(), started_ || options_.append ? "a" : "w"));
    std::string lines;
    if (first) {
      lines = "epoch";
      for (const auto& [name, value] : logs.values()) lines += options_.separator + name;
      lines += '\n';
    }
    lines += text(logs.epoch());
    for (const auto& [name, value] : logs.values()) lines += options_.separator + text(value);
    lines += '\n';
    if (!file || std::fwrite(lines.data(), 1, lines.size(), file.get()) != lines.size() || std::fflush(file.get()) != 0)
      throw FormatError(text("CSVLogger: expected a file that can be written, received \"", path_, "\", ",
                             std::strerror(errno), "; is the folder there?"));
    started_ = true;
  }

 private:
  bool exists() const {
    const detail::File file(std::fopen(path_.c_str(), "r"));
    return file && std::fgetc(file.get()) != EOF;
  }

  std::string path_;
  CSVLoggerOptions options_;
  bool started_ = false;
};

}  // namespace foretell
