// SPDX-License-Identifier: BSD-3-Clause
// Losses of single numbers and their slopes by the prediction p, of truth t; e = p - t. NaN stays NaN.

namespace loss {

template <class T>
FORETELL_INLINE void of(const formula::Squared&, Vec<T> t, Vec<T> p, Vec<T>& loss, Vec<T>& slope) {
  const Vec<T> e = p - t;
  loss = e * e;
  slope = e + e;
}

template <class T>
FORETELL_INLINE void of(const formula::Absolute&, Vec<T> t, Vec<T> p, Vec<T>& loss, Vec<T>& slope) {
  const Vec<T> e = p - t;
  const Vec<T> up = e > 0 ? splat<T>(1) : Vec<T>{};
  loss = vabs(e);
  slope = e < 0 ? splat<T>(-1) : up;
}

template <class T>
FORETELL_INLINE void of(const formula::Huber& f, Vec<T> t, Vec<T> p, Vec<T>& loss, Vec<T>& slope) {
  const Vec<T> e = p - t;
  const Vec<T> size = vabs(e);
  const Vec<T> limit = splat<T>(T(f.delta));
  const Vec<T> inner = size > limit ? limit : size;  // NaN stays
  loss = inner * (size - inner * T(0.5));
  slope = e < 0 ? -inner : inner;
}

/// Near 0 as -log(1 - tanh(e)^2) / 2, far from it as |e| + log(1 + exp(-2 |e|)) - log 2, each where it keeps its
/// digits.
template <class T>
FORETELL_INLINE void of(const formula::LogCosh&, Vec<T> t, Vec<T> p, Vec<T>& loss, Vec<T>& slope) {
  const Vec<T> e = p - t;
  const Vec<T> size = vabs(e);
  slope = vtanh(e);
  const Vec<T> near = size < T(0.5) ? slope * slope : Vec<T>{};
  const Vec<T> rest = vlog1p(size < T(0.5) ? -near : vexp(T(-2) * size));
  loss = size < T(0.5) ? T(-0.5) * rest : size - T(0.693147180559945309417) + rest;
}

template <class T>
FORETELL_INLINE void of(const formula::Quantile& f, Vec<T> t, Vec<T> p, Vec<T>& loss, Vec<T>& slope) {
  const Vec<T> e = p - t;
  const Vec<T> below = e < 0 ? splat<T>(T(-f.quantile)) : Vec<T>{};
  slope = e > 0 ? splat<T>(T(1 - f.quantile)) : below;
  loss = slope * e;
}

template <class T>
FORETELL_INLINE void of(const formula::Poisson&, Vec<T> t, Vec<T> p, Vec<T>& loss, Vec<T>& slope) {
  const Vec<T> mean = p + T(1e-7);
  loss = p - t * vlog(mean);
  slope = 1 - t / mean;
}

template <class T>
FORETELL_INLINE void of(const formula::LogPoisson&, Vec<T> t, Vec<T> p, Vec<T>& loss, Vec<T>& slope) {
  const Vec<T> mean = vexp(p);
  loss = mean - t * p;
  slope = mean - t;
}

template <class T>
FORETELL_INLINE void of(const formula::LogTweedie& f, Vec<T> t, Vec<T> p, Vec<T>& loss, Vec<T>& slope) {
  const T a = T(1 - f.power), b = T(2 - f.power);
  const Vec<T> low = vexp(a * p), high = vexp(b * p);
  loss = 2 * (vexp(b * vlog(t)) / (a * b) - t * low / a + high / b);
  slope = 2 * (high - t * low);
}

template <class T>
FORETELL_INLINE void of(const formula::Tweedie& f, Vec<T> t, Vec<T> p, Vec<T>& loss, Vec<T>& slope) {
  of<T>(formula::LogTweedie{f.power}, t, vlog(p), loss, slope);
  slope /= p;
}

/// Classes 0 and 1, or -1 and 1.
template <class T>
FORETELL_INLINE Vec<T> sign_of_class(Vec<T> t) {
  return t == 0 ? splat<T>(-1) : t;
}

template <class T>
FORETELL_INLINE void of(const formula::Hinge&, Vec<T> t, Vec<T> p, Vec<T>& loss, Vec<T>& slope) {
  const Vec<T> side = sign_of_class<T>(t);
  const Vec<T> short_of = 1 - side * p;
  loss = short_of <= 0 ? Vec<T>{} : short_of;
  slope = short_of <= 0 ? Vec<T>{} : -side;
}

template <class T>
FORETELL_INLINE void of(const formula::SquaredHinge&, Vec<T> t, Vec<T> p, Vec<T>& loss, Vec<T>& slope) {
  of<T>(formula::Hinge{}, t, p, loss, slope);
  slope *= 2 * loss;
  loss *= loss;
}

/// With q = sigmoid(-|z|) no digits are lost where the prediction is sure and right.
template <class T>
FORETELL_INLINE void of(const formula::Logistic& f, Vec<T> t, Vec<T> z, Vec<T>& loss, Vec<T>& slope) {
  const Vec<T> side = z > 0 ? splat<T>(1) : Vec<T>{};
  const Vec<T> off = side - (t * T(f.keep) + T(f.base));
  const Vec<T> e = vexp(-vabs(z));
  const Vec<T> q = e / (1 + e);
  loss = vlog1p(e) + z * off;
  slope = off + (z > 0 ? -q : q);
}

/// From the cross-entropy in `loss` and p - y in `slope`; y is the smoothed truth, p and n = 1 - p the probabilities.
template <class T>
FORETELL_INLINE void focus(const formula::Focal& f, Vec<T> y, Vec<T> p, Vec<T> n, Vec<T>& loss, Vec<T>& slope) {
  const Vec<T> miss = y * n + (1 - y) * p;
  const Vec<T> weight = y * T(f.yes) + (1 - y) * T(f.no);
  const Vec<T> factor = f.gamma == 0 ? weight : weight * vexp(T(f.gamma) * vlog(miss));
  const Vec<T> bend = miss > 0 ? p * n / miss : Vec<T>{};
  slope = factor * (slope + T(f.gamma) * (1 - 2 * y) * loss * bend);
  loss *= factor;
}

template <class T>
FORETELL_INLINE void of(const formula::LogitFocal& f, Vec<T> t, Vec<T> z, Vec<T>& loss, Vec<T>& slope) {
  of<T>(formula::Logistic{f.keep, f.base}, t, z, loss, slope);
  const Vec<T> e = vexp(-vabs(z));
  const Vec<T> sure = 1 / (1 + e), unsure = e / (1 + e);
  focus<T>(f, t * T(f.keep) + T(f.base), z > 0 ? sure : unsure, z > 0 ? unsure : sure, loss, slope);
}

template <class T>
FORETELL_INLINE void of(const formula::Focal& f, Vec<T> t, Vec<T> given, Vec<T>& loss, Vec<T>& slope) {
  const T low = T(1e-7), high = T(1 - 1e-7);
  const Vec<T> above = given < low ? splat<T>(low) : given;
  const Vec<T> p = above > high ? splat<T>(high) : above;
  const Vec<T> n = 1 - p;
  const Vec<T> y = t * T(f.keep) + T(f.base);
  loss = -(y * vlog(p) + (1 - y) * vlog1p(-p));
  slope = p - y;
  focus<T>(f, y, p, n, loss, slope);
  slope = given == p ? slope / (p * n) : Vec<T>{};
}

template <class F, class T>
struct formula_op {
  F f;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[2], Vec<T> (&out)[2]) const {
    of<T>(f, in[0], in[1], out[0], out[1]);
  }
};
template <class F, class T>
void apply(const F& f, std::size_t n, const T* truth, const T* prediction, T* losses, T* slopes) {
  transform<T, 2, 2>(n, {truth, prediction}, {losses, slopes}, formula_op<F, T>{f});
}

}  // namespace loss
