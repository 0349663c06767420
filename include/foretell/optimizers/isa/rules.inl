// SPDX-License-Identifier: BSD-3-Clause
// Steps of optimizers for one weight w of gradient g; s are its states, which start at 0.

namespace rules {

template <class T>
FORETELL_INLINE Vec<T> vmax(Vec<T> a, Vec<T> b) {
  return a < b ? b : a;
}

FORETELL_INLINE Vec<double> log_of(Vec<double> x) { return vlog(x); }
FORETELL_INLINE Vec<float> log_of(Vec<float> x) {
  any_log(x);
  return x;
}

/// x^p for x >= 0 and p >= 0.
template <class T>
FORETELL_INLINE Vec<T> power(Vec<T> x, double p) {
  return p == 0.5 ? vsqrt(x) : p == 0 ? splat<T>(1) : vexp(T(p) * log_of(x));
}

template <class T>
FORETELL_INLINE void of(const rule::Adagrad& r, Vec<T> g, Vec<T>& w, Vec<T>* s) {
  s[0] += g * g;
  w -= T(r.rate) * g / vsqrt(s[0] + T(r.initial + r.epsilon));
}

template <class T>
FORETELL_INLINE void of(const rule::Adadelta& r, Vec<T> g, Vec<T>& w, Vec<T>* s) {
  s[0] = T(r.rho) * s[0] + T(1 - r.rho) * g * g;
  const Vec<T> move = g * vsqrt(s[1] + T(r.epsilon)) / vsqrt(s[0] + T(r.epsilon));
  s[1] = T(r.rho) * s[1] + T(1 - r.rho) * move * move;
  w -= T(r.rate) * move;
}

template <class T>
FORETELL_INLINE void of(const rule::Adamax& r, Vec<T> g, Vec<T>& w, Vec<T>* s) {
  s[0] += (g - s[0]) * T(1 - r.beta_1);
  s[1] = vmax<T>(T(r.beta_2) * s[1], vabs(g));
  w -= T(r.rate) * s[0] / (s[1] + T(r.epsilon));
}

template <class T>
FORETELL_INLINE void of(const rule::Nadam& r, Vec<T> g, Vec<T>& w, Vec<T>* s) {
  s[0] += (g - s[0]) * T(1 - r.beta_1);
  s[1] += (g * g - s[1]) * T(1 - r.beta_2);
  w -= (T(r.rate_of_mean) * s[0] + T(r.rate_of_gradient) * g) / (vsqrt(s[1] * T(r.correction)) + T(r.epsilon));
}

template <class T>
FORETELL_INLINE void of(const rule::Ftrl& r, Vec<T> g, Vec<T>& w, Vec<T>* s) {
  const Vec<T> before = power<T>(s[0] + T(r.initial), r.power);
  s[0] += g * g;
  const Vec<T> after = power<T>(s[0] + T(r.initial), r.power);
  s[1] += g + T(2 * r.shrinkage) * w - (after - before) * T(1 / r.rate) * w;
  const Vec<T> curve = after * T(1 / r.rate) + T(2 * r.l2);
  const Vec<T> capped = s[1] > T(r.l1) ? splat<T>(T(r.l1)) : s[1];
  const Vec<T> inner = capped < T(-r.l1) ? splat<T>(T(-r.l1)) : capped;
  w = curve == 0 ? w : (inner - s[1]) / curve;
}

template <class T>
FORETELL_INLINE void of(const rule::Lion& r, Vec<T> g, Vec<T>& w, Vec<T>* s) {
  const Vec<T> push = T(r.beta_1) * s[0] + T(1 - r.beta_1) * g;
  const Vec<T> up = push > 0 ? splat<T>(T(r.rate)) : Vec<T>{};
  w -= push < 0 ? splat<T>(T(-r.rate)) : up;
  s[0] = T(r.beta_2) * s[0] + T(1 - r.beta_2) * g;
}

template <class R, class T>
struct rule_op {
  R r;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[2 + R::slots], Vec<T> (&out)[1 + R::slots]) const {
    out[0] = in[0];
    for (std::size_t k = 0; k < R::slots; ++k) out[1 + k] = in[2 + k];
    of<T>(r, in[1], out[0], out + 1);
  }
};
template <class R, class T>
void apply(const R& r, std::size_t n, T* w, const T* g, T* const* s) {
  if constexpr (R::slots == 1)
    transform<T, 3, 2>(n, {w, g, s[0]}, {w, s[0]}, rule_op<R, T>{r});
  else
    transform<T, 4, 3>(n, {w, g, s[0], s[1]}, {w, s[0], s[1]}, rule_op<R, T>{r});
}

}  // namespace rules
