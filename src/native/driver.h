// The functions of libfreenect that are used, looked up when the program runs: Mien is built and starts without it. The few types are
// written down as the library's binary interface has them since version 0.1.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mien {

struct FreenectContext;
struct FreenectDevice;

/** What freenect_find_…_mode gives and freenect_set_…_mode takes, by value. */
struct FrameMode {
  uint32_t reserved;
  int32_t resolution;
  int32_t format;
  int32_t bytes;
  int16_t width;
  int16_t height;
  int8_t data_bits;
  int8_t padding_bits;
  int8_t rate;
  int8_t is_valid;
};
static_assert(sizeof(FrameMode) == 24, "as libfreenect lays it out");

/** A node of the list that freenect_list_device_attributes makes. */
struct DeviceAttributes {
  DeviceAttributes* next;
  const char* camera_serial;
};

/** As the system's own, whose header differs from one system to another. */
struct Timeout {
  long seconds;
  long microseconds;
};

using FrameCallback = void (*)(FreenectDevice*, void* data, uint32_t device_time);

constexpr int kLogErrors = 1;
constexpr int kCameraOnly = 2;
constexpr int kResolution640x480 = 1;
constexpr int kColorRgb = 0;

/** An open libfreenect. It is closed with this object, which must outlive everything that the library made. */
class Driver {
 public:
  /** Null where the library cannot be opened or lacks a function without which nothing works; `why` says it. */
  static std::unique_ptr<Driver> open(const std::string& path, std::string& why);
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  /** Names of those functions that not every library has and that this one has. */
  std::vector<std::string> extras() const;

  int (*init)(FreenectContext**, void* usb) = nullptr;
  int (*shutdown)(FreenectContext*) = nullptr;
  int (*process_events)(FreenectContext*) = nullptr;
  int (*num_devices)(FreenectContext*) = nullptr;
  int (*open_device)(FreenectContext*, FreenectDevice**, int index) = nullptr;
  int (*close_device)(FreenectDevice*) = nullptr;
  void (*set_depth_callback)(FreenectDevice*, FrameCallback) = nullptr;
  void (*set_video_callback)(FreenectDevice*, FrameCallback) = nullptr;
  int (*set_depth_buffer)(FreenectDevice*, void*) = nullptr;
  int (*set_video_buffer)(FreenectDevice*, void*) = nullptr;
  FrameMode (*find_depth_mode)(int resolution, int format) = nullptr;
  FrameMode (*find_video_mode)(int resolution, int format) = nullptr;
  int (*set_depth_mode)(FreenectDevice*, FrameMode) = nullptr;
  int (*set_video_mode)(FreenectDevice*, FrameMode) = nullptr;
  int (*start_depth)(FreenectDevice*) = nullptr;
  int (*start_video)(FreenectDevice*) = nullptr;
  int (*stop_depth)(FreenectDevice*) = nullptr;
  int (*stop_video)(FreenectDevice*) = nullptr;

  // These may be missing: they are newer, or a fake library has not got them.
  int (*process_events_timeout)(FreenectContext*, Timeout*) = nullptr;
  void (*select_subdevices)(FreenectContext*, int flags) = nullptr;
  void (*set_log_level)(FreenectContext*, int level) = nullptr;
  int (*list_device_attributes)(FreenectContext*, DeviceAttributes**) = nullptr;
  void (*free_device_attributes)(DeviceAttributes*) = nullptr;
  int (*copy_registration)() = nullptr;  // only asked whether it is there

 private:
  explicit Driver(void* library) : library_(library) {}
  void* find(const char* name) const;
  template <typename Function>
  bool look_up(const char* name, Function& function) const;

  void* library_;
};

}  // namespace mien
