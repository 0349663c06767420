// SPDX-License-Identifier: BSD-3-Clause
// Steps of optimizers for one weight w of gradient g; s are its states.

namespace rules {

template <class T>
FORETELL_INLINE Vec<T> vmax(Vec<T> a, Vec<T> b) {
  return a < b ? b : a;
}

/// x^p for x >= 0 and p >= 0.
template <class T>
FORETELL_INLINE Vec<T> power(Vec<T> x, double p) {
  return p == 0.5 ? vsqrt(x) : p == 0 ? splat<T>(1) : vexp(T(p) * vlog(x));
}

template <class T>
FORETELL_INLINE void of(const rule::Sgd& r, Vec<T> g, Vec<T>& w, Vec<T>*) {
  w -= T(r.rate) * g;
}

template <class T>
FORETELL_INLINE void of(const rule::Momentum& r, Vec<T> g, Vec<T>& w, Vec<T>* s) {
  const Vec<T> push = T(r.rate) * g;
  s[0] = T(r.keep) * s[0] - push;
  w += r.nesterov ? T(r.keep) * s[0] - push : s[0];
}

template <class T>
FORETELL_INLINE void of(const rule::Adam& r, Vec<T> g, Vec<T>& w, Vec<T>* s) {
  s[0] += (g - s[0]) * T(1 - r.beta_1);
  s[1] += (g * g - s[1]) * T(1 - r.beta_2);
  w = w - T(r.decay) * w - T(r.rate) * s[0] / (vsqrt(s[1]) + T(r.epsilon));
}

template <class T>
FORETELL_INLINE void of(const rule::Rmsprop& r, Vec<T> g, Vec<T>& w, Vec<T>* s) {
  const Vec<T> v = T(r.rho) * s[0] + T(1 - r.rho) * g * g;
  Vec<T> mean = v;
  Vec<T> spread = v + T(r.epsilon);
  if (r.centered) {
    mean = T(r.rho) * s[2] + T(1 - r.rho) * g;
    spread = v - mean * mean + T(r.epsilon);
  }
  Vec<T> move = T(r.rate) * g / vsqrt(spread);
  if (r.with_momentum) move = T(r.momentum) * s[1] + move;
  w -= move;
  s[0] = v;
  s[1] = r.with_momentum ? move : v;
  s[2] = mean;
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

}  // namespace rules

template <class R, class T>
FORETELL_KERNEL void apply_rule(const R& r, std::size_t n, T* w, const T* g, T* const* s) {
  const T* in[2 + R::slots] = {w, g};
  T* out[1 + R::slots] = {w};
  for (std::size_t k = 0; k < R::slots; ++k) in[2 + k] = out[1 + k] = s[k];
  transform<T, 2 + R::slots, 1 + R::slots>(n, in, out, rules::rule_op<R, T>{r});
}

template <class T>
struct clip_op {
  T limit;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[1], Vec<T> (&out)[1]) const {
    const Vec<T> top = in[0] > limit ? splat<T>(limit) : in[0];
    out[0] = top < -limit ? splat<T>(-limit) : top;
  }
};
template <class T>
FORETELL_KERNEL void clip_by_value(std::size_t n, T limit, T* g) {
  transform<T, 1, 1>(n, {g}, {g}, clip_op<T>{limit});
}
