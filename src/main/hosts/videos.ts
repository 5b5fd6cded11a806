// The videos of sessions: the file that the encoder writes, and what the store knows of it.
import { VIDEO_CODEC, WebmWriter } from '../video/webm-writer.ts';
import { makeSeekable } from '../video/seekable.ts';
import { MienError } from '../contract/errors.ts';
import type { Box } from '../core/geometry.ts';
import type { StoredSession, VideoPicture, VideoWriter } from '../engine/ports.ts';
import { makeFolder } from '../platform/folders.ts';
import type { RecordingStore } from '../store/recording-store.ts';
import { removeVideo, videoFolder, videoPath } from '../store/video-files.ts';

export class SessionVideoWriter implements VideoWriter {
  readonly #store: RecordingStore;
  readonly #id: string;
  readonly #writer: WebmWriter;
  /** On the session's clock, when the last picture came that was taken. */
  #lastMs = 0;

  private constructor(store: RecordingStore, id: string, writer: WebmWriter) {
    this.#store = store;
    this.#id = id;
    this.#writer = writer;
  }

  /** Begins the video of a session that is there. Throws store_unusable where its file cannot be made. */
  static async begin(store: RecordingStore, id: string): Promise<SessionVideoWriter> {
    await store.noteVideo({ kind: 'begin', id, codec: VIDEO_CODEC }); // a file that nobody knows of would never be removed
    try {
      makeFolder(videoFolder(store.folder), 0o700);
      return new SessionVideoWriter(store, id, WebmWriter.create(videoPath(store.folder, id)));
    } catch (cause) {
      await store.removeVideo(id, 'empty');
      const message = `Its file cannot be made in ${videoFolder(store.folder)}.`;
      throw new MienError('store_unusable', message, 'Allow writing to this folder.', { cause });
    }
  }

  get hasFailed(): boolean {
    return this.#writer.fault !== null;
  }

  frame(picture: VideoPicture, timeMs: number, masks: readonly Box[]): void {
    if (this.hasFailed) return;
    this.#lastMs = timeMs;
    this.#writer.frame(picture, timeMs, masks);
  }

  async close(): Promise<readonly string[]> {
    const written = await this.#writer.close();
    const { leftOut } = written;
    if (written.frames === 0) await this.#store.removeVideo(this.#id, 'empty');
    else await this.#store.noteVideo({ kind: 'end', id: this.#id, ...written });
    const { fault } = this.#writer;
    const at = (this.#lastMs / 1000).toFixed(1);
    return [
      ...(fault ? [`The video ends at about ${at} s; everything else goes on: ${fault.message}.`] : []),
      ...(leftOut > 0
        ? [`Frames that the video leaves out, because this machine was too slow for it: ${leftOut}.`]
        : []),
    ];
  }

  async discard(): Promise<void> {
    await this.#store.removeVideo(this.#id, 'withdrawn', () => this.#writer.abandon());
  }
}

/** Makes videos of recordings that broke off seekable, each once, before they are shown. */
export class BrokenOffVideos {
  readonly #store: RecordingStore;
  readonly #mended = new Map<string, Promise<void>>();

  constructor(store: RecordingStore) {
    this.#store = store;
  }

  /**
   * The session with its video as it can be shown; one that cannot be mended now stays unfinished, and the session can be looked at
   * without. Throws what the store says.
   */
  async mended(session: StoredSession): Promise<StoredSession> {
    const { id, state, video } = session;
    if (state === 'recording' || video?.state !== 'unfinished') return session;
    const mending = this.#mended.get(id) ?? this.#mend(id);
    this.#mended.set(id, mending);
    await mending.catch(() => undefined); // it is as it was, and is tried again the next time
    this.#mended.delete(id);
    return this.#store.session(id);
  }

  async #mend(id: string): Promise<void> {
    const recovered = await makeSeekable(videoPath(this.#store.folder, id));
    if (recovered) await this.#store.noteVideo({ kind: 'end', id, ...recovered, leftOut: null, masked: null });
    else await this.#store.removeVideo(id, 'empty');
    if (recovered && !this.#isKept(id)) await removeVideo(this.#store.folder, id); // it has put back what was removed meanwhile
  }

  #isKept(id: string): boolean {
    return this.#store.sessions().some((session) => session.id === id && session.video?.state === 'kept');
  }
}
