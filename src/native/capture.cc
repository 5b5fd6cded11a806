#include "capture.h"

#include <utility>

namespace mien {

namespace {

/** How long the library may wait for something to happen before the thread looks whether it is to end. */
constexpr long kWaitMicroseconds = 100000;

/** libusb's word for a wait that a signal has ended. */
constexpr int kInterrupted = -10;

/**
 * Whose thread this is. The library calls back from the thread that waits for it, and would itself only remember for whom by a
 * function that a callback cannot know without it.
 */
thread_local Capture* own = nullptr;

}  // namespace

Capture::Capture(Driver& driver, CaptureOptions options, std::function<void()> knock)
    : driver_(driver), options_(std::move(options)), knock_(std::move(knock)) {
  for (int i = 0; i < kStreams; i++) rings_[i].reset(options_.buffers[i], options_.limits[i]);
  thread_ = std::thread([this] { run(); });
}

Capture::~Capture() { finish(); }

void Capture::finish() {
  ask_to_stop();
  if (thread_.joinable()) thread_.join();
}

Status Capture::status() {
  std::lock_guard<std::mutex> lock(mutex_);
  return status_;
}

void Capture::run() {
  own = this;
  FreenectContext* context = nullptr;
  FreenectDevice* device = nullptr;
  if (worked("freenect_init", driver_.init(&context, nullptr))) {
    if (driver_.set_log_level) driver_.set_log_level(context, kLogErrors);
    if (driver_.select_subdevices) driver_.select_subdevices(context, kCameraOnly);
    const int found = driver_.num_devices(context);
    if (worked("freenect_num_devices", found > options_.index ? 0 : -1) &&
        worked("freenect_open_device", driver_.open_device(context, &device, options_.index))) {
      if (start(device)) {
        Timeout wait{0, kWaitMicroseconds};
        int code = 0;
        while (!stop_ && (code >= 0 || code == kInterrupted)) {
          code = driver_.process_events_timeout ? driver_.process_events_timeout(context, &wait)
                                                : driver_.process_events(context);
        }
        if (!stop_) worked("freenect_process_events", code);
      }
      driver_.stop_depth(device);
      driver_.stop_video(device);
      driver_.close_device(device);
    }
    driver_.shutdown(context);
  }
  set_phase(Phase::kEnded);
}

bool Capture::start(FreenectDevice* device) {
  FrameMode depth{};
  for (const int format : options_.depth_formats) {
    depth = driver_.find_depth_mode(kResolution640x480, format);
    if (!depth.is_valid) continue;
    std::lock_guard<std::mutex> lock(mutex_);
    status_.depth_format = format;
    break;
  }
  const FrameMode color = driver_.find_video_mode(kResolution640x480, kColorRgb);
  if (!set_mode(device, kDepth, depth) || !set_mode(device, kColor, color)) return false;
  driver_.set_depth_callback(device, on_depth);
  driver_.set_video_callback(device, on_color);
  const bool started =
      worked("freenect_set_depth_buffer", driver_.set_depth_buffer(device, rings_[kDepth].filling())) &&
      worked("freenect_set_video_buffer", driver_.set_video_buffer(device, rings_[kColor].filling())) &&
      worked("freenect_start_depth", driver_.start_depth(device)) &&
      worked("freenect_start_video", driver_.start_video(device));
  if (started) set_phase(Phase::kRunning);
  return started;
}

/** A picture that is larger than its buffer would be written over what lies behind it. */
bool Capture::set_mode(FreenectDevice* device, Stream stream, const FrameMode& mode) {
  const bool fits = mode.is_valid && mode.bytes > 0 && static_cast<size_t>(mode.bytes) <= options_.bytes[stream];
  if (stream == kDepth) {
    return worked("freenect_find_depth_mode", fits ? 0 : -1) &&
           worked("freenect_set_depth_mode", driver_.set_depth_mode(device, mode));
  }
  return worked("freenect_find_video_mode", fits ? 0 : -1) &&
         worked("freenect_set_video_mode", driver_.set_video_mode(device, mode));
}

/** Keeps the first failure: what comes behind it follows from it. */
bool Capture::worked(const char* step, int code) {
  if (code >= 0) return true;
  std::lock_guard<std::mutex> lock(mutex_);
  if (status_.step.empty()) {
    status_.step = step;
    status_.code = code;
  }
  return false;
}

void Capture::set_phase(Phase phase) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    status_.phase = phase;
  }
  knock_();
}

// The library is told the next buffer in place of the one that it has just filled.

void Capture::on_color(FreenectDevice* device, void*, uint32_t device_time) {
  own->driver_.set_video_buffer(device, own->rings_[kColor].filled(device_time));
  own->knock_();
}

void Capture::on_depth(FreenectDevice* device, void*, uint32_t device_time) {
  own->driver_.set_depth_buffer(device, own->rings_[kDepth].filled(device_time));
  own->knock_();
}

}  // namespace mien
