// SPDX-License-Identifier: Apache-2.0
// The rules by which Linux takes one request for a change and another for a new qdisc.
#include "host/device/qdisc_control.hpp"

#include <algorithm>
#include <utility>

#include "host/device/net_core.hpp"
#include "host/qdisc/create.hpp"

namespace host::device {
namespace {

using base::Errno;
using qdisc::Handle;
using qdisc::Qdisc;
using Verb = QdiscRequest::Verb;
using Outcome = std::optional<QdiscError>;

void add_places(std::vector<QdiscPlace>& places, const QdiscPlace& place, unsigned tx_queues) {
  places.push_back(place);
  const bool of_queues = place.qdisc->kind() == "mq";
  for (const qdisc::Class& one : place.qdisc->classes()) {
    if (of_queues && one.minor > tx_queues) break;
    const bool visible = of_queues || one.leaf->handle() != 0;
    const Handle parent = qdisc::make_handle(qdisc::major_of(place.qdisc->handle()), one.minor);
    add_places(places, {one.leaf, place.qdisc, parent, visible}, tx_queues);
  }
}

class Control {
 public:
  Control(kernel::Cpu& cpu, NetDevice& dev, const QdiscRequest& request)
      : cpu_(cpu), dev_(dev), request_(request), places_(qdiscs_of(dev)) {}

  Outcome modify() {
    if (request_.parent == 0 && request_.handle == 0) return fail(Errno::invalid, "Handle cannot be zero");
    if (request_.parent == 0) {
      found_ = by_handle(request_.handle);
      return change_found();
    }
    if (auto missing = find_parent("Failed to find specified qdisc")) return missing;
    if (found_ != nullptr && found_->handle() == 0) found_ = nullptr;  // a default one is no one's
    const bool asked_for = found_ != nullptr && request_.handle != 0 && found_->handle() == request_.handle;
    if (asked_for) return change_found();
    if (request_.handle != 0) return take_handle();
    if (found_ == nullptr) return create(Creates::if_allowed);
    if (!request_.kind.empty() && request_.kind != found_->kind()) return create(Creates::always);
    return change_found();
  }

  Outcome remove() {
    if (request_.parent == 0 && by_handle(request_.handle) == nullptr) {
      return fail(Errno::no_entry, "Failed to find qdisc with specified handle");
    }
    if (request_.parent == 0) return fail(Errno::invalid, "Classid cannot be zero");
    if (auto missing = find_parent("Failed to find qdisc with specified classid")) return missing;
    if (request_.handle != 0 && found_->handle() != request_.handle) return fail(Errno::invalid, "Invalid handle");
    if (!request_.kind.empty() && request_.kind != found_->kind()) return fail(Errno::invalid, "Invalid qdisc name");
    if (found_->handle() == 0) return fail(Errno::no_entry, "Cannot delete qdisc with handle of zero");
    return graft(nullptr);
  }

 private:
  enum class Creates : std::uint8_t { if_allowed, always };

  static Outcome fail(Errno error, std::string message = {}) { return QdiscError{error, std::move(message)}; }

  [[nodiscard]] Qdisc* by_handle(Handle handle) const {
    const auto place = std::ranges::find_if(places_, [&](const QdiscPlace& one) {
      return one.qdisc->handle() != 0 && qdisc::major_of(one.qdisc->handle()) == qdisc::major_of(handle);
    });
    return place == places_.end() ? nullptr : place->qdisc;
  }

  /// Sets parent_ (null: the root) and found_, what is there now.
  Outcome find_parent(const char* otherwise) {
    found_ = dev_.root_qdisc();
    if (request_.parent == qdisc::kRootHandle) return {};
    parent_ = by_handle(request_.parent);
    if (parent_ == nullptr) return fail(Errno::no_entry, otherwise);
    const auto classes = parent_->classes();
    if (classes.empty()) return fail(Errno::not_supported, "Parent qdisc is not classful");
    const auto one = std::ranges::find(classes, qdisc::minor_of(request_.parent), &qdisc::Class::minor);
    if (one == classes.end()) return fail(Errno::no_entry, "Specified class not found");
    found_ = one->leaf;
    return {};
  }

  /// The place is for a qdisc with a handle that the one there does not have.
  Outcome take_handle() {
    if (found_ != nullptr && request_.verb != Verb::replace)
      return fail(Errno::exists, "NLM_F_REPLACE needed to override");
    if (qdisc::minor_of(request_.handle) != 0) return fail(Errno::invalid, "Invalid minor handle");
    const Qdisc* same = by_handle(request_.handle);
    if (same == nullptr) return create(Creates::if_allowed);
    if (request_.verb == Verb::add) return fail(Errno::exists, "Exclusivity flag on, cannot override");
    if (!request_.kind.empty() && request_.kind != same->kind()) {
      return fail(Errno::invalid, "Invalid qdisc name: must match existing qdisc.");
    }
    return fail(Errno::not_supported, "A qdisc cannot be in two places");  // Linux shares it
  }

  Outcome change_found() {
    if (found_ == nullptr) return fail(Errno::no_entry, "Specified qdisc not found");
    if (request_.verb == Verb::add) return fail(Errno::exists, "Exclusivity flag on, cannot modify");
    if (!request_.kind.empty() && request_.kind != found_->kind()) {
      return fail(Errno::invalid, "Invalid qdisc name: must match existing qdisc.");
    }
    if (!request_.set) return {};
    qdisc::Options options = found_->options();
    if (std::holds_alternative<std::monostate>(options)) {
      return fail(Errno::invalid, "Change operation not supported by specified qdisc");
    }
    request_.set(options);
    const auto changed = dev_.change_qdisc(cpu_, *found_, options);
    return changed ? Outcome{} : fail(changed.error());
  }

  Outcome create(Creates creates) {
    if (creates == Creates::if_allowed && request_.verb == Verb::change) {
      return fail(Errno::no_entry, "Qdisc not found. To create specify NLM_F_CREATE flag");
    }
    if (!qdisc::is_kind(request_.kind)) return fail(Errno::no_entry, "Specified qdisc kind is unknown");
    const bool of_queues = request_.kind == "mq";
    if (of_queues && (parent_ != nullptr || dev_.tx_queues() == 1)) return fail(Errno::not_supported);
    auto made = qdisc::create_unset(request_.kind, dev_.qdisc_context());
    qdisc::Options options = made->options();
    if (request_.set) request_.set(options);
    if (const auto set = made->change(cpu_, options); !set) return fail(set.error());
    made->set_handle(request_.handle != 0 ? request_.handle : free_handle());
    return graft(std::move(made));
  }

  [[nodiscard]] Handle free_handle() const {
    Handle handle = dev_.core()->next_qdisc_handle();
    while (by_handle(handle) != nullptr) handle = dev_.core()->next_qdisc_handle();
    return handle;
  }

  Outcome graft(std::unique_ptr<Qdisc> child) {
    if (parent_ == nullptr) {
      dev_.set_root_qdisc(cpu_, std::move(child));
      return {};
    }
    const auto done = dev_.graft_qdisc(cpu_, *parent_, qdisc::minor_of(request_.parent), std::move(child));
    return done ? Outcome{} : fail(done.error());
  }

  kernel::Cpu& cpu_;
  NetDevice& dev_;
  const QdiscRequest& request_;
  std::vector<QdiscPlace> places_;
  Qdisc* parent_ = nullptr;
  Qdisc* found_ = nullptr;
};

}  // namespace

std::vector<QdiscPlace> qdiscs_of(NetDevice& dev) {
  std::vector<QdiscPlace> places;
  if (dev.root_qdisc() != nullptr) {
    add_places(places, {dev.root_qdisc(), nullptr, qdisc::kRootHandle, true}, dev.real_tx_queues());
  }
  return places;
}

std::optional<QdiscError> control_qdisc(kernel::Cpu& cpu, NetDevice& dev, const QdiscRequest& request) {
  if (dev.root_qdisc() == nullptr) return QdiscError{Errno::network_down, {}};
  Control control(cpu, dev, request);
  return request.verb == Verb::remove ? control.remove() : control.modify();
}

}  // namespace host::device
