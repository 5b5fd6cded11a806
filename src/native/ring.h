// Four buffers of one stream between the driver's thread, which fills them, and JavaScript, which owns them. Whoever is late loses the
// oldest picture, never the newest, and it is counted.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace mien {

constexpr int kSlots = 4;

using SteadyClock = std::chrono::steady_clock;

/** A filled buffer in JavaScript's hands. */
struct Taken {
  int slot;
  /** The device's own clock; it begins anew after 2^32 ticks. */
  uint32_t device_time;
  SteadyClock::time_point arrived;
};

struct Counts {
  uint64_t received;
  uint64_t dropped;
  /** Buffers that are JavaScript's at this moment. */
  int taken;
};

class Ring {
 public:
  /** `limit`: how many filled buffers may wait to be taken. Forgets everything that was before. */
  void reset(const std::array<uint8_t*, kSlots>& buffers, int limit);

  /** The driver's thread: where the next picture is to be written. */
  uint8_t* filling();
  /** The driver's thread: what {@link filling} named has been written; returns the next one. There always is one. */
  uint8_t* filled(uint32_t device_time);

  /** JavaScript's thread: the oldest that waits, which is its own until it is given back. False where none waits. */
  bool take(Taken& taken);
  /** False where that buffer was not taken. */
  bool give_back(int slot);
  Counts counts();

 private:
  enum class State { kFree, kFilling, kReady, kTaken };
  struct Slot {
    uint8_t* bytes = nullptr;
    State state = State::kFree;
    uint64_t order = 0;
    uint32_t device_time = 0;
    SteadyClock::time_point arrived;
  };

  int oldest_ready() const;
  int count(State state) const;
  void drop_oldest();

  std::mutex mutex_;
  std::array<Slot, kSlots> slots_;
  int filling_ = 0;
  int limit_ = 1;
  Counts counts_{0, 0, 0};
};

}  // namespace mien
