// Who wants to see what the networks see of a face: the next frame that goes to the networks brings the answers back.
import { MienError, asError } from '../contract/errors.ts';
import type { FaceInput } from '../core/face-input.ts';
import type { FrameAnalysis } from './ports.ts';

interface Wish {
  readonly segment: number;
  readonly resolve: (inputs: readonly FaceInput[]) => void;
  readonly reject: (error: Error) => void;
}

export const noConsent = (): MienError =>
  new MienError(
    'no_consent',
    'Nothing is computed of this face.',
    'Say first whose it is: somebody’s who has agreed to analysis.',
  );

export const faceGone = (): MienError =>
  new MienError('usage', 'This face is not in view any more.', 'Choose it again when it is back.');

export class FaceWishes {
  #open: Wish[] = [];

  /** Answered by the next frame; see {@link FrameWishes.answer} and {@link refuse} for what it throws. */
  ask(segment: number): Promise<readonly FaceInput[]> {
    return new Promise((resolve, reject) => this.#open.push({ segment, resolve, reject }));
  }

  /** The wishes that go with a frame. */
  take(): FrameWishes {
    return new FrameWishes(this.#open.splice(0));
  }

  /** No frame will come. */
  refuse(message: string, remedy: string): void {
    for (const { reject } of this.#open.splice(0)) reject(new MienError('interrupted', message, remedy));
  }
}

class FrameWishes {
  readonly #wishes: readonly Wish[];

  constructor(wishes: readonly Wish[]) {
    this.#wishes = wishes;
  }

  /** The segments that are asked for. */
  get segments(): readonly number[] {
    return [...new Set(this.#wishes.map(({ segment }) => segment))];
  }

  /** Whoever asked for a face that is not in this frame, or that must not be estimated any more, is refused. */
  answer({ report, inputs = [] }: FrameAnalysis): void {
    for (const { segment, resolve, reject } of this.#wishes) {
      const found = inputs.find((face) => face.segment === segment);
      if (found) resolve(found.inputs);
      else reject(report.faces.some((face) => face.segment === segment) ? noConsent() : faceGone());
    }
  }

  fail(error: unknown): void {
    for (const { reject } of this.#wishes) reject(asError(error));
  }
}
