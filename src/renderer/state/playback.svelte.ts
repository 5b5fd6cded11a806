// The video of a session as it is played: its time is the session's. It tells its time with every picture that is shown.

/** A picture begins at a whole millisecond; asked for exactly there, a player may show the one before. */
const INTO_PICTURE_SECONDS = 0.0005;

export class Playback {
  #video: HTMLVideoElement | null = null;
  #seconds = $state.raw<number | null>(null);
  #isPlaying = $state(false);
  #hasFailed = $state(false);
  #lastSeconds = $state.raw(0);

  /** Where the video is, in seconds on the session's clock; null while there is none to be seen. */
  get seconds(): number | null {
    return this.#seconds;
  }

  /** Where it ends. */
  get lastSeconds(): number {
    return this.#lastSeconds;
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  /** Whether it cannot be shown. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Follows a video until what is returned is called. */
  follow(video: HTMLVideoElement): () => void {
    this.#video = video;
    const listening = new AbortController();
    const on = (name: keyof HTMLMediaElementEventMap, then: () => void): void =>
      video.addEventListener(name, then, { signal: listening.signal });
    const tell = (): void => void (this.#seconds = video.currentTime);
    on('loadedmetadata', () => {
      this.#lastSeconds = video.duration;
      tell();
    });
    on('play', () => (this.#isPlaying = true));
    on('pause', () => (this.#isPlaying = false));
    on('seeked', tell);
    on('timeupdate', tell); // where time goes on and no picture comes, as in a pause of the recording
    on('error', () => (this.#hasFailed = true));
    let asked = 0;
    const shown = (): void => {
      tell();
      asked = video.requestVideoFrameCallback(shown);
    };
    asked = video.requestVideoFrameCallback(shown);
    return () => {
      listening.abort();
      video.cancelVideoFrameCallback(asked);
      this.#video = null;
      this.#seconds = null;
      this.#isPlaying = false;
    };
  }

  toggle(): void {
    const video = this.#video;
    if (!video) return;
    if (video.paused)
      void video.play().catch(() => undefined); // it cannot be shown, which its error says, or was paused at once
    else video.pause();
  }

  /** Goes to a time; nothing happens where there is no video. */
  seek(seconds: number): void {
    if (!this.#video) return;
    this.#video.currentTime = Math.max(0, seconds) + INTO_PICTURE_SECONDS;
    this.#seconds = Math.max(0, seconds);
  }
}
