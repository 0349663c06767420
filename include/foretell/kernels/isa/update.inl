// SPDX-License-Identifier: BSD-3-Clause
// Optimizer steps: one pass over weights, gradients and states.

template <class T>
struct sgd_op {
  T rate;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[2], Vec<T> (&out)[1]) const { out[0] = in[0] - rate * in[1]; }
};
template <class T>
FORETELL_KERNEL void sgd(std::size_t n, T* w, const T* g, double lr, double gradient_scale) {
  transform<T, 2, 1>(n, {w, g}, {w}, sgd_op<T>{static_cast<T>(lr * gradient_scale)});
}

template <class T>
struct momentum_op {
  T rate;
  T keep;
  bool nesterov;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[3], Vec<T> (&out)[2]) const {
    const Vec<T> push = rate * in[1];
    const Vec<T> v = keep * in[2] - push;
    out[0] = in[0] + (nesterov ? keep * v - push : v);
    out[1] = v;
  }
};
template <class T>
FORETELL_KERNEL void momentum(std::size_t n, T* w, const T* g, T* v, double lr, double keep, bool nesterov,
                              double gradient_scale) {
  const momentum_op<T> op{static_cast<T>(lr * gradient_scale), static_cast<T>(keep), nesterov};
  transform<T, 3, 2>(n, {w, g, v}, {w, v}, op);
}

template <class T>
struct adam_op {
  T rate;
  T fresh_1;
  T fresh_2;
  T epsilon;
  T decay;
  T gradient_scale;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[4], Vec<T> (&out)[3]) const {
    const Vec<T> g = in[1] * gradient_scale;
    const Vec<T> m = in[2] + (g - in[2]) * fresh_1;
    const Vec<T> v = in[3] + (g * g - in[3]) * fresh_2;
    out[0] = in[0] - decay * in[0] - rate * m / (vsqrt(v) + epsilon);
    out[1] = m;
    out[2] = v;
  }
};
template <class T>
FORETELL_KERNEL void adam(std::size_t n, T* w, const T* g, T* m, T* v, const AdamStep& s) {
  const adam_op<T> op{static_cast<T>(s.lr),
                      static_cast<T>(1 - s.beta_1),
                      static_cast<T>(1 - s.beta_2),
                      static_cast<T>(s.epsilon),
                      static_cast<T>(s.weight_decay_times_lr),
                      static_cast<T>(s.gradient_scale)};
  transform<T, 4, 3>(n, {w, g, m, v}, {w, m, v}, op);
}

template <class T>
struct rmsprop_op {
  T rate;
  T rho;
  T fresh;
  T momentum;
  T epsilon;
  T decay;
  T gradient_scale;
  bool centered;
  bool with_momentum;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[5], Vec<T> (&out)[4]) const {
    const Vec<T> g = in[1] * gradient_scale;
    const Vec<T> v = rho * in[2] + fresh * g * g;
    Vec<T> spread = v + epsilon;
    out[1] = out[2] = out[3] = v;
    if (centered) {
      out[3] = rho * in[4] + fresh * g;
      spread = v - out[3] * out[3] + epsilon;
    }
    Vec<T> move = rate * g / vsqrt(spread);
    if (with_momentum) {
      move = momentum * in[3] + move;
      out[2] = move;
    }
    out[0] = in[0] - decay * in[0] - move;
  }
};
template <class T>
FORETELL_KERNEL void rmsprop(std::size_t n, T* w, const T* g, T* v, T* mom, T* mean_grad, const RmspropStep& s) {
  const rmsprop_op<T> op{static_cast<T>(s.lr),
                         static_cast<T>(s.rho),
                         static_cast<T>(1 - s.rho),
                         static_cast<T>(s.momentum),
                         static_cast<T>(s.epsilon),
                         static_cast<T>(s.weight_decay_times_lr),
                         static_cast<T>(s.gradient_scale),
                         mean_grad != nullptr,
                         mom != nullptr};
  T* const second = mom ? mom : v;  // a state that is not there is written as a second copy of v
  T* const third = mean_grad ? mean_grad : v;
  transform<T, 5, 4>(n, {w, g, v, second, third}, {w, v, second, third}, op);
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
