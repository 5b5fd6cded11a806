#include "ring.h"

namespace mien {

void Ring::reset(const std::array<uint8_t*, kSlots>& buffers, int limit) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (int i = 0; i < kSlots; i++) {
    slots_[i] = Slot{};
    slots_[i].bytes = buffers[i];
  }
  filling_ = 0;
  slots_[0].state = State::kFilling;
  limit_ = limit;
  counts_ = {0, 0, 0};
}

uint8_t* Ring::filling() {
  std::lock_guard<std::mutex> lock(mutex_);
  return slots_[filling_].bytes;
}

uint8_t* Ring::filled(uint32_t device_time) {
  std::lock_guard<std::mutex> lock(mutex_);
  Slot& full = slots_[filling_];
  full.state = State::kReady;
  full.order = ++counts_.received;
  full.device_time = device_time;
  full.arrived = SteadyClock::now();
  // JavaScript may hold all the others: then what has just come is the oldest, and gives way.
  if (count(State::kReady) > limit_ || count(State::kFree) == 0) drop_oldest();
  for (int i = 0; i < kSlots; i++) {
    if (slots_[i].state != State::kFree) continue;
    filling_ = i;
    break;
  }
  slots_[filling_].state = State::kFilling;
  return slots_[filling_].bytes;
}

bool Ring::take(Taken& taken) {
  std::lock_guard<std::mutex> lock(mutex_);
  const int oldest = oldest_ready();
  if (oldest < 0) return false;
  slots_[oldest].state = State::kTaken;
  taken = {oldest, slots_[oldest].device_time, slots_[oldest].arrived};
  return true;
}

bool Ring::give_back(int slot) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (slot < 0 || slot >= kSlots || slots_[slot].state != State::kTaken) return false;
  slots_[slot].state = State::kFree;
  return true;
}

Counts Ring::counts() {
  std::lock_guard<std::mutex> lock(mutex_);
  return {counts_.received, counts_.dropped, count(State::kTaken)};
}

int Ring::oldest_ready() const {
  int oldest = -1;
  for (int i = 0; i < kSlots; i++) {
    if (slots_[i].state != State::kReady) continue;
    if (oldest < 0 || slots_[i].order < slots_[oldest].order) oldest = i;
  }
  return oldest;
}

int Ring::count(State state) const {
  int found = 0;
  for (const Slot& slot : slots_) found += slot.state == state ? 1 : 0;
  return found;
}

void Ring::drop_oldest() {
  const int oldest = oldest_ready();
  if (oldest < 0) return;
  slots_[oldest].state = State::kFree;
  counts_.dropped++;
}

}  // namespace mien
