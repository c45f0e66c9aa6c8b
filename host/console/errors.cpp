// SPDX-License-Identifier: Apache-2.0
// The C library's sentence for each Errno.
#include "host/console/errors.hpp"

namespace host::console {

using base::Errno;

std::string_view error_text(Errno error) {
  switch (error) {
    case Errno::again:
      return "Resource temporarily unavailable";
    case Errno::invalid:
      return "Invalid argument";
    case Errno::no_memory:
      return "Cannot allocate memory";
    case Errno::no_buffers:
      return "No buffer space available";
    case Errno::no_device:
      return "No such device";
    case Errno::not_supported:
      return "Operation not supported";
    case Errno::busy:
      return "Device or resource busy";
    case Errno::io:
      return "Input/output error";
    case Errno::timed_out:
      return "Connection timed out";
    case Errno::no_entry:
      return "No such file or directory";
    case Errno::no_address:
      return "No such device or address";
    case Errno::no_process:
      return "No such process";
    case Errno::exists:
      return "File exists";
    case Errno::range:
      return "Numerical result out of range";
    case Errno::message_size:
      return "Message too long";
    case Errno::address_in_use:
      return "Address already in use";
    case Errno::address_not_available:
      return "Cannot assign requested address";
    case Errno::network_unreachable:
      return "Network is unreachable";
    case Errno::host_unreachable:
      return "No route to host";
    case Errno::connection_refused:
      return "Connection refused";
    case Errno::not_connected:
      return "Transport endpoint is not connected";
    case Errno::is_connected:
      return "Transport endpoint is already connected";
    case Errno::bad_descriptor:
      return "Bad file descriptor";
    case Errno::protocol_not_supported:
      return "Protocol not supported";
    case Errno::network_down:
      return "Network is down";
    case Errno::access:
      return "Permission denied";
    case Errno::destination_required:
      return "Destination address required";
    case Errno::too_many_open:
      return "Too many open files";
    case Errno::is_directory:
      return "Is a directory";
    case Errno::not_directory:
      return "Not a directory";
    case Errno::overflow:
      return "Value too large for defined data type";
    case Errno::not_permitted:
      return "Operation not permitted";
    case Errno::too_many_links:
      return "Too many links";
  }
  return "Unknown error";
}

}  // namespace host::console
