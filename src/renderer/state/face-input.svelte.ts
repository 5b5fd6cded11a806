// What the networks see of one face, asked for a few times a second while somebody looks.
import type { FaceInputMessage } from '../../main/contract/face-input.ts';
import type { LiveState } from './live.svelte.ts';

const PAUSE_MS = 250;

export class FaceInputs {
  #pictures = $state.raw<readonly FaceInputMessage[]>([]);

  /** One for each network; none before the first answer. */
  get pictures(): readonly FaceInputMessage[] {
    return this.#pictures;
  }

  /** Follows a face until the function that is returned is called. */
  follow(live: LiveState, track: number): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let leave = (): void => undefined;
    const ask = (): void => {
      const call = live.faceInput(track);
      leave = () => call.cancel();
      call.result
        .then((pictures) => (this.#pictures = pictures))
        .catch(() => undefined) // the face is out of view for a moment, or for good: then the card goes
        .finally(() => (timer = isLeft ? undefined : setTimeout(ask, PAUSE_MS)));
    };
    let isLeft = false;
    ask();
    return () => {
      isLeft = true;
      clearTimeout(timer);
      leave();
    };
  }
}
