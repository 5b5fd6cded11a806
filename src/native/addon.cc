// What JavaScript sees of a Kinect v1 (index.ts has the types): one driver a program, one capture of it at a time. Here bytes are moved
// and threads are ended; what becomes of pictures and errors is decided in TypeScript.
#include <napi.h>

#include <memory>
#include <vector>

#include "capture.h"

namespace mien {

namespace {

const char* name_of(Phase phase) {
  switch (phase) {
    case Phase::kStarting:
      return "starting";
    case Phase::kRunning:
      return "running";
    default:
      return "ended";
  }
}

/** A property that must be a whole number; false with an exception pending where it is none. */
bool integer_of(const Napi::Object& from, const char* name, int& value) {
  const Napi::Value found = from.Get(name);
  if (!found.IsNumber()) {
    Napi::TypeError::New(from.Env(), std::string(name) + " is no number").ThrowAsJavaScriptException();
    return false;
  }
  value = found.As<Napi::Number>().Int32Value();
  return true;
}

}  // namespace

class KinectV1 : public Napi::ObjectWrap<KinectV1> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "KinectV1",
                       {InstanceAccessor<&KinectV1::extras>("extras"), InstanceMethod<&KinectV1::devices>("devices"),
                        InstanceMethod<&KinectV1::start>("start"), InstanceMethod<&KinectV1::status>("status"),
                        InstanceMethod<&KinectV1::take>("take"), InstanceMethod<&KinectV1::give_back>("giveBack"),
                        InstanceMethod<&KinectV1::counts>("counts"), InstanceMethod<&KinectV1::stop>("stop")});
  }

  explicit KinectV1(const Napi::CallbackInfo& info) : Napi::ObjectWrap<KinectV1>(info) {
    if (info.Length() < 1 || !info[0].IsString()) {
      Napi::TypeError::New(info.Env(), "a library is needed").ThrowAsJavaScriptException();
      return;
    }
    std::string why;
    driver_ = Driver::open(info[0].As<Napi::String>().Utf8Value(), why);
    if (!driver_) Napi::Error::New(info.Env(), why).ThrowAsJavaScriptException();
  }

 private:
  Napi::Value extras(const Napi::CallbackInfo& info) {
    const std::vector<std::string> names = driver_->extras();
    Napi::Array list = Napi::Array::New(info.Env(), names.size());
    for (size_t i = 0; i < names.size(); i++) list.Set(static_cast<uint32_t>(i), names[i]);
    return list;
  }

  Napi::Value devices(const Napi::CallbackInfo& info) {
    Napi::Array list = Napi::Array::New(info.Env());
    if (capture_) return fail(info, "it is at work");
    FreenectContext* context = nullptr;
    if (driver_->init(&context, nullptr) < 0) return fail(info, "freenect_init failed");
    if (driver_->set_log_level) driver_->set_log_level(context, kLogErrors);
    const int found = driver_->num_devices(context);
    for (int i = 0; i < found; i++) list.Set(static_cast<uint32_t>(i), "");
    if (driver_->list_device_attributes && driver_->free_device_attributes) {
      DeviceAttributes* first = nullptr;
      if (driver_->list_device_attributes(context, &first) >= 0) {
        uint32_t i = 0;
        for (DeviceAttributes* device = first; device; device = device->next) {
          list.Set(i++, device->camera_serial ? device->camera_serial : "");
        }
        driver_->free_device_attributes(first);
      }
    }
    driver_->shutdown(context);
    return list;
  }

  Napi::Value start(const Napi::CallbackInfo& info) {
    if (capture_) return fail(info, "it is at work already");
    if (info.Length() < 2 || !info[0].IsObject() || !info[1].IsFunction()) return fail(info, "options and a listener are needed");
    const Napi::Object given = info[0].As<Napi::Object>();
    CaptureOptions options;
    if (!integer_of(given, "index", options.index)) return info.Env().Undefined();
    const Napi::Value formats = given.Get("depthFormats");
    if (!formats.IsArray()) return fail(info, "depthFormats is no list");
    const Napi::Array list = formats.As<Napi::Array>();
    for (uint32_t i = 0; i < list.Length(); i++) {
      options.depth_formats.push_back(list.Get(i).ToNumber().Int32Value());
    }
    if (!read_stream(given, "color", kColor, options) || !read_stream(given, "depth", kDepth, options)) {
      buffers_.clear();
      return info.Env().Undefined();
    }
    knocker_ = Napi::ThreadSafeFunction::New(info.Env(), info[1].As<Napi::Function>(), "Kinect", 0, 1);
    knocked_ = false;
    Ref();  // until the thread has ended
    napi_add_env_cleanup_hook(info.Env(), leave, this);
    capture_ = std::make_unique<Capture>(*driver_, options, [this] { knock(); });
    return info.Env().Undefined();
  }

  Napi::Value status(const Napi::CallbackInfo& info) {
    Status now = capture_ ? capture_->status() : last_;
    // The thread has ended, but its buffers are not let go of yet: the knock that does it is on its way.
    if (capture_ && now.phase == Phase::kEnded) now.phase = Phase::kRunning;
    Napi::Object told = Napi::Object::New(info.Env());
    told.Set("phase", name_of(now.phase));
    told.Set("step", now.step);
    told.Set("code", now.code);
    told.Set("depthFormat", now.depth_format);
    return told;
  }

  Napi::Value take(const Napi::CallbackInfo& info) {
    Taken taken{};
    Stream stream;
    if (!stream_of(info, stream)) return info.Env().Undefined();
    if (!capture_ || !capture_->ring(stream).take(taken)) return info.Env().Null();
    const std::chrono::duration<double, std::milli> age = SteadyClock::now() - taken.arrived;
    Napi::Object picture = Napi::Object::New(info.Env());
    picture.Set("slot", taken.slot);
    picture.Set("deviceTime", taken.device_time);
    picture.Set("ageMs", age.count());
    return picture;
  }

  Napi::Value give_back(const Napi::CallbackInfo& info) {
    Stream stream;
    if (!stream_of(info, stream)) return info.Env().Undefined();
    const bool was_taken =
        !capture_ || (info.Length() > 1 && capture_->ring(stream).give_back(info[1].ToNumber().Int32Value()));
    return was_taken ? info.Env().Undefined() : fail(info, "that buffer was not taken");
  }

  Napi::Value counts(const Napi::CallbackInfo& info) {
    Stream stream;
    if (!stream_of(info, stream)) return info.Env().Undefined();
    if (capture_) last_counts_[stream] = capture_->ring(stream).counts();
    Napi::Object told = Napi::Object::New(info.Env());
    told.Set("received", static_cast<double>(last_counts_[stream].received));
    told.Set("dropped", static_cast<double>(last_counts_[stream].dropped));
    told.Set("taken", last_counts_[stream].taken);
    return told;
  }

  Napi::Value stop(const Napi::CallbackInfo& info) {
    if (capture_) capture_->ask_to_stop();
    return info.Env().Undefined();
  }

  /** The buffers of a stream, which stay alive as long as the thread may write into them. */
  bool read_stream(const Napi::Object& given, const char* name, Stream stream, CaptureOptions& options) {
    const Napi::Value found = given.Get(name);
    if (!found.IsObject()) {
      fail(given.Env(), std::string(name) + " is missing");
      return false;
    }
    const Napi::Object own = found.As<Napi::Object>();
    if (!integer_of(own, "limit", options.limits[stream])) return false;
    const Napi::Value buffers = own.Get("buffers");
    const bool is_ring = buffers.IsArray() && buffers.As<Napi::Array>().Length() == kSlots;
    if (!is_ring || options.limits[stream] < 1 || options.limits[stream] >= kSlots) {
      fail(given.Env(), std::string(name) + " needs 4 buffers and a limit of 1 to 3");
      return false;
    }
    for (uint32_t i = 0; i < kSlots; i++) {
      const Napi::Value buffer = buffers.As<Napi::Array>().Get(i);
      if (!buffer.IsTypedArray() || buffer.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
        fail(given.Env(), std::string(name) + " has a buffer that is no Uint8Array");
        return false;
      }
      Napi::Uint8Array bytes = buffer.As<Napi::Uint8Array>();
      if (i > 0 && bytes.ByteLength() != options.bytes[stream]) {
        fail(given.Env(), std::string(name) + " has buffers of several sizes");
        return false;
      }
      options.bytes[stream] = bytes.ByteLength();
      options.buffers[stream][i] = bytes.Data();
      buffers_.push_back(Napi::Persistent(bytes.As<Napi::Object>()));
    }
    return true;
  }

  bool stream_of(const Napi::CallbackInfo& info, Stream& stream) {
    const int given = info.Length() > 0 && info[0].IsNumber() ? info[0].As<Napi::Number>().Int32Value() : -1;
    stream = given == kDepth ? kDepth : kColor;
    if (given == kColor || given == kDepth) return true;
    fail(info, "there is no such stream");
    return false;
  }

  /** The capture's thread. One knock at a time is on its way: whoever hears it looks at everything. */
  void knock() {
    if (knocked_.exchange(true)) return;
    knocker_.NonBlockingCall([this](Napi::Env env, Napi::Function listener) {
      knocked_ = false;
      const bool is_over = capture_->status().phase == Phase::kEnded;
      if (is_over) end(env);
      listener.Call({});
      // Whatever the listener throws is an error of the program, as everywhere else.
      if (env.IsExceptionPending()) napi_fatal_exception(env, env.GetAndClearPendingException().Value());
      if (is_over) Unref();
    });
  }

  /** Waits for the thread and lets go of everything that it used. */
  void end(Napi::Env env) {
    napi_remove_env_cleanup_hook(env, leave, this);
    close();
  }

  void close() {
    capture_->finish();
    last_ = capture_->status();
    for (const Stream stream : {kColor, kDepth}) last_counts_[stream] = capture_->ring(stream).counts();
    capture_.reset();
    buffers_.clear();
    knocker_.Abort();  // what may still be on its way would ask for a capture that is gone
  }

  /** The program ends before the capture: the thread must not go on into memory that is no more. */
  static void leave(void* self) { static_cast<KinectV1*>(self)->close(); }

  static Napi::Value fail(const Napi::CallbackInfo& info, const std::string& why) { return fail(info.Env(), why); }
  static Napi::Value fail(Napi::Env env, const std::string& why) {
    Napi::Error::New(env, why).ThrowAsJavaScriptException();
    return env.Undefined();
  }

  std::unique_ptr<Driver> driver_;
  std::vector<Napi::ObjectReference> buffers_;
  Napi::ThreadSafeFunction knocker_;
  std::atomic<bool> knocked_{false};
  Status last_;
  std::array<Counts, kStreams> last_counts_{};
  std::unique_ptr<Capture> capture_;  // the last: it ends before what it uses
};

}  // namespace mien

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("KinectV1", mien::KinectV1::define(env));
  return exports;
}

NODE_API_MODULE(kinect, Init)
