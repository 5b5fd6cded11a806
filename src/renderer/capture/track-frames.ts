// The frames of a camera's track, in a way that browsers other than Chromium do not have yet.

declare const MediaStreamTrackProcessor: new (options: { track: MediaStreamTrack; maxBufferSize: number }) => {
  readonly readable: ReadableStream<VideoFrame>;
};

/** Frames that may wait in the browser for our worker, which takes each at once. */
const BUFFERED_FRAMES = 8;

/** They can be handed over to a worker. */
export const framesOf = (track: MediaStreamTrack): ReadableStream<VideoFrame> =>
  new MediaStreamTrackProcessor({ track, maxBufferSize: BUFFERED_FRAMES }).readable;
