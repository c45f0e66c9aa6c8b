// SPDX-License-Identifier: Apache-2.0
// Qdiscs by the names that tc gives them (Linux: register_qdisc, qdisc_create, qdisc_create_dflt).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/qdisc/qdisc.hpp"

namespace host::qdisc {

/// no_entry: there is no such kind; invalid: the options are not the kind's.
[[nodiscard]] base::Result<std::unique_ptr<Qdisc>> create(kernel::Cpu& cpu, std::string_view kind,
                                                          const Context& context, const Options& options = {});

[[nodiscard]] bool is_kind(std::string_view kind);

/// With its defaults, which for tbf are none; the kind is one.
[[nodiscard]] std::unique_ptr<Qdisc> create_unset(std::string_view kind, const Context& context);

/// What classes have at first.
[[nodiscard]] std::unique_ptr<Qdisc> create_pfifo(const Context& context);
[[nodiscard]] std::unique_ptr<Qdisc> create_bfifo(const Context& context);

/// The context's default kind, with its default options.
[[nodiscard]] std::unique_ptr<Qdisc> create_default(const Context& context);

/// Those that work as a default: net.core.default_qdisc takes one of them. The first is Linux's own.
[[nodiscard]] std::vector<std::string> default_kinds();

}  // namespace host::qdisc
