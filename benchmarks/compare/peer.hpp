// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace bench {

/// A network of Dense layers with relu, and its training: Adam, learning rate 0.001, cross-entropy, shuffled rows.
struct Workload {
  std::string name;
  std::size_t inputs;
  std::vector<std::size_t> hidden;
  std::size_t outputs;  ///< 1: a sigmoid; more: a softmax
  double dropout;       ///< after the hidden layers; 0 is none
  std::size_t batch, rows;
};
/// Row-major rows; the label of a row is 0 or 1, or the number of its class.
struct Data {
  std::vector<float> x, labels;
};

/// One library with one workload's network.
class Peer {
 public:
  virtual ~Peer() = default;
  /// Trains over the first `rows` rows of the data, `epochs` times.
  virtual void train(std::size_t rows, std::size_t epochs) = 0;
  /// Writes the answers to `rows` rows: probabilities, or for a softmax what rises with them.
  virtual void predict(const float* x, std::size_t rows, float* answers) = 0;
};

/// A library that is compared. A new one is a file that defines `Library name()` and a bench_peer line in
/// CMakeLists.txt.
struct Library {
  std::string name, version;
  /// No peer for a number of threads that the library cannot use. `data` outlives the peer.
  std::unique_ptr<Peer> (*make)(const Workload& work, const Data& data, std::size_t threads);
};

}  // namespace bench
