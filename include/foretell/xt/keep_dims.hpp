// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Included by xt/xtensor.hpp, after the headers of xtensor.

#if XTENSOR_VERSION_MAJOR == 0 && XTENSOR_VERSION_MINOR < 28
namespace xt {

/// Walks a lazy reduction that keeps its reduced axes at extent 1, as in a - xt::amax(a, {1}, xt::keep_dims).
///
/// Up to 0.27 xtensor's own stepper moves inside the operand when the expression around it is stepped along a reduced
/// axis, so broadcasting reads wrong elements, also behind the end. Along an axis of extent 1 a stepper stands still.
/// Members and their order are those of the general template: objects of files with and without this header agree.
template <class F, class CT, class X, class O>
requires(O::keep_dims::value) class xreducer_stepper<F, CT, X, O> {
 public:
  using self_type = xreducer_stepper;
  using xreducer_type = xreducer<F, CT, X, O>;
  using value_type = typename xreducer_type::value_type;
  using reference = value_type;
  using pointer = typename xreducer_type::const_pointer;
  using size_type = typename xreducer_type::size_type;
  using difference_type = typename xreducer_type::difference_type;
  using xexpression_type = typename xreducer_type::xexpression_type;
  using substepper_type = typename xexpression_type::const_stepper;
  using shape_type = typename xreducer_type::shape_type;

  xreducer_stepper(const xreducer_type& reducer, size_type offset, bool end = false,
                   layout_type layout = default_assignable_layout(xexpression_type::static_layout))
      : m_reducer(&reducer), m_offset(offset), m_stepper(operand().stepper_begin(operand().shape())) {
    if (end) to_end(layout);
  }

  reference operator*() const {
    if (operand().size() == 0) return initial();
    if (axes().size() == 0) return m_reducer->m_reduce(initial(), *m_stepper);
    const reference result = fold(axes().begin());
    return O::has_initial_value ? static_cast<reference>(m_reducer->m_merge(initial(), result)) : result;
  }

  void step(size_type dim) {
    if (moves(dim)) m_stepper.step(dim - m_offset);
  }
  void step(size_type dim, size_type n) {
    if (moves(dim)) m_stepper.step(dim - m_offset, n);
  }
  void step_back(size_type dim) {
    if (moves(dim)) m_stepper.step_back(dim - m_offset);
  }
  void step_back(size_type dim, size_type n) {
    if (moves(dim)) m_stepper.step_back(dim - m_offset, n);
  }
  void reset(size_type dim) {
    if (moves(dim)) m_stepper.reset(dim - m_offset);
  }
  void reset_back(size_type dim) {
    if (moves(dim)) m_stepper.reset_back(dim - m_offset);
  }
  void to_begin() { m_stepper.to_begin(); }
  /// One behind the last element of the result: at the start of every reduced axis.
  void to_end(layout_type layout) {
    m_stepper.to_end(layout);
    if (operand().size() == 0) return;
    const size_type fastest = layout == layout_type::column_major ? 0 : operand().dimension() - 1;
    for (const auto axis : axes()) m_stepper.step_back(axis, operand().shape()[axis] - (axis == fastest ? 0 : 1));
  }

 private:
  const xexpression_type& operand() const { return m_reducer->m_e; }
  const auto& axes() const { return m_reducer->m_axes; }
  bool moves(size_type dim) const {
    return dim >= m_offset && !std::binary_search(axes().begin(), axes().end(), dim - m_offset);
  }
  reference initial() const {
    if constexpr (O::has_initial_value)
      return m_reducer->m_options.initial_value;
    else
      return static_cast<reference>(m_reducer->m_init());
  }

  /// The result over `axis` and the axes behind it; leaves the operand's stepper where it found it.
  template <class Iterator>
  reference fold(Iterator axis) const {
    const size_type dim = *axis, size = operand().shape()[dim];
    const Iterator next = axis + 1;
    const bool innermost = next == axes().end();
    reference result = {};
    for (size_type i = 0; i < size; ++i) {
      if (i > 0) m_stepper.step(dim);
      if (innermost)
        result = m_reducer->m_reduce(i > 0 ? result : static_cast<reference>(m_reducer->m_init()), *m_stepper);
      else
        result = i > 0 ? m_reducer->m_merge(result, fold(next)) : fold(next);
    }
    m_stepper.step_back(dim, size - 1);
    return result;
  }

  const xreducer_type* m_reducer;
  size_type m_offset;
  mutable substepper_type m_stepper;
};

}  // namespace xt
#endif
