// Of a recording that broke off, the video has no index: it is written again with one, without being encoded again.
import { rename, rm } from 'node:fs/promises';
import { chmodSync, closeSync, createReadStream, openSync, statSync } from 'node:fs';
import * as av from 'node-av/constants';
import { Dictionary, FFmpegError, FormatContext, Log, Packet, type Stream } from 'node-av/lib';

/** What is in a video that was made seekable. */
export interface RecoveredVideo {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly bytes: number;
}

/** What a file is called while it is written. */
export const unfinishedPath = (path: string): string => `${path}.part`;

/** What every group of pictures in a file begins with; the encoder begins one every half second. */
const CLUSTER = Buffer.from([0x1f, 0x43, 0xb6, 0x75]);

/**
 * Puts a seekable file with the same pictures in the place of one that broke off. Returns null where there is no picture in it; then
 * nothing is changed. Throws what FFmpeg and the system say, and where there are pictures that cannot be reached; the file is as it
 * was then.
 */
export async function makeSeekable(path: string): Promise<RecoveredVideo | null> {
  Log.setLevel(av.AV_LOG_QUIET);
  const target = unfinishedPath(path);
  await rm(target, { force: true }); // of a program that was killed while it made one
  const input = new FormatContext();
  const options = Dictionary.fromObject({ protocol_whitelist: 'file', format_whitelist: 'matroska,webm' });
  if ((await input.openInput(`file:${path}`, null, options)) < 0) {
    await checkEnd(path, 0, 0); // a header that is not whole has no code of its own
    return null;
  }
  try {
    await input.findStreamInfo(); // what it cannot say is said by the packets
    const stream = input.streams.at(0);
    if (!stream) {
      await checkEnd(path, 0, 0);
      return null;
    }
    closeSync(openSync(target, 'wx', 0o600));
    const { frames, end } = await copyPackets(input, stream, target);
    await checkEnd(path, end, 1);
    if (frames === 0) return null;
    await rename(target, path);
    return { width: stream.codecpar.width, height: stream.codecpar.height, frames, bytes: statSync(path).size };
  } finally {
    await input.closeInput();
    await rm(target, { force: true });
  }
}

/** FFmpeg takes damage, and a disk that fails, for the end of a file. Throws where more groups of pictures begin behind it. */
async function checkEnd(path: string, start: number, most: number): Promise<void> {
  let clusters = 0;
  let rest = Buffer.alloc(0);
  for await (const block of createReadStream(path, { start }) as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([rest, block]);
    for (let at = bytes.indexOf(CLUSTER); at >= 0; at = bytes.indexOf(CLUSTER, at + 1)) clusters++;
    rest = bytes.subarray(1 - CLUSTER.length);
  }
  if (clusters > most) throw new Error(`the video is damaged behind its byte ${start}`);
}

/** Returns how many there were, without the one that was being written when it broke off, and the byte behind the last of them. */
async function copyPackets(
  input: FormatContext,
  from: Stream,
  target: string,
): Promise<{ readonly frames: number; readonly end: number }> {
  const output = new FormatContext();
  FFmpegError.throwIfError(output.allocOutputContext2(null, 'webm', `file:${target}`), 'container');
  const to = output.newStream();
  FFmpegError.throwIfError(from.codecpar.copy(to.codecpar), 'container');
  to.codecpar.codecTag = 0;
  to.timeBase = from.timeBase;
  FFmpegError.throwIfError(await output.openOutput(), 'file');
  const packet = new Packet();
  packet.alloc();
  try {
    chmodSync(target, 0o600); // should it have been removed meanwhile, FFmpeg has made another one, for everybody
    FFmpegError.throwIfError(await output.writeHeader(), 'header');
    let [frames, end] = [0, 0];
    let code = await input.readFrame(packet);
    for (; code >= 0; code = await input.readFrame(packet)) {
      end = Number(packet.pos) + packet.size;
      packet.rescaleTs(from.timeBase, to.timeBase);
      packet.pos = -1n;
      FFmpegError.throwIfError(await output.interleavedWriteFrame(packet), 'writing');
      packet.unref();
      frames++;
    }
    if (code !== av.AVERROR_EOF && code !== av.AVERROR_INVALIDDATA) FFmpegError.throwIfError(code, 'reading');
    FFmpegError.throwIfError(await output.writeTrailer(), 'end of the file');
    return { frames, end };
  } finally {
    packet.free();
    await output.closeOutput();
    output.freeContext();
  }
}
