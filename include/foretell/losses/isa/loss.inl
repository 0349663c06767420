// SPDX-License-Identifier: BSD-3-Clause
// Losses of single numbers and their slopes by the prediction. The first input is the truth, the first output the loss.

namespace loss {

template <class T>
struct squared_op {
  FORETELL_INLINE void operator()(const Vec<T> (&in)[2], Vec<T> (&out)[2]) const {
    const Vec<T> e = in[1] - in[0];
    out[0] = e * e;
    out[1] = e + e;
  }
};

template <class T>
struct absolute_op {
  FORETELL_INLINE void operator()(const Vec<T> (&in)[2], Vec<T> (&out)[2]) const {
    const Vec<T> e = in[1] - in[0];
    const Vec<T> up = e > 0 ? splat<T>(1) : Vec<T>{};
    out[0] = vabs(e);
    out[1] = e < 0 ? splat<T>(-1) : up;
  }
};

template <class T>
struct huber_op {
  T delta;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[2], Vec<T> (&out)[2]) const {
    const Vec<T> e = in[1] - in[0];
    const Vec<T> size = vabs(e);
    const Vec<T> limit = splat<T>(delta);
    const Vec<T> inner = size > limit ? limit : size;  // NaN stays
    const Vec<T> down = e < 0 ? -inner : inner;
    out[0] = inner * (size - inner * T(0.5));
    out[1] = down;
  }
};

/// log(cosh(e)): near 0 as -log(1 - tanh(e)^2) / 2, far from it as |e| + log(1 + exp(-2 |e|)) - log 2, each where it
/// keeps its digits.
template <class T>
struct log_cosh_op {
  FORETELL_INLINE void operator()(const Vec<T> (&in)[2], Vec<T> (&out)[2]) const {
    const Vec<T> e = in[1] - in[0];
    const Vec<T> size = vabs(e);
    const Vec<T> slope = vtanh(e);
    const Vec<T> near = size < T(0.5) ? slope * slope : Vec<T>{};
    const Vec<T> rest = vlog1p(size < T(0.5) ? -near : vexp(T(-2) * size));
    out[0] = size < T(0.5) ? T(-0.5) * rest : size - T(0.693147180559945309417) + rest;
    out[1] = slope;
  }
};

/// With q = sigmoid(-|z|) no digits are lost where the prediction is sure and right.
template <class T>
struct logistic_op {
  T keep;
  T base;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[2], Vec<T> (&out)[2]) const {
    const Vec<T> z = in[1];
    const Vec<T> side = z > 0 ? splat<T>(1) : Vec<T>{};
    const Vec<T> off = side - (in[0] * keep + base);
    const Vec<T> e = vexp(-vabs(z));
    const Vec<T> q = e / (1 + e);
    out[0] = vlog1p(e) + z * off;
    out[1] = off + (z > 0 ? -q : q);
  }
};

/// out[0] = exp(x - top)
template <class T>
struct shifted_exp_op {
  T top;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[1], Vec<T> (&out)[1]) const { out[0] = vexp(in[0] - top); }
};

template <class T>
void squared(std::size_t n, const T* truth, const T* prediction, T* losses, T* slopes) {
  transform<T, 2, 2>(n, {truth, prediction}, {losses, slopes}, squared_op<T>{});
}
template <class T>
void absolute(std::size_t n, const T* truth, const T* prediction, T* losses, T* slopes) {
  transform<T, 2, 2>(n, {truth, prediction}, {losses, slopes}, absolute_op<T>{});
}
template <class T>
void huber(std::size_t n, const T* truth, const T* prediction, T delta, T* losses, T* slopes) {
  transform<T, 2, 2>(n, {truth, prediction}, {losses, slopes}, huber_op<T>{delta});
}
template <class T>
void log_cosh(std::size_t n, const T* truth, const T* prediction, T* losses, T* slopes) {
  transform<T, 2, 2>(n, {truth, prediction}, {losses, slopes}, log_cosh_op<T>{});
}
template <class T>
void logistic(std::size_t n, const T* truth, const T* logits, T keep, T base, T* losses, T* slopes) {
  transform<T, 2, 2>(n, {truth, logits}, {losses, slopes}, logistic_op<T>{keep, base});
}
template <class T>
void shifted_exp(std::size_t n, const T* x, T top, T* y) {
  transform<T, 1, 1>(n, {x}, {y}, shifted_exp_op<T>{top});
}

}  // namespace loss
