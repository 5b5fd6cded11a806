// Takes the frames of a camera to the program and what it says of them back to the page. It runs beside the page, which browsers
// slow down when it is hidden; nothing here waits for the screen.
import { Client } from '../../main/contract/rpc.ts';
import { MienError, reportOf } from '../../main/contract/errors.ts';
import { openWire } from '../connection/wire.ts';
import { CameraClock, steadyUnixMs } from './camera-clock.ts';
import { LatestWins } from './latest.ts';
import type { CameraNews, CameraStart } from './messages.ts';
import { pictureOf } from './picture.ts';

/** Frames at the program at once: one that is looked at and one on its way. */
const UNDER_WAY = 2;

const page = self as unknown as { postMessage(news: CameraNews): void; onmessage: (event: MessageEvent) => void };
const tell = (news: CameraNews): void => page.postMessage(news);

page.onmessage = ({ data }: MessageEvent<CameraStart>) => {
  run(data).then(
    () => tell({ kind: 'ended' }),
    (error: unknown) => tell({ kind: 'fault', error: reportOf(error) }),
  );
};

async function run({ frames, wire, camera }: CameraStart): Promise<void> {
  const reader = frames.getReader();
  const transport = await openWire(wire).catch((cause: unknown) => {
    throw new MienError('interrupted', 'The program behind the window is gone.', 'It is being looked for.', { cause });
  });
  const client = new Client(transport, () => void reader.cancel());
  try {
    const ticket = await attach(client, camera);
    await takeFrames(reader, client, ticket);
  } finally {
    transport.close();
    await reader.cancel();
  }
}

/** Says that this window has the camera, for as long as the wire is open; resolves to the ticket that its frames carry. */
function attach(client: Client, camera: CameraStart['camera']): Promise<number> {
  return new Promise((resolve, reject) => {
    client.call('live.attach', camera, resolve).result.catch(reject);
  });
}

async function takeFrames(
  reader: ReadableStreamDefaultReader<VideoFrame>,
  client: Client,
  ticket: number,
): Promise<void> {
  const clock = new CameraClock();
  let [copied, isSettled] = [Promise.resolve(), false];
  let fault: Error | null = null;
  const latest = new LatestWins<VideoFrame>(UNDER_WAY, async (frame, unixMs, dropped) => {
    const arrivedUnixMs = Date.now();
    const picture = copied.then(() => pictureOf(frame));
    copied = picture.then(
      () => undefined,
      () => undefined, // told below
    );
    try {
      const message = { ticket, unixMs, arrivedUnixMs, dropped: [...dropped], ...(await picture) };
      const faces = await client.call('live.frame', message).result;
      const { width, height } = message;
      tell({ kind: 'report', faces, unixMs, width, height, dropped: latest.dropped });
    } catch (error) {
      fault ??= error instanceof Error ? error : new Error(String(error));
    }
  });
  for (;;) {
    const { value: frame, done } = await reader.read();
    if (done) break;
    const unixMs = clock.unixMs(frame.timestamp / 1000, steadyUnixMs());
    if (unixMs === null) {
      frame.close();
      continue;
    }
    if (!isSettled) tell({ kind: 'settled' });
    isSettled = true;
    latest.add(frame, unixMs);
    if (fault) throw fault as Error;
  }
}
