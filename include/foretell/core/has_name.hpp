// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>

namespace foretell {

/// The tag of losses and optimizers: `static constexpr std::string_view name = "acme.pinball";`.
template <class C>
concept HasName = requires {
  { C::name } -> std::convertible_to<std::string_view>;
}
&&!std::is_member_object_pointer_v<decltype(&C::name)>;

}  // namespace foretell
