// onnxruntime reports what it runs to its makers unless it is told not to before it is loaded: a device id and a queue of events
// below the home folder, sent from there. Nothing leaves the machine here. To be imported before onnxruntime, and on the main
// thread before any worker is started, because the environment of a worker is a copy that the library does not see.
process.env.ORT_DISABLE_TELEMETRY = '1';
