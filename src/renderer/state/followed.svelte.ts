// What the program answers to a question that is asked a few times a second while somebody looks.

const PAUSE_MS = 250;

/** A call under way. */
interface Asked<T> {
  readonly result: Promise<T>;
  cancel(): void;
}

export class Followed<T> {
  #answer = $state.raw<T | null>(null);

  /** Null before the first answer. */
  get answer(): T | null {
    return this.#answer;
  }

  /** Asks again and again until the function that is returned is called. A question that fails is asked again. */
  follow(question: () => Asked<T>): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let leave = (): void => undefined;
    const ask = (): void => {
      const call = question();
      leave = () => call.cancel();
      call.result
        .then((answer) => (this.#answer = answer))
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
