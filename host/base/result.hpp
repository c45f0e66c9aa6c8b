// SPDX-License-Identifier: Apache-2.0
// Failure as a value: Errno (POSIX names) and Result<T>.
#pragma once

#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "host/base/invariant.hpp"

namespace host::base {

/// Why an operation did not happen. The socket edge hands these to the application unchanged.
enum class Errno {
  again,                   // EAGAIN: would block
  invalid,                 // EINVAL
  no_memory,               // ENOMEM: a pool is exhausted
  no_buffers,              // ENOBUFS: a queue is full
  no_device,               // ENODEV
  not_supported,           // EOPNOTSUPP
  busy,                    // EBUSY
  io,                      // EIO: the device misbehaved
  timed_out,               // ETIMEDOUT
  no_entry,                // ENOENT
  no_address,              // ENXIO: no device, or nothing there
  no_process,              // ESRCH: there is no such thing
  exists,                  // EEXIST
  range,                   // ERANGE
  message_size,            // EMSGSIZE
  address_in_use,          // EADDRINUSE
  address_not_available,   // EADDRNOTAVAIL
  network_unreachable,     // ENETUNREACH
  host_unreachable,        // EHOSTUNREACH
  connection_refused,      // ECONNREFUSED
  not_connected,           // ENOTCONN
  is_connected,            // EISCONN
  bad_descriptor,          // EBADF
  protocol_not_supported,  // EPROTONOSUPPORT
  network_down,            // ENETDOWN
  access,                  // EACCES
  destination_required,    // EDESTADDRREQ
  too_many_open,           // EMFILE
  is_directory,            // EISDIR
  not_directory,           // ENOTDIR
  overflow,                // EOVERFLOW: the number is larger than what it is for
  not_permitted,           // EPERM: netfilter says no
  too_many_links,          // EMLINK
};

[[nodiscard]] std::string_view errno_name(Errno error);

namespace detail {

/// No Errno at all.
inline constexpr Errno kNoError{-1};

/// A small plain value lies beside the error: both come back in registers.
template <typename T>
inline constexpr bool kLiesBeside = std::is_trivially_copyable_v<T>&& std::is_trivially_default_constructible_v<T> &&
                                    sizeof(T) <= sizeof(void*);

/// Others share their place with it.
template <typename T, bool = kLiesBeside<T>>
class ResultState {
 public:
  template <typename... Arguments>
  explicit ResultState(std::in_place_t, Arguments&&... arguments)
      : state_(std::in_place_index<0>, std::forward<Arguments>(arguments)...) {}
  explicit ResultState(Errno error) : state_(std::in_place_index<1>, error) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  [[nodiscard]] T& value() { return *std::get_if<0>(&state_); }
  [[nodiscard]] const T& value() const { return *std::get_if<0>(&state_); }
  [[nodiscard]] Errno error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Errno> state_;
};

template <typename T>
class ResultState<T, true> {
 public:
  template <typename... Arguments>
  explicit ResultState(std::in_place_t, Arguments&&... arguments) : value_(std::forward<Arguments>(arguments)...) {}
  explicit ResultState(Errno error) : value_(), error_(error) {}

  [[nodiscard]] bool ok() const { return error_ == kNoError; }
  [[nodiscard]] T& value() { return value_; }
  [[nodiscard]] const T& value() const { return value_; }
  [[nodiscard]] Errno error() const { return error_; }

 private:
  T value_;
  Errno error_ = kNoError;
};

}  // namespace detail

/// Either a value or the Errno that says why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place, std::move(value)) {}
  Result(Errno error) : state_(error) {}
  /// A value made in its place.
  explicit Result(std::in_place_t) : state_(std::in_place) {}

  [[nodiscard]] bool ok() const { return state_.ok(); }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] T& value() & {
    INVARIANT(ok(), "value() of a failed Result");
    return state_.value();
  }
  [[nodiscard]] const T& value() const& {
    INVARIANT(ok(), "value() of a failed Result");
    return state_.value();
  }
  [[nodiscard]] T&& value() && {
    INVARIANT(ok(), "value() of a failed Result");
    return std::move(state_.value());
  }
  [[nodiscard]] T& operator*() & { return value(); }
  [[nodiscard]] const T& operator*() const& { return value(); }
  [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }
  [[nodiscard]] T* operator->() { return &value(); }
  [[nodiscard]] const T* operator->() const { return &value(); }

  [[nodiscard]] Errno error() const {
    INVARIANT(!ok(), "error() of a Result that holds a value");
    return state_.error();
  }

 private:
  detail::ResultState<T> state_;
};

/// Success, or the Errno of the failure.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Errno error) : error_(error) {}

  [[nodiscard]] bool ok() const { return error_ == detail::kNoError; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] Errno error() const {
    INVARIANT(!ok(), "error() of a successful Result");
    return error_;
  }

 private:
  Errno error_ = detail::kNoError;
};

}  // namespace host::base
