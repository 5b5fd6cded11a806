#include "driver.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace mien {

namespace {

#ifdef _WIN32
void* open_library(const std::string& path, std::string& why) {
  const int length = MultiByteToWideChar(CP_UTF8, 0, path.c_str(), -1, nullptr, 0);
  std::wstring wide(static_cast<size_t>(length), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, path.c_str(), -1, &wide[0], length);
  void* library = reinterpret_cast<void*>(LoadLibraryW(wide.c_str()));
  if (!library) why = "system error " + std::to_string(GetLastError());
  return library;
}
#else
void* open_library(const std::string& path, std::string& why) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* text = dlerror();
    why = text ? text : "the system does not say why";
  }
  return library;
}
#endif

}  // namespace

std::unique_ptr<Driver> Driver::open(const std::string& path, std::string& why) {
  void* library = open_library(path, why);
  if (!library) return nullptr;
  std::unique_ptr<Driver> driver(new Driver(library));
  Driver& d = *driver;
  why.clear();
  const auto need = [&](const char* name, auto& function) {
    if (!d.look_up(name, function)) why += (why.empty() ? "without " : ", ") + std::string(name);
  };
  need("freenect_init", d.init);
  need("freenect_shutdown", d.shutdown);
  need("freenect_process_events", d.process_events);
  need("freenect_num_devices", d.num_devices);
  need("freenect_open_device", d.open_device);
  need("freenect_close_device", d.close_device);
  need("freenect_set_depth_callback", d.set_depth_callback);
  need("freenect_set_video_callback", d.set_video_callback);
  need("freenect_set_depth_buffer", d.set_depth_buffer);
  need("freenect_set_video_buffer", d.set_video_buffer);
  need("freenect_find_depth_mode", d.find_depth_mode);
  need("freenect_find_video_mode", d.find_video_mode);
  need("freenect_set_depth_mode", d.set_depth_mode);
  need("freenect_set_video_mode", d.set_video_mode);
  need("freenect_start_depth", d.start_depth);
  need("freenect_start_video", d.start_video);
  need("freenect_stop_depth", d.stop_depth);
  need("freenect_stop_video", d.stop_video);
  d.look_up("freenect_process_events_timeout", d.process_events_timeout);
  d.look_up("freenect_select_subdevices", d.select_subdevices);
  d.look_up("freenect_set_log_level", d.set_log_level);
  d.look_up("freenect_list_device_attributes", d.list_device_attributes);
  d.look_up("freenect_free_device_attributes", d.free_device_attributes);
  d.look_up("freenect_copy_registration", d.copy_registration);
  return why.empty() ? std::move(driver) : nullptr;
}

Driver::~Driver() {
#ifdef _WIN32
  FreeLibrary(reinterpret_cast<HMODULE>(library_));
#else
  dlclose(library_);
#endif
}

void* Driver::find(const char* name) const {
#ifdef _WIN32
  return reinterpret_cast<void*>(GetProcAddress(reinterpret_cast<HMODULE>(library_), name));
#else
  return dlsym(library_, name);
#endif
}

template <typename Function>
bool Driver::look_up(const char* name, Function& function) const {
  function = reinterpret_cast<Function>(find(name));
  return function != nullptr;
}

std::vector<std::string> Driver::extras() const {
  std::vector<std::string> names;
  if (process_events_timeout) names.emplace_back("process_events_timeout");
  if (select_subdevices) names.emplace_back("select_subdevices");
  if (set_log_level) names.emplace_back("set_log_level");
  if (list_device_attributes && free_device_attributes) names.emplace_back("list_device_attributes");
  if (copy_registration) names.emplace_back("copy_registration");
  return names;
}

}  // namespace mien
