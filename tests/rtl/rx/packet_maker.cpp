// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/rx/packet_maker.hpp"

#include "tests/rtl/rx/frame_reference.hpp"

namespace tests::rx {

namespace {

void put16(Bytes& b, std::size_t at, std::size_t value) {
  b[at] = static_cast<std::uint8_t>(value >> 8);
  b[at + 1] = static_cast<std::uint8_t>(value);
}

void append(Bytes& to, const Bytes& what) {
  to.insert(to.end(), what.begin(), what.end());
}

class Maker {
 public:
  Maker(Random& random, const PacketOptions& options) : random_(random), options_(options) {}

  Bytes make() {
    Bytes frame = random_frame(random_, 12);
    for (unsigned tags = pick(3); tags != 0; --tags) {
      append(frame, pick(2) == 0 ? Bytes{0x81, 0} : Bytes{0x88, 0xA8});
      append(frame, random_frame(random_, 2));
    }
    const unsigned kind = pick(options_.correct ? 8 : 9);
    if (kind == 8) {  // not IP
      append(frame, random_frame(random_, 2 + pick(100)));
    } else if (kind % 2 == 0) {
      append(frame, {0x08, 0x00});
      ip4(frame);
    } else {
      append(frame, {0x86, 0xDD});
      ip6(frame);
    }
    // Ethernet's padding is nobody's: it may hold anything.
    const std::size_t pad = pick(3) == 0 ? pick(20) : 0;
    append(frame, random_frame(random_, pad));
    while (frame.size() < 60) frame.push_back(static_cast<std::uint8_t>(random_()));
    if (!options_.correct) spoil(frame);
    return frame;
  }

 private:
  unsigned pick(unsigned n) { return random_() % n; }
  bool rarely() { return !options_.correct && pick(12) == 0; }

  /// A transport header and payload with its checksum over `pseudo`.
  Bytes transport(unsigned protocol, Bytes pseudo) {
    Bytes l4;
    const Bytes payload = random_frame(random_, pick(static_cast<unsigned>(options_.max_payload) + 1));
    if (protocol == 6) {
      l4 = random_frame(random_, 20 + 4 * std::size_t{pick(11)});
      l4[12] = static_cast<std::uint8_t>(l4.size() / 4 << 4);
      if (rarely()) l4[12] = static_cast<std::uint8_t>(random_());
      put16(l4, 16, 0);
    } else if (protocol == 17) {
      l4 = random_frame(random_, 8);
      put16(l4, 4, 8 + payload.size());
      put16(l4, 6, 0);
      if (rarely()) put16(l4, 4, 8 + payload.size() + pick(3) - 1);
    }
    append(l4, payload);
    const std::size_t length = l4.size();
    append(pseudo, {0, static_cast<std::uint8_t>(length >> 16), static_cast<std::uint8_t>(length >> 8),
                    static_cast<std::uint8_t>(length), 0, static_cast<std::uint8_t>(protocol)});
    append(pseudo, l4);
    unsigned sum = 0xFFFF ^ ones_sum(pseudo);
    if (sum == 0) sum = 0xFFFF;
    if (rarely()) sum = pick(3) == 0 ? 0 : sum ^ 1U << pick(16);
    if (protocol == 6) put16(l4, 16, sum);
    if (protocol == 17) put16(l4, 6, sum);
    return l4;
  }

  unsigned protocol() {
    return options_.correct ? (pick(2) == 0 ? 6 : 17) : (std::vector<unsigned>{6, 17, 6, 17, 1, 58})[pick(6)];
  }

  void ip4(Bytes& frame) {
    Bytes h = random_frame(random_, 20 + 4 * (pick(2) == 0 ? std::size_t{0} : pick(11)));
    const unsigned p = protocol();
    const Bytes l4 = transport(p, Bytes(h.begin() + 12, h.begin() + 20));
    h[0] = static_cast<std::uint8_t>(0x40 | h.size() / 4);
    put16(h, 2, h.size() + l4.size());
    put16(h, 6, 0x4000);
    if (rarely()) put16(h, 6, random_());
    h[9] = static_cast<std::uint8_t>(p);
    if (rarely()) h[0] = static_cast<std::uint8_t>(random_());
    if (rarely()) put16(h, 2, h.size() + l4.size() + pick(40) - 20);
    put16(h, 10, 0);
    put16(h, 10, 0xFFFF ^ ones_sum(h));
    if (rarely()) h[pick(20)] ^= static_cast<std::uint8_t>(1U << pick(8));
    append(frame, h);
    append(frame, l4);
  }

  Bytes extension(unsigned type, unsigned next) {
    Bytes e = random_frame(random_, type == 44 ? 8 : 8 * std::size_t{1 + pick(4)});
    if (type == 0 || type == 60 || type == 43) {
      e[1] = static_cast<std::uint8_t>(e.size() / 8 - 1);
      if (type == 43) e[3] = static_cast<std::uint8_t>(options_.correct ? 0 : pick(2));
      if (type == 60 && options_.correct && e.size() > 16) {
        e.resize(16);
        e[1] = 1;
      }
    }
    if (!options_.correct && pick(2) == 0 && (type == 60 || type == 43)) {
      e = random_frame(random_, 24);
      e[1] = 2;
      put16(e, 2, type == 60 ? 0x0102 : 0x0201);
      put16(e, 6, 0xC910);
    }
    if (rarely()) e[1] = static_cast<std::uint8_t>(random_());
    e[0] = static_cast<std::uint8_t>(next);
    return e;
  }

  void ip6(Bytes& frame) {
    Bytes h = random_frame(random_, 40);
    const unsigned p = protocol();
    const Bytes l4 = transport(p, Bytes(h.begin() + 8, h.begin() + 40));
    Bytes extensions;
    unsigned next = p;
    if (pick(2) == 0) {
      for (unsigned count = pick(options_.correct ? 5 : 9); count != 0; --count) {
        const unsigned types[] = {60, 43, options_.correct ? 60U : 44U, 60, 43, 60};
        const unsigned type = types[pick(6)];
        Bytes e = extension(type, next);
        append(e, extensions);
        extensions = e;
        next = type;
      }
      if (pick(3) == 0) {
        Bytes e = extension(0, next);
        append(e, extensions);
        extensions = e;
        next = 0;
      }
    }
    h[0] = 0x60;
    put16(h, 4, extensions.size() + l4.size());
    h[6] = static_cast<std::uint8_t>(next);
    if (rarely()) h[0] = static_cast<std::uint8_t>(random_());
    if (rarely()) put16(h, 4, extensions.size() + l4.size() + pick(60) - 30);
    if (rarely()) put16(h, 4, random_());
    append(frame, h);
    append(frame, extensions);
    append(frame, l4);
  }

  void spoil(Bytes& frame) {
    if (pick(8) == 0) frame.resize(1 + pick(static_cast<unsigned>(frame.size())));
    if (pick(8) == 0) frame[pick(static_cast<unsigned>(frame.size()))] ^= static_cast<std::uint8_t>(1U << pick(8));
  }

  Random& random_;
  const PacketOptions& options_;
};

}  // namespace

Bytes random_packet(Random& random, const PacketOptions& options) {
  return Maker(random, options).make();
}

}  // namespace tests::rx
