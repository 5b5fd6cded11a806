// Tells how bright each frame of a camera is, with the time at which it was captured: as it is told when a recording is made.
import { CameraClock, steadyUnixMs } from './camera-clock.ts';
import { meanLuma, type LumaSample } from './latency.ts';
import { pictureOf } from './picture.ts';

const page = self as unknown as {
  postMessage(sample: LumaSample): void;
  onmessage: (event: MessageEvent<ReadableStream<VideoFrame>>) => void;
};

page.onmessage = ({ data: frames }) => {
  void frames.pipeTo(new WritableStream({ write: tell })); // it ends with the track
};

const clock = new CameraClock();

async function tell(frame: VideoFrame): Promise<void> {
  const unixMs = clock.unixMs(frame.timestamp / 1000, steadyUnixMs());
  if (unixMs === null) frame.close();
  else page.postMessage({ unixMs, luma: meanLuma(await pictureOf(frame)) });
}
