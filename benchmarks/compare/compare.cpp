// SPDX-License-Identifier: BSD-3-Clause
// Whole workloads beside other libraries, in turns, and a Markdown table of medians and ratios:
//
//   cmake --preset bench && cmake --build --preset bench --target bench_compare
//   build/bench/benchmarks/compare/bench_compare [--work T1,I1] [--threads 1,2] [--peers foretell,libtorch] [--json]
//                                                [--blocks 7] [--seconds 0.3]
//
// T1 to T3 are a training step with shuffled rows, I1 and I2 an answer of the networks of T1 and T2. Random float32
// data. A block is some 0.3 s of one library; blocks of all take turns, after 30 ms of sleep so that no waiting thread
// of the last one is in the way. Times are medians of blocks; a time in brackets is divided by foretell's, above 1
// foretell is faster. --json prints each block instead, for peers.py beside this file, which adds the Python libraries.
// Threads that wait do not spin: OMP_WAIT_POLICY is passive unless set.
#include "compare/peer.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace bench {

#define BENCH_PEER(peer) Library peer();
BENCH_PEERS
#undef BENCH_PEER

namespace {

const std::vector<Workload> workloads{{"T1", 5, {64}, 1, 0.2, 32, 10000},
                                      {"T2", 64, {256, 128}, 1, 0, 256, 50000},
                                      {"T3", 784, {1024, 1024}, 10, 0, 128, 12800}};

struct Options {
  std::vector<std::string> work{"T1", "T2", "T3", "I1", "I2"}, threads{"1", "2"}, peers;
  std::size_t blocks = 7;
  double seconds = 0.3;
  bool json = false;
  bool wants(const std::vector<std::string>& list, const std::string& name) const {
    return list.empty() || std::find(list.begin(), list.end(), name) != list.end();
  }
};

Options parse(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string name = arguments[i];
    if (name == "--json") {
      options.json = true;
      continue;
    }
    if (++i == count) throw std::invalid_argument("expected a value after " + name);
    std::istringstream value(arguments[i]);
    std::vector<std::string> list;
    for (std::string item; std::getline(value, item, ',');) list.push_back(item);
    if (name == "--work")
      options.work = list;
    else if (name == "--threads")
      options.threads = list;
    else if (name == "--peers")
      options.peers = list;
    else if (name == "--blocks")
      options.blocks = std::stoul(arguments[i]);
    else if (name == "--seconds")
      options.seconds = std::stod(arguments[i]);
    else
      throw std::invalid_argument("unknown option " + name + "; the first lines of compare.cpp tell them all");
  }
  return options;
}

/// Standard normal numbers; the label shifts some of them, so that every library can learn it.
Data random_data(const Workload& work) {
  std::mt19937 generator(1);
  std::normal_distribution<float> normal;
  Data data;
  const std::size_t classes = std::max<std::size_t>(work.outputs, 2), share = work.inputs / classes;
  for (std::size_t i = 0; i < work.rows; ++i) {
    const std::size_t label = generator() % classes;
    data.labels.push_back(static_cast<float>(label));
    for (std::size_t j = 0; j < work.inputs; ++j)
      data.x.push_back(normal(generator) + (j / share == label ? 1.f : 0.f));
  }
  return data;
}

using Clock = std::chrono::steady_clock;
double seconds_of(Clock::duration time) { return std::chrono::duration<double>(time).count(); }
double now() { return seconds_of(Clock::now().time_since_epoch()); }
double quantile(std::vector<double> values, double q) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// OpenBLAS's threads, which are the process's and those of every library that uses it; nothing where there is none.
void set_blas_threads(std::size_t threads) {
  if (void* const set = dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))
    reinterpret_cast<void (*)(int)>(set)(static_cast<int>(threads));
}

struct Runner {
  const Library* entrant;
  std::unique_ptr<Peer> peer;
  std::size_t steps = 1;  ///< of a block
};

/// Seconds a step, over whole epochs or, where an epoch is longer than `steps`, over its first rows.
double train(Peer& peer, const Workload& work, std::size_t steps) {
  const std::size_t epoch = (work.rows + work.batch - 1) / work.batch, epochs = std::max<std::size_t>(1, steps / epoch);
  const std::size_t rows = std::min(work.rows, steps * work.batch);
  const double start = now();
  peer.train(rows, epochs);
  return (now() - start) / static_cast<double>(std::min(steps, epoch) * epochs);
}

/// Trains until a block's steps are known, and checks that 300 steps or more have taught the labels of the first rows.
void warm_up(Runner& runner, const Workload& work, const Data& data, double seconds) {
  std::size_t trained = 0;
  for (double spent = 0; spent < seconds / 2; runner.steps *= 2) {
    const double step = train(*runner.peer, work, runner.steps);
    spent = step * static_cast<double>(runner.steps);
    trained += runner.steps;
    if (spent >= seconds / 2) {
      runner.steps = std::max<std::size_t>(1, static_cast<std::size_t>(seconds / step));
      break;
    }
  }
  if (trained < 300) return;
  std::vector<float> answers(work.batch * work.outputs);
  runner.peer->predict(data.x.data(), work.batch, answers.data());
  std::size_t right = 0;
  for (std::size_t i = 0; i < work.batch; ++i) {
    const float* row = &answers[i * work.outputs];
    const auto label = work.outputs == 1 ? (row[0] > 0.5f) : std::max_element(row, row + work.outputs) - row;
    right += static_cast<float>(label) == data.labels[i];
  }
  if (2 * right < work.batch * 5 / 4) throw std::runtime_error(runner.entrant->name + " did not learn " + work.name);
}

/// Seconds of each call of predict with `rows` rows, the clock's own time included.
std::vector<double> predict(Peer& peer, const Workload& work, const Data& data, std::size_t rows, double seconds) {
  std::vector<double> times;
  std::vector<float> answers(rows * work.outputs);
  const double end = now() + seconds;
  for (std::size_t i = 0, warm = rows == 1 ? 200 : 3; now() < end || times.size() < 5;
       i = (i + rows) % (work.rows - rows)) {
    const Clock::time_point start = Clock::now();
    peer.predict(&data.x[i * work.inputs], rows, answers.data());
    const Clock::time_point stop = Clock::now();
    if (warm > 0)
      --warm;
    else
      times.push_back(seconds_of(stop - start));
  }
  return times;
}

/// One line of the table: the seconds of every block of every library.
struct Line {
  std::string work;
  std::string threads;
  double rows;  ///< of which it is the time: shown as rows a second; 0 where the time itself is shown
  std::vector<std::vector<double>> blocks;
};

/// Three digits.
std::string digits(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.*f", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value);
  return buffer;
}
std::string shown(double seconds, double rows) {
  if (rows > 0) {
    const double rate = rows / seconds;
    return rate < 1e6 ? digits(rate / 1e3) + " k/s" : digits(rate / 1e6) + " M/s";
  }
  if (seconds < 1e-6) return digits(seconds * 1e9) + " ns";
  return seconds < 1e-3 ? digits(seconds * 1e6) + " us" : digits(seconds * 1e3) + " ms";
}

class Report {
 public:
  Report(const std::vector<Library>& libraries, bool json) : libraries_(libraries), json_(json) {
    for (const Library& library : libraries)
      if (json) std::printf("{\"peer\": \"%s\", \"version\": \"%s\"}\n", library.name.c_str(), library.version.c_str());
  }
  void add(const std::string& work, const std::string& threads, double rows, const Library& library, double seconds) {
    if (json_) {
      std::printf("{\"work\": \"%s\", \"threads\": %s, \"rows\": %g, \"peer\": \"%s\", \"seconds\": %.6g}\n",
                  work.c_str(), threads.c_str(), rows, library.name.c_str(), seconds);
      std::fflush(stdout);
      return;
    }
    auto line = std::find_if(lines_.begin(), lines_.end(),
                             [&](const Line& l) { return l.work == work && l.threads == threads; });
    if (line == lines_.end())
      line = lines_.insert(line, {work, threads, rows, std::vector<std::vector<double>>(libraries_.size())});
    line->blocks[static_cast<std::size_t>(&library - libraries_.data())].push_back(seconds);
  }
  void print() const {
    if (json_) return;
    std::string head = "| work | threads |", rule = "|---|---|";
    for (const Library& library : libraries_) {
      head += ' ' + library.name + (library.version.empty() ? "" : ' ' + library.version) + " |";
      rule += "---|";
    }
    std::printf("%s\n%s\n", head.c_str(), rule.c_str());
    for (const Line& line : lines_) {
      std::printf("| %s | %s |", line.work.c_str(), line.threads.c_str());
      for (std::size_t i = 0; i < line.blocks.size(); ++i) {
        if (line.blocks[i].empty()) {
          std::printf(" - |");
          continue;
        }
        const double median = quantile(line.blocks[i], 0.5);
        std::printf(" %s", shown(median, line.rows).c_str());
        if (i > 0 && libraries_[0].name == "foretell" && !line.blocks[0].empty())
          std::printf(" (%s)", digits(median / quantile(line.blocks[0], 0.5)).c_str());
        std::printf(" |");
      }
      std::printf("\n");
    }
  }

 private:
  const std::vector<Library>& libraries_;
  bool json_;
  std::vector<Line> lines_;
};

/// Blocks of all libraries in turns.
template <class Block>
void take_turns(const Options& options, std::vector<Runner>& runners, Block block) {
  for (std::size_t i = 0; i < options.blocks; ++i)
    for (Runner& runner : runners) {
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      block(runner);
    }
}

std::vector<Runner> make_peers(const std::vector<Library>& libraries, const Workload& work, const Data& data,
                               std::size_t threads) {
  set_blas_threads(threads);
  std::vector<Runner> runners;
  for (const Library& library : libraries)
    if (std::unique_ptr<Peer> peer = library.make(work, data, threads)) runners.push_back({&library, std::move(peer)});
  return runners;
}

void compare(const Options& options, const std::vector<Library>& libraries, const Workload& work, Report& report) {
  const std::string inference = "I" + work.name.substr(1);
  const bool trains = options.wants(options.work, work.name);
  const bool predicts = options.wants(options.work, inference) && inference != "I3";
  if (!trains && !predicts) return;
  const Data data = random_data(work);
  for (const std::string& threads : options.threads) {
    if (!trains) break;
    std::vector<Runner> runners = make_peers(libraries, work, data, std::stoul(threads));
    for (Runner& runner : runners) warm_up(runner, work, data, options.seconds);
    take_turns(options, runners, [&](Runner& r) {
      report.add(work.name + " step", threads, 0, *r.entrant, train(*r.peer, work, r.steps));
    });
  }
  if (!predicts) return;
  for (const std::string& threads : options.threads) {
    std::vector<Runner> runners = make_peers(libraries, work, data, std::stoul(threads));
    if (threads == "1")
      take_turns(options, runners, [&](Runner& r) {
        const std::vector<double> times = predict(*r.peer, work, data, 1, options.seconds);
        report.add(inference + " one row, p50", threads, 0, *r.entrant, quantile(times, 0.5));
        report.add(inference + " one row, p99", threads, 0, *r.entrant, quantile(times, 0.99));
      });
    take_turns(options, runners, [&](Runner& r) {
      const std::vector<double> times = predict(*r.peer, work, data, 1024, options.seconds);
      report.add(inference + " 1024 rows", threads, 1024, *r.entrant, quantile(times, 0.5));
    });
  }
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

int run(int count, char** arguments) {
  // The OpenMP runtime reads this when it is loaded.
  if (!std::getenv("OMP_WAIT_POLICY") && setenv("OMP_WAIT_POLICY", "passive", 1) == 0)
    execv("/proc/self/exe", arguments);
  const Options options = parse(count, arguments);
  std::vector<Library> libraries;
#define BENCH_PEER(peer) \
  if (Library library = peer(); options.wants(options.peers, library.name)) libraries.push_back(std::move(library));
  BENCH_PEERS
#undef BENCH_PEER
  if (!options.json)
    std::printf("%s, %u hardware threads; medians of %zu blocks; (time / foretell's)\n\n", processor().c_str(),
                std::thread::hardware_concurrency(), options.blocks);
  Report report(libraries, options.json);
  for (const Workload& work : workloads) compare(options, libraries, work, report);
  report.print();
  return 0;
}

}  // namespace

}  // namespace bench

int main(int count, char** arguments) {
  try {
    return bench::run(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_compare: %s\n", error.what());
    return 1;
  }
}
