// SPDX-License-Identifier: Apache-2.0
// Process context as coroutines: Task<T> is a call that may sleep.
#pragma once

#include <coroutine>
#include <cstdlib>
#include <optional>
#include <type_traits>
#include <utility>

#include "host/base/invariant.hpp"

namespace host::kernel {

template <typename T>
class Task;

namespace detail {

/// What every Task's promise has: who continues when it ends.
struct PromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();

  struct Final {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      return self.promise().continuation;
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() noexcept { return {}; }
  Final final_suspend() noexcept { return {}; }
  [[noreturn]] void unhandled_exception() noexcept { std::abort(); }
};

template <typename T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  void return_value(T result) { value.emplace(std::move(result)); }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() {}
};

}  // namespace detail

/// Starts when awaited, ends its caller's wait when it returns. Its parameters must outlive it; in
/// host code the first one is the Process& it runs in (host/kernel/process.hpp). A call that need not sleep may have
/// ended before it is awaited: then there is no coroutine, only its value.
template <typename T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  /// One that has ended, with what its value is made of.
  template <typename... Arguments>
  explicit Task(std::in_place_t, Arguments&&... arguments) {
    ready_.emplace(std::forward<Arguments>(arguments)...);
  }
  Task(Task&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)), ready_(std::exchange(other.ready_, std::nullopt)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, nullptr);
      ready_ = std::exchange(other.ready_, std::nullopt);
    }
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  [[nodiscard]] bool await_ready() const noexcept { return ready_.has_value(); }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
    handle_.promise().continuation = caller;
    return handle_;
  }
  T await_resume() {
    if constexpr (!std::is_void_v<T>) {
      if (ready_) return std::move(*ready_);
      INVARIANT(handle_.promise().value.has_value(), "a task ended without a value");
      return std::move(*handle_.promise().value);
    }
  }

  /// For the scheduler only.
  [[nodiscard]] std::coroutine_handle<> handle() const { return handle_; }
  [[nodiscard]] bool done() const { return handle_.done(); }
  /// What one that has ended answers.
  [[nodiscard]] auto& ready_value() { return *ready_; }

 private:
  struct Nothing {};
  Handle handle_;
  std::optional<std::conditional_t<std::is_void_v<T>, Nothing, T>> ready_;
};

template <typename T>
Task<T> detail::Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> detail::Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace host::kernel
