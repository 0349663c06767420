// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "foretell/kernels/dropout.hpp"
#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/gemm.hpp"
#include "foretell/kernels/rnn.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell::detail {

/// What the three recurrent layers are made of, but for their cells: the walk through time, states, masks, dropout and
/// the products with all weights. Time goes over arrays of (steps, rows, n), so that each step's rows lie together and
/// the gradients of the weights are single products over all steps.
///
/// A Cell<T> has `gates`, the columns of the kernel in units, `width`, what it keeps of a row and step in units (first
/// of all x W + b, from its `bias`), and `has_memory` for a second state; step and step_back see one step of all rows.
/// needs_sums says that derivatives of the activations need the sums before them.
template <class T, class Cell, class Options>
class Recurrent {
 public:
  Shape build(Build<T>& b) {
    constexpr std::size_t states = Cell::has_memory ? 2 : 1;
    if (units_ == 0 || units_ > (std::size_t(1) << 24))
      b.fail_option(text("expected units of at least 1, received ", units_, "; say how long the hidden state is"));
    const auto rate = [&](std::string_view name, double value) {
      if (!(value >= 0 && value < 1)) b.fail_option(text("expected a ", name, " in [0, 1), received ", value));
    };
    rate("dropout", options_.dropout);
    rate("recurrent_dropout", options_.recurrent_dropout);
    if (options_.return_sequences && options_.return_state)
      b.fail_option(
          "expected return_sequences or return_state, received both; apply the layer twice with share() to have both");
    if (b.input().rank() != 2 || b.input().back() == 0)
      b.fail_shape("steps of at least one number (*, steps, n)", "put Reshape or Embedding in front");
    if (b.inputs().size() > 2 || (b.inputs().size() == 2 && !(b.input(1) == Shape{states * units_})))
      b.fail_shape(text("a sequence and, at most, a first state (*, ", states * units_, ")"));
    cell_.check(b, options_);
    steps_ = b.input().front();
    n_ = b.input().back();
    const std::size_t columns = Cell::gates * units_;
    kernel_ =
        b.parameter("kernel", {n_, columns}, options_.kernel_initializer, {.regularizer = options_.kernel_regularizer});
    recurrent_kernel_ = b.parameter("recurrent_kernel", {units_, columns}, options_.recurrent_initializer,
                                    {.regularizer = options_.recurrent_regularizer});
    cell_.build(b, units_, options_);
    const std::size_t kept = b.training() ? steps_ : 1, more = b.training() ? 1 : 0;
    const std::size_t at_once = b.training() ? 1 : steps_at_once();
    work_ = b.stash(kept * Cell::width * units_, (at_once - 1) * Cell::width * units_);
    h_ = b.stash((kept + more) * units_);
    if (Cell::has_memory) c_ = b.stash((kept + more) * units_);
    if (b.training()) {
      x_ = b.stash(steps_ * n_);
      if (Cell::needs_sums(options_)) sums_ = b.stash(steps_ * columns);
      if (options_.recurrent_dropout > 0) dropped_ = b.stash(steps_ * units_);
      if (options_.dropout > 0) input_mask_ = b.stash(n_);
      if (options_.recurrent_dropout > 0) state_mask_ = b.stash(units_);
      dh_ = b.scratch(2 * units_);
      dc_ = b.scratch(units_);
      turned_ = b.scratch(0, columns * std::max(units_, n_));
    }
    if (!options_.go_backwards) {
      h_carry_ = b.carry(units_);
      if (Cell::has_memory) c_carry_ = b.carry(units_);
    }
    if (!options_.return_sequences)
      b.set_mask(MaskFlow::drop);
    else if (options_.go_backwards && b.masked())
      b.set_mask(MaskFlow::make);
    if (options_.return_sequences) return {steps_, units_};
    return {units_ * (options_.return_state ? 1 + states : 1)};
  }

  void forward(const Pass<T>& pass, Ins<T> in, Out<T> y) const {
    const In<T> x = in[0];
    const std::size_t rows = x.rows(), u = units_;
    if (rows == 0) return;
    const bool keeps = pass.keeps();
    T *h = pass[h_], *c = Cell::has_memory ? pass[c_] : nullptr;
    start(pass, in, h, c);
    if (keeps) gather(pass, x);
    pass.split(rows, rows_of_a_part, work_of(rows),
               [&](std::size_t first, std::size_t end) { walk(pass, x, y, first, end - first); });
    const std::size_t last = keeps ? steps_ * rows * u : 0;
    if (!options_.return_sequences) finish(rows, h + last, c ? c + last : nullptr, y);
    if (T* carry = h_carry_ ? pass[h_carry_] : nullptr) {
      kernels::copy(rows * u, h + last, carry);
      if (c) kernels::copy(rows * u, c + last, pass[c_carry_]);
    }
  }

  void backward(const Pass<T>& pass, Ins<T> in, In<T>, Out<T> dy, Outs<T> dx) const {
    const In<T> x = in[0];
    const std::size_t rows = x.rows(), u = units_, columns = Cell::gates * u, wide = Cell::width * u;
    if (rows == 0) return;
    T *work = pass[work_], *dh = pass[dh_], *dc = pass[dc_], *turned = pass[turned_];
    kernels::fill(rows * u, 0, dh);
    kernels::fill(rows * u, 0, dc);
    if (!options_.return_sequences) unfinish(rows, dy, dh, dc);
    kernels::transpose(u, columns, pass[recurrent_kernel_].data(), columns, turned, u);
    pass.split(rows, rows_of_a_part, work_of(rows),
               [&](std::size_t first, std::size_t end) { walk_back(pass, x, dy, first, end - first); });
    const std::size_t all = steps_ * rows;
    const T* read = dropped_ ? pass[dropped_] : pass[h_];
    cell_.weight_gradients(pass, all, u, n_, pass[x_], work, read, pass.gradient(kernel_).data(),
                           pass.gradient(recurrent_kernel_).data());
    if (in.size() > 1 && dx[1]) join(rows, dh, dc, dx[1].data());
    if (!dx[0]) return;
    kernels::transpose(n_, columns, pass[kernel_].data(), columns, turned, n_);
    pass.split(steps_, 1, all * n_ * columns, [&](std::size_t first, std::size_t end) {
      for (std::size_t s = first; s < end; ++s) {
        T* to = dx[0].data() + time(s) * n_;
        kernels::gemm_nn(rows, n_, columns, work + s * rows * wide, wide, turned, n_, to, steps_ * n_, false);
        if (input_mask_)
          for (std::size_t r = 0; r < rows; ++r)
            kernels::multiply(n_, to + r * steps_ * n_, pass[input_mask_] + r * n_, to + r * steps_ * n_);
      }
    });
  }

  /// With go_backwards: the steps of the output, in the order they were taken.
  void make_mask(const Pass<T>&, Ins<T> in, std::uint8_t* mask) const {
    for (std::size_t r = 0; r < in[0].rows(); ++r)
      for (std::size_t s = 0; s < steps_; ++s) mask[r * steps_ + s] = in[0].mask()[r * steps_ + time(s)];
  }
  void fields(auto&& f) {
    f("units", units_);
    options_.fields(f);
  }
  std::size_t units() const { return units_; }
  bool is_stepwise() const { return !options_.go_backwards; }

 protected:
  Recurrent() = default;
  Recurrent(std::size_t units, Options options) : units_(units), options_(std::move(options)) {}

 private:
  static constexpr std::size_t rows_of_a_part = 8;  ///< the least that a thread takes

  /// Multiplications of a walk, about.
  std::size_t work_of(std::size_t rows) const { return rows * steps_ * Cell::gates * units_ * (n_ + units_); }

  /// All steps of `count` rows from `first` on.
  void walk(const Pass<T>& pass, In<T> x, Out<T> y, std::size_t first, std::size_t count) const {
    const std::size_t rows = x.rows(), u = units_;
    const bool keeps = pass.keeps();
    const std::size_t at_once = rows == 1 && !keeps ? steps_at_once() : 1;
    for (std::size_t s = 0; s < steps_; ++s) {
      const std::size_t t = time(s), slot = keeps ? s : 0, at = slot * rows + first, next = keeps ? rows * u : 0;
      const std::uint8_t* mask = x.mask() ? x.mask() + first * steps_ + t : nullptr;
      T *h = pass[h_] + at * u, *c = Cell::has_memory ? pass[c_] + at * u : nullptr;
      T *work = pass[work_] + at * Cell::width * u, *dropped = keeps && dropped_ ? pass[dropped_] + at * u : nullptr;
      work += s % at_once * Cell::width * u;
      const bool skipped = mask && none_real(mask, count);
      if (at_once > 1 ? s % at_once == 0 : !skipped)
        read(pass, at_once > 1 ? std::min(at_once, steps_ - s) : count,
             keeps ? pass[x_] + at * n_ : x.row(first) + t * n_, keeps || at_once > 1 ? n_ : steps_ * n_, work);
      if (skipped) {
        kernels::copy(count * u, h, h + next);
        if (c) kernels::copy(count * u, c, c + next);
        if (keeps) kernels::fill(count * Cell::width * u, 0, work);
        if (dropped) kernels::fill(count * u, 0, dropped);
      } else {
        if (dropped) kernels::multiply(count * u, h, pass[state_mask_] + first * u, dropped);
        cell_.step({pass[recurrent_kernel_].data(), count, u, work, sums(pass, at), dropped ? dropped : h, h, h + next,
                    c, c ? c + next : nullptr, mask, steps_},
                   pass, options_);
      }
      if (options_.return_sequences)
        for (std::size_t r = 0; r < count; ++r) kernels::copy(u, h + next + r * u, y.row(first + r) + s * u);
    }
  }
  /// The way back of the same.
  void walk_back(const Pass<T>& pass, In<T> x, Out<T> dy, std::size_t first, std::size_t count) const {
    const std::size_t rows = x.rows(), u = units_, size = count * u;
    T *dh = pass[dh_] + first * u, *through = dh + rows * u, *dc = pass[dc_] + first * u;
    for (std::size_t s = steps_; s-- > 0;) {
      const std::size_t at = s * rows + first;
      const std::uint8_t* mask = x.mask() ? x.mask() + first * steps_ + time(s) : nullptr;
      if (options_.return_sequences)
        for (std::size_t r = 0; r < count; ++r) kernels::add(u, dy.row(first + r) + s * u, dh + r * u);
      T *h = pass[h_] + at * u, *c = Cell::has_memory ? pass[c_] + at * u : nullptr;
      T* to = dropped_ ? through : dh;  // gradients by the state that was read
      if (dropped_) kernels::fill(size, 0, through);
      cell_.step_back(
          {pass[turned_], count, u, pass[work_] + at * Cell::width * u, sums(pass, at),
           dropped_ ? pass[dropped_] + at * u : h, h, h + rows * u, c, c ? c + rows * u : nullptr, mask, steps_},
          dh, dc, to, options_);
      if (dropped_) {
        kernels::multiply(size, through, pass[state_mask_] + first * u, through);
        kernels::add(size, through, dh);
      }
    }
  }
  /// z = x W + b of rows that lie `x_row` apart.
  void read(const Pass<T>& pass, std::size_t rows, const T* x, std::size_t x_row, T* z) const {
    const std::size_t columns = Cell::gates * units_;
    kernels::Epilogue<T> bias;
    bias.bias = cell_.bias(pass);
    kernels::gemm_nn(rows, columns, n_, x, x_row, pass[kernel_].data(), columns, z, Cell::width * units_, false, bias);
  }
  /// Steps of a single row that are read in one product, to be served sooner.
  std::size_t steps_at_once() const { return options_.go_backwards ? 1 : std::min<std::size_t>(steps_, 16); }
  /// What went into the activations, from row `at` of all steps on.
  T* sums(const Pass<T>& pass, std::size_t at) const {
    return sums_ && pass.keeps() ? pass[sums_] + at * Cell::gates * units_ : nullptr;
  }
  std::size_t time(std::size_t s) const { return options_.go_backwards ? steps_ - 1 - s : s; }
  bool none_real(const std::uint8_t* mask, std::size_t rows) const {
    for (std::size_t r = 0; r < rows; ++r)
      if (mask[r * steps_]) return false;
    return true;
  }
  /// The first state: what is carried, what the second input says, or zeros.
  void start(const Pass<T>& pass, Ins<T> in, T* h, T* c) const {
    const std::size_t rows = in[0].rows(), u = units_, states = c ? 2 : 1;
    const T* carry = h_carry_ ? pass[h_carry_] : nullptr;
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t k = 0; k < states; ++k) {
        T* to = (k ? c : h) + r * u;
        if (carry)
          kernels::copy(u, (k ? pass[c_carry_] : carry) + r * u, to);
        else if (in.size() > 1)
          kernels::copy(u, in[1].row(r) + k * u, to);
        else
          kernels::fill(u, 0, to);
      }
  }
  /// The input, step by step; dropout's masks, one for all steps of a row, as Keras has them.
  void gather(const Pass<T>& pass, In<T> x) const {
    const std::size_t rows = x.rows();
    T* to = pass[x_];
    const auto draw = [&](Stash mask, double rate, std::size_t size, std::uint64_t stream) {
      T* values = pass[mask];
      kernels::fill(rows * size, 1, values);
      if (!pass.training()) return;
      const auto words = pass.random().block(stream);
      kernels::dropout(rows * size, rate, {words[0], words[1]}, pass.first_row() * size, values, values);
    };
    if (input_mask_) draw(input_mask_, options_.dropout, n_, 0);
    if (state_mask_) draw(state_mask_, options_.recurrent_dropout, units_, 1);
    for (std::size_t s = 0; s < steps_; ++s)
      for (std::size_t r = 0; r < rows; ++r, to += n_) {
        const T* from = x.row(r) + time(s) * n_;
        if (input_mask_)
          kernels::multiply(n_, from, pass[input_mask_] + r * n_, to);
        else
          kernels::copy(n_, from, to);
      }
  }
  /// y = h, or with return_state h | h (| c).
  void finish(std::size_t rows, const T* h, const T* c, Out<T> y) const {
    const std::size_t u = units_;
    for (std::size_t r = 0; r < rows; ++r) {
      kernels::copy(u, h + r * u, y.row(r));
      if (!options_.return_state) continue;
      kernels::copy(u, h + r * u, y.row(r) + u);
      if (c) kernels::copy(u, c + r * u, y.row(r) + 2 * u);
    }
  }
  void unfinish(std::size_t rows, Out<T> dy, T* dh, T* dc) const {
    const std::size_t u = units_;
    for (std::size_t r = 0; r < rows; ++r) {
      kernels::add(u, dy.row(r), dh + r * u);
      if (!options_.return_state) continue;
      kernels::add(u, dy.row(r) + u, dh + r * u);
      if (Cell::has_memory) kernels::add(u, dy.row(r) + 2 * u, dc + r * u);
    }
  }
  void join(std::size_t rows, const T* dh, const T* dc, T* to) const {
    const std::size_t u = units_;
    for (std::size_t r = 0; r < rows; ++r) {
      kernels::copy(u, dh + r * u, to + r * (Cell::has_memory ? 2 : 1) * u);
      if (Cell::has_memory) kernels::copy(u, dc + r * u, to + (2 * r + 1) * u);
    }
  }

  std::size_t units_ = 0;
  Options options_;
  Cell cell_;
  std::size_t steps_ = 0, n_ = 0;
  Parameter kernel_, recurrent_kernel_;
  Stash work_, h_, c_, x_, sums_, dropped_, input_mask_, state_mask_;
  LayerScratch dh_, dc_, turned_;
  Carry h_carry_, c_carry_;
};

/// One step of all rows, as cells see it. Backward, `recurrent` is the turned recurrent kernel (gates, units).
template <class T>
struct RecurrentStep {
  const T* recurrent;
  std::size_t rows, u;
  T* z;             ///< x W + b, then what the cell keeps
  T* sums;          ///< what went into the activations, gates u a row; null when nothing needs it
  const T* h_read;  ///< the state before, after dropout
  const T* h;       ///< the state before
  T* h_next;
  T* c;  ///< the second state before
  T* c_next;
  const std::uint8_t* mask;  ///< of the rows, `mask_step` apart
  std::size_t mask_step;
};

/// c += a' b over so many rows: threads share the columns.
template <class T>
void add_product(const Pass<T>& pass, std::size_t m, std::size_t n, std::size_t rows, const T* a, std::size_t lda,
                 const T* b, std::size_t ldb, T* c, std::size_t ldc) {
  pass.split(n, 32, rows * m * n, [&](std::size_t first, std::size_t end) {
    kernels::gemm_tn(m, end - first, rows, a, lda, b + first, ldb, c + first, ldc, true);
  });
}

/// Throws ConfigError for an activation that is not one of single numbers.
inline void check_recurrent_activation(const LayerBuild& b, std::string_view option, ActivationFunction f) {
  if (is_rowwise(f.kind))
    b.fail_option(text("expected ", option == "activation" ? "an " : "a ", option,
                       " of single numbers, such as tanh or sigmoid, received ", foretell::name(f.kind)));
}

}  // namespace foretell::detail
