// One device at work: a thread of its own does everything with libfreenect, from opening to closing, because the library is not made
// for several. What it has to say it leaves in a status and in two rings, and knocks.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "driver.h"
#include "ring.h"

namespace mien {

enum Stream : int { kColor = 0, kDepth = 1, kStreams = 2 };

struct CaptureOptions {
  int index = 0;
  /** Depth formats of libfreenect; the first that the library has is used. */
  std::vector<int> depth_formats;
  std::array<std::array<uint8_t*, kSlots>, kStreams> buffers{};
  /** Bytes of each buffer of a stream. */
  std::array<size_t, kStreams> bytes{};
  std::array<int, kStreams> limits{};
};

enum class Phase { kStarting, kRunning, kEnded };

struct Status {
  Phase phase = Phase::kStarting;
  /** What failed, by the name of the library's function; empty where nothing did. */
  std::string step;
  /** What that function returned. */
  int code = 0;
  /** Of libfreenect; -1 before it is known. */
  int depth_format = -1;
};

class Capture {
 public:
  /** `knock` is called by the thread, whenever there is something new; it must not wait. */
  Capture(Driver& driver, CaptureOptions options, std::function<void()> knock);
  /** Waits for the thread. */
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  /** Asks the thread to end; it may take until the library's next event. */
  void ask_to_stop() { stop_ = true; }
  /** The same, and waits for it. */
  void finish();
  Status status();
  Ring& ring(Stream stream) { return rings_[stream]; }

 private:
  void run();
  bool start(FreenectDevice* device);
  bool set_mode(FreenectDevice* device, Stream stream, const FrameMode& mode);
  bool worked(const char* step, int code);
  void set_phase(Phase phase);
  static void on_color(FreenectDevice* device, void* data, uint32_t device_time);
  static void on_depth(FreenectDevice* device, void* data, uint32_t device_time);

  Driver& driver_;
  const CaptureOptions options_;
  const std::function<void()> knock_;
  std::array<Ring, kStreams> rings_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  Status status_;
  std::thread thread_;
};

}  // namespace mien
