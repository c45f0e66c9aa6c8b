// SPDX-License-Identifier: Apache-2.0
// The POSIX spelling of each Errno.
#include "host/base/result.hpp"

namespace host::base {

std::string_view errno_name(Errno error) {
  switch (error) {
    case Errno::again:
      return "EAGAIN";
    case Errno::invalid:
      return "EINVAL";
    case Errno::no_memory:
      return "ENOMEM";
    case Errno::no_buffers:
      return "ENOBUFS";
    case Errno::no_device:
      return "ENODEV";
    case Errno::not_supported:
      return "EOPNOTSUPP";
    case Errno::busy:
      return "EBUSY";
    case Errno::io:
      return "EIO";
    case Errno::timed_out:
      return "ETIMEDOUT";
    case Errno::no_entry:
      return "ENOENT";
    case Errno::no_address:
      return "ENXIO";
    case Errno::no_process:
      return "ESRCH";
    case Errno::exists:
      return "EEXIST";
    case Errno::range:
      return "ERANGE";
    case Errno::message_size:
      return "EMSGSIZE";
    case Errno::address_in_use:
      return "EADDRINUSE";
    case Errno::address_not_available:
      return "EADDRNOTAVAIL";
    case Errno::network_unreachable:
      return "ENETUNREACH";
    case Errno::host_unreachable:
      return "EHOSTUNREACH";
    case Errno::connection_refused:
      return "ECONNREFUSED";
    case Errno::not_connected:
      return "ENOTCONN";
    case Errno::is_connected:
      return "EISCONN";
    case Errno::bad_descriptor:
      return "EBADF";
    case Errno::protocol_not_supported:
      return "EPROTONOSUPPORT";
    case Errno::network_down:
      return "ENETDOWN";
    case Errno::access:
      return "EACCES";
    case Errno::destination_required:
      return "EDESTADDRREQ";
    case Errno::is_directory:
      return "EISDIR";
    case Errno::not_directory:
      return "ENOTDIR";
    case Errno::overflow:
      return "EOVERFLOW";
    case Errno::not_permitted:
      return "EPERM";
    case Errno::too_many_links:
      return "EMLINK";
    case Errno::too_many_open:
      return "EMFILE";
  }
  return "E?";
}

}  // namespace host::base
